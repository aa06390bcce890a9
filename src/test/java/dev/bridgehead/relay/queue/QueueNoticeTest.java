package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.CAT;
import static dev.bridgehead.relay.queue.QueueFixture.POSTMASTER;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told what, and what is held for want of somebody to tell. */
class QueueNoticeTest {
  private final QueueFixture f;

  QueueNoticeTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  @Test
  void returnsToTheSenderWhatFails() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    assertThat(f.attempted())
        .containsExactlyInAnyOrder(List.of(ANN), List.of(CAT), List.of(SENDER));
    assertThat(f.hop.attempts())
        .filteredOn(attempt -> attempt.recipients().contains(SENDER))
        .allMatch(attempt -> attempt.envelope().reversePath() == null)
        .allMatch(attempt -> attempt.envelope().notice());
    assertThat(f.hop.content(SENDER))
        .contains("Final-Recipient: rfc822; ann@one.example\r\n")
        .contains("Status: 5.1.1\r\n")
        .doesNotContain("cat@two.example");
    assertThat(f.queue.queued()).isZero();
    assertThat(f.metrics.counter("bridgehead.messages.failed", "reason", "reply").count()).isOne();
  }

  @Test
  void returnsWhatExpiresAtTheTimeItDoes() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.TIMEOUT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.after(Duration.ofMinutes(59));
    assertThat(f.hop.content(SENDER)).isEmpty();
    f.after(Duration.ofMinutes(1));
    assertThat(f.hop.content(SENDER))
        .contains("Status: 4.4.7\r\n")
        .contains("given up after 1 hour; at last: mx.example answered");
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void givesNobodyUpForAnAttemptThatItBrokeOffItself() throws Exception {
    f.hop.answer(
        ANN,
        _ -> {
          stopAtOnce();
          return ScriptedDelivery.deferred(Reason.CONNECTION_LOST);
        });
    f.accept(SENDER, ANN);
    f.clock.advance(Duration.ofDays(3));
    f.queue.startDue();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.restart();
    f.after(Duration.ofMinutes(12));
    assertThat(f.attempted()).containsExactly(List.of(ANN), List.of(ANN));
    assertThat(f.queue.queued()).isZero();
  }

  private void stopAtOnce() {
    try {
      f.queue.stop(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void triesOnceMoreWhatExpiredWhileTheRelayWasDown() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.TIMEOUT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.clock.advance(Duration.ofDays(3));
    f.restart();
    f.queue.startDue();
    assertThat(f.attempted()).containsExactly(List.of(ANN), List.of(ANN));
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  @DisplayName("case 25: a notice that fails goes to the postmaster")
  void givesTheFailureOfANoticeToThePostmaster() throws Exception {
    f.configure("postmaster: postmaster@example.com");
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(null, ANN);
    f.queue.startDue();
    assertThat(f.attempted()).containsExactly(List.of(ANN), List.of(POSTMASTER));
    assertThat(f.hop.content(POSTMASTER)).contains("To: <postmaster@example.com>\r\n");
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void holdsWhatNobodyTakesAndNeverTriesItUnasked() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(null, ANN);
    f.queue.startDue();
    assertThat(f.queue.queued()).isOne();
    assertThat(f.held()).isOne();
    f.restart();
    f.after(Duration.ofDays(30));
    assertThat(f.hop.attempts()).hasSize(1);
    assertThat(f.metrics.get("bridgehead.queue.messages").tag("class", "held").gauge().value())
        .isOne();
  }

  @Test
  void countsNoFailureOfWhatIsHeldSinceNobodyCanBeTold() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    StoredMessage held = f.accept(null, ANN);
    f.queue.startDue();
    assertThat(f.queue.tools().carryOut(Command.BOUNCE, List.of(held.id())).failed()).isOne();
    assertThat(f.held()).isOne();
    assertThat(f.metrics.find("bridgehead.messages.failed").counters()).isEmpty();
    assertThat(f.metrics.counter("bridgehead.messages.deferred", "reason", "reply").count())
        .isOne();
  }

  /** RFC 3464 §2.3.7. */
  @Test
  void namesTheLastAttemptOnlyInWhatAnAttemptCameTo() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(f.hop.content(SENDER)).contains("Last-Attempt-Date: ");
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    StoredMessage deferred = f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(f.queue.tools().carryOut(Command.BOUNCE, List.of(deferred.id())).done()).isOne();
    f.queue.startDue();
    assertThat(f.hop.content(SENDER))
        .contains("returned by the postmaster")
        .doesNotContain("Last-Attempt-Date");
  }

  @Test
  void releasesWhatIsHeldWhenThereIsAPostmaster() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(null, ANN);
    f.queue.startDue();
    f.configure("postmaster: postmaster@example.com");
    f.queue.startDue();
    assertThat(f.attempted()).endsWith(List.of(ANN), List.of(POSTMASTER));
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void holdsAPostmastersNoticeThatFails() throws Exception {
    f.configure("postmaster: postmaster@example.com");
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.hop.answer(POSTMASTER, ScriptedDelivery.failed());
    f.accept(null, ANN);
    f.queue.startDue();
    f.after(Duration.ofDays(2));
    assertThat(f.attempted()).containsExactly(List.of(ANN), List.of(POSTMASTER));
    assertThat(f.held()).isOne();
  }

  @Test
  void releasesWhatIsHeldAtARestartWithAPostmaster() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(null, ANN);
    f.queue.startDue();
    f.restart();
    assertThat(f.held()).isOne();
    f.configure("postmaster: postmaster@example.com");
    f.restart();
    f.queue.startDue();
    assertThat(f.hop.content(POSTMASTER)).contains("ann@one.example");
    assertThat(f.queue.queued()).isZero();
  }
}
