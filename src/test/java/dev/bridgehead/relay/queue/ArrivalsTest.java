package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of messages that were taken over. */
class ArrivalsTest {
  private static final UUID SPOOL = UUID.fromString("6d5e2f3a-0000-4000-8000-000000000001");
  private static final QueueId THEIRS = new QueueId("0123456789ABCDEF");
  private static final Duration SILENCE = Duration.ofHours(1);

  private final QueueFixture f;

  ArrivalsTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  private void takeOver() throws IOException {
    Envelope envelope =
        new Envelope(SENDER, List.of(ANN), BodyType.SEVEN_BIT, false, f.clock.instant(), false)
            .from(new Origin(SPOOL, THEIRS, f.clock.instant()));
    try (Intake intake = f.spool.takeOver(0, f.clock.instant())) {
      f.queue.enqueue(intake.commit(envelope, MessageState.fresh(envelope)));
    }
    f.queue.startDue();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void areRememberedHoweverFarTheWallClockIsSetForwardAndAfterAStart() throws IOException {
    takeOver();
    f.clock.advance(Duration.ofDays(400));

    assertThat(f.queue.arrivals().expire(SILENCE)).isZero();
    f.restart();
    assertThat(f.queue.arrivals().expire(SILENCE)).isZero();
    assertThat(f.queue.arrivals().known(SPOOL, THEIRS)).isPresent();
  }

  @Test
  void areForgottenOnceTheirRelayHasSaidNothingForSoLong() throws IOException {
    takeOver();

    assertThat(f.queue.arrivals().expire(Duration.ZERO)).isOne();
    f.restart();
    assertThat(f.queue.arrivals().known(SPOOL, THEIRS)).isEmpty();
  }
}
