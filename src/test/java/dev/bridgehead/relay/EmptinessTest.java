package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.MessageState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a drained relay may go. */
class EmptinessTest {
  private final LogSpool spool;
  private final AtomicInteger queued = new AtomicInteger();

  EmptinessTest(@TempDir Path folder) throws IOException {
    spool = LogSpool.open(folder, new LocalDisk(), Clock.systemUTC());
  }

  @AfterEach
  void close() throws IOException {
    spool.close();
  }

  private QueueId store() throws IOException {
    try (Intake intake = spool.open(0)) {
      MailAddress ann = new MailAddress("ann", "example.com");
      return intake
          .commit(new Envelope(null, List.of(ann), BodyType.SEVEN_BIT, false, Instant.EPOCH, false))
          .id();
    }
  }

  @Test
  void isNotReachedWhileTheSpoolHoldsWhatTheQueueDoesNotKnow() throws IOException {
    Emptiness empty = new Emptiness(() -> true, () -> true, queued::get, spool);
    assertThat(empty.reached()).isTrue();

    QueueId notice = store();
    assertThat(empty.reached()).isFalse();

    spool.record(notice, MessageState.DONE);
    assertThat(empty.reached()).isTrue();
  }

  @Test
  void isNotReachedWhereTheLastSessionOrTheLastSiblingHasJustBroughtSomething() {
    Emptiness afterSession =
        new Emptiness(() -> queued.incrementAndGet() > 0, () -> true, queued::get, spool);
    assertThat(afterSession.reached()).isFalse();

    queued.set(0);
    Emptiness afterSibling =
        new Emptiness(() -> true, () -> queued.incrementAndGet() > 0, queued::get, spool);
    assertThat(afterSibling.reached()).isFalse();
  }
}
