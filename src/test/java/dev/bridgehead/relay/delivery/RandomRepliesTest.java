package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever two next hops answer: one outcome per recipient, never an exception. */
class RandomRepliesTest {
  private static final List<String> REPLIES =
      List.of(
          "250 Ok",
          "250 Ok",
          "250 Ok",
          "250-a\r\n250-PIPELINING\r\n250 SIZE",
          "220 hello",
          "354 go on",
          "421 bye",
          "450 4.2.0 later",
          "452 4.5.3 too many",
          "500 what?",
          "550 5.1.1 no",
          "552 too many",
          "554 5.7.1 no",
          "334 VXNlcm5hbWU6",
          "250-a\r\n550 b",
          "<html>",
          "250 " + "x".repeat(3000),
          "",
          ScriptedHost.CLOSE);

  private static final Timeouts QUICK = timeouts(Duration.ofMillis(100));

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void comeToOneOutcomePerRecipient(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 40; round++) {
      int recipients = 1 + random.nextInt(5);
      int friendliness = random.nextInt(10);
      try (ScriptedHost one = capricious(random.nextLong(), friendliness);
          ScriptedHost other = capricious(random.nextLong(), friendliness);
          SmtpDelivery delivery = Deliveries.to(one, other).timeouts(QUICK).start()) {
        String[] to =
            IntStream.range(0, recipients)
                .mapToObj(i -> "r" + i + "@x.test")
                .toArray(String[]::new);

        List<Outcome> outcomes = delivery.attempt(Deliveries.message(to));

        assertThat(outcomes).as("seed %d, round %d", seed, round).hasSize(recipients);
        assertThat(outcomes)
            .as("seed %d, round %d", seed, round)
            .noneMatch(RandomRepliesTest::internalError);
        long delivered = outcomes.stream().filter(Outcome.Delivered.class::isInstance).count();
        int taken = one.messages().size() + other.messages().size();
        assertThat(delivered == 0 || taken > 0).as("seed %d, round %d", seed, round).isTrue();
      }
    }
  }

  private static boolean internalError(Outcome outcome) {
    return outcome instanceof Outcome.Deferred(var why) && why.text().startsWith("internal error");
  }

  private static ScriptedHost capricious(long seed, int friendliness) {
    Random random = new Random(seed);
    return ScriptedHost.answering(
        (stage, session) -> {
          synchronized (random) {
            return random.nextInt(10) < friendliness
                ? Optional.empty()
                : Optional.of(REPLIES.get(random.nextInt(REPLIES.size())));
          }
        });
  }

  private static Timeouts timeouts(Duration all) {
    return new Timeouts(
        Duration.ofSeconds(2),
        all,
        all,
        all,
        all,
        all,
        all,
        Duration.ofSeconds(5),
        all,
        Duration.ofSeconds(5));
  }
}
