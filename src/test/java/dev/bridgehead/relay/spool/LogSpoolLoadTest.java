package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many sessions and deliveries at once, with all threads of the spool, on a real disk. */
class LogSpoolLoadTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope ENVELOPE =
      new Envelope(ANN, List.of(ANN, ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);
  private static final LogSpool.Options SMALL = new LogSpool.Options(1 << 20, true, new Random());

  private final Path folder;
  private final Map<QueueId, byte[]> live = new ConcurrentHashMap<>();

  LogSpoolLoadTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private LogSpool open() throws IOException {
    return LogSpool.open(
        folder, new LocalDisk(), Clock.systemUTC(), new SimpleMeterRegistry(), SMALL);
  }

  @Test
  void keepsEachMessageOfManySessionsUntilItIsDone() throws Exception {
    long seed = new Random().nextLong();
    for (int start = 0; start < 3; start++) {
      try (LogSpool spool = open();
          ExecutorService sessions = Executors.newVirtualThreadPerTaskExecutor()) {
        assertThat(Spools.recovered(spool).stream().map(StoredMessage::id))
            .as("seed %d", seed)
            .containsExactlyInAnyOrderElementsOf(live.keySet());
        List<Future<?>> running = new ArrayList<>();
        for (int session = 0; session < 20; session++) {
          Random random = new Random(seed + 100L * start + session);
          running.add(sessions.submit(() -> session(spool, random)));
        }
        for (Future<?> each : running) {
          each.get();
        }
      }
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).hasSameSizeAs(live.keySet());
      for (Map.Entry<QueueId, byte[]> each : live.entrySet()) {
        assertThat(content(spool, each.getKey())).as("seed %d", seed).isEqualTo(each.getValue());
        spool.record(each.getKey(), MessageState.DONE);
      }
      assertThat(spool.liveBytes()).isZero();
      // What stays: the segment that is written, one that is ready, and one in hand.
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(spool.bytes()).isLessThan(4L << 20));
    }
  }

  private void session(LogSpool spool, Random random) {
    try {
      for (int i = 0; i < 60; i++) {
        byte[] content = new byte[random.nextInt(i % 20 == 0 ? 400_000 : 12_000)];
        random.nextBytes(content);
        QueueId id;
        try (Intake intake = spool.open(0)) {
          intake.write(content, 0, content.length);
          id = intake.commit(ENVELOPE).id();
        }
        live.put(id, content);
        spool.record(id, Spools.state(2, Set.of(1), i, Instant.EPOCH));
        if (!Arrays.equals(content(spool, id), content)) {
          throw new AssertionError("another content");
        }
        if (random.nextInt(10) > 0) {
          live.remove(id);
          spool.record(id, MessageState.DONE);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] content(LogSpool spool, QueueId id) throws IOException {
    try (InputStream in = spool.content(id)) {
      return in.readAllBytes();
    }
  }
}
