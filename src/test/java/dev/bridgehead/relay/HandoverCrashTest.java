package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A drain whose connections break anywhere and whose pods die at any moment: every message goes to
 * the next hop, and none of them twice. {@code -Dseed=…} repeats one.
 */
class HandoverCrashTest {
  private static final int MESSAGES = 60;
  private static final int CRASHES = 4;
  private static final Duration SOON = Duration.ofSeconds(Integer.getInteger("soon", 60));

  @TempDir private Path folder = Path.of("");

  static Stream<Long> seeds() {
    Long one = Long.getLong("seed");
    long first = System.nanoTime();
    int count = Integer.getInteger("seeds", 6);
    return one == null ? LongStream.range(first, first + count).boxed() : Stream.of(one);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void losesNothingAndDeliversNothingTwice(long seed) throws Exception {
    Random random = new Random(seed * 0x9e3779b97f4a7c15L); // the first dice of near seeds agree
    try (SiblingPods pods = new SiblingPods(folder, seed)) {
      // Else what the copied process still delivers would count twice.
      boolean stays = random.nextBoolean();
      pods.stays().routeTo(stays ? "dead.example.net" : "alive.example.net", null);
      pods.stays().start();
      pods.goes().start();
      pods.goes().accept(MESSAGES, "m");

      pods.goes().routeTo("dead.example.net", 1);
      for (int i = 0; i < CRASHES; i++) {
        pods.goes().toSibling().cut(random.nextInt(15));
        awaitSome(random);
        SiblingPods.Pod victim = stays && random.nextBoolean() ? pods.stays() : pods.goes();
        victim.die();
        awaitSome(random);
        victim.start();
      }
      pods.goes().toSibling().cut(0);

      pods.goes().awaitDrain("empty");
      pods.stays().routeTo("dead.example.net", null);
      pods.stays().routeTo("alive.example.net", null); // what was put off is due now
      List<String> sent =
          IntStream.range(0, MESSAGES).mapToObj(i -> "m-" + i + "@example.com").toList();
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(pods.arrived)
                      .as("seed %d", seed)
                      .hasSizeGreaterThanOrEqualTo(MESSAGES));
      await().atMost(SOON).until(() -> pods.stays().queued() == 0);
      assertThat(pods.arrived).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(sent);
      // Nothing is remembered for ever: it could be drained itself.
      pods.stays().routeTo("alive.example.net", 0);
      pods.stays().awaitDrain("empty");
    }
  }

  /** Up to the time that handing all of it over takes. */
  private static void awaitSome(Random random) {
    long until = System.nanoTime() + random.nextLong(60_000_000);
    await().pollInterval(Duration.ofMillis(1)).until(() -> System.nanoTime() - until >= 0);
  }
}
