package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.CAT;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits for a destination that does not answer costs nothing, and loses nothing. */
class QueueDeadDestinationTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static final EnhancedStatus NO_DOMAIN = new EnhancedStatus(5, 1, 2);

  private final QueueFixture f;

  QueueDeadDestinationTest(@TempDir Path folder) throws IOException {
    this.f =
        new QueueFixture(
            folder, "retryIntervals: [1m, 10m], expireAfter: 2h, delayNotificationAfter: 30m");
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  private void acceptForTheDead(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      f.accept(new MailAddress("sender" + i, "example.org"), ANN);
    }
  }

  private long attemptsFor(MailAddress recipient) {
    return f.attempted().stream().filter(each -> each.contains(recipient)).count();
  }

  @Test
  void leavesAHostAloneThatIsRememberedNotToAnswerAndCountsThatApart() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.DEAD_HOST));
    acceptForTheDead(50);
    f.queue.startDue();
    assertThat(attemptsFor(ANN)).isBetween(1L, 5L);
    assertThat(f.metrics.counter("bridgehead.messages.deferred", "reason", "dead_host").count())
        .isEqualTo(attemptsFor(ANN));
    assertThat(f.metrics.find("bridgehead.messages.deferred").tag("reason", "connect").counters())
        .isEmpty();
  }

  @Test
  void holdsNothingAgainstAHostThatDoesNotDoForOneSenderOnly() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REQUIRETLS));
    acceptForTheDead(1);
    f.queue.startDue();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(attemptsFor(ANN)).isEqualTo(2);
    assertThat(f.metrics.counter("bridgehead.messages.delivered").count()).isEqualTo(1);
  }

  @Test
  void makesOneAttemptAnIntervalAndNoneForTheRest() throws Exception {
    acceptForTheDead(500);
    f.queue.startDue();
    f.passing(Duration.ofMinutes(25), MINUTE);
    assertThat(attemptsFor(ANN)).isBetween(5L, 12L);
    assertThat(f.queue.queued()).isEqualTo(500);
    assertThat(f.metrics.counter("bridgehead.messages.deferred", "reason", "connect").count())
        .isEqualTo(attemptsFor(ANN));
  }

  @Test
  void deliversToOthersMeanwhile() throws Exception {
    acceptForTheDead(100);
    f.queue.startDue();
    f.accept(SENDER, CAT);
    f.queue.startDue();
    assertThat(attemptsFor(CAT)).isOne();
  }

  @Test
  void deliversEverythingWhenItIsBack() throws Exception {
    acceptForTheDead(300);
    f.queue.startDue();
    f.passing(Duration.ofMinutes(10), MINUTE);
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.passing(Duration.ofMinutes(11), MINUTE);
    assertThat(f.queue.queued()).isZero();
    assertThat(f.metrics.counter("bridgehead.messages.delivered").count()).isEqualTo(300);
  }

  @Test
  void tellsEverySenderOnceThatItTakesLonger() throws Exception {
    acceptForTheDead(50);
    f.queue.startDue();
    f.passing(Duration.ofMinutes(29), MINUTE);
    assertThat(f.hop.content(new MailAddress("sender7", "example.org"))).isEmpty();
    f.passing(Duration.ofMinutes(2), MINUTE);
    for (int i = 0; i < 50; i++) {
      MailAddress sender = new MailAddress("sender" + i, "example.org");
      assertThat(f.hop.content(sender)).contains("Action: delayed\r\n");
      assertThat(attemptsFor(sender)).isOne();
    }
    f.restart();
    f.passing(Duration.ofMinutes(60), MINUTE);
    assertThat(attemptsFor(new MailAddress("sender7", "example.org")))
        .as("not again after a restart")
        .isOne();
  }

  @Test
  void givesEveryMessageUpInTimeWithoutAnAttemptOfItsOwn() throws Exception {
    acceptForTheDead(50);
    f.queue.startDue();
    f.passing(Duration.ofMinutes(119), MINUTE);
    assertThat(f.queue.queued()).isEqualTo(50);
    f.passing(Duration.ofMinutes(2), MINUTE);
    assertThat(f.queue.queued()).isZero();
    assertThat(attemptsFor(ANN)).isLessThan(50);
    for (int i = 0; i < 50; i++) {
      assertThat(f.hop.content(new MailAddress("sender" + i, "example.org")))
          .contains("Action: failed\r\n", "Status: 4.4.7\r\n", "given up after 2 hours; at last:");
    }
    assertThat(f.metrics.counter("bridgehead.messages.failed", "reason", "expired").count())
        .isEqualTo(50);
    f.restart();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void returnsAtOnceEverythingForADomainThatDoesNotExist() throws Exception {
    f.hop.answer(
        ANN,
        new Outcome.Failed(new Diagnostic(Reason.DNS, NO_DOMAIN, "no such domain", null, null)));
    acceptForTheDead(20);
    f.queue.startDue();
    assertThat(f.queue.queued()).isZero();
    assertThat(attemptsFor(ANN)).isEqualTo(20);
  }

  @Test
  void asksAgainAtARestart() throws Exception {
    acceptForTheDead(20);
    f.queue.startDue();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.restart();
    f.queue.startDue();
    f.passing(Duration.ofMinutes(2), MINUTE);
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void isNotTakenForDeadForOneMessagesBrokenSession() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECTION_LOST));
    MailAddress ben = QueueFixture.BEN;
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.accept(SENDER, ben);
    f.queue.startDue();
    assertThat(attemptsFor(ben)).isOne();
  }
}
