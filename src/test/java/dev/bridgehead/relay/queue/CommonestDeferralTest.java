package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.BEN;
import static dev.bridgehead.relay.queue.QueueFixture.CAT;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** "Why is my mail not moving": what a relay says of its queue. */
class CommonestDeferralTest {
  private static final Diagnostic NOWHERE =
      new Diagnostic(Reason.DNS, new EnhancedStatus(4, 4, 3), "no answer", null, null);

  private final QueueFixture f;

  CommonestDeferralTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  private Optional<Deferral> told() {
    f.after(Duration.ofSeconds(11)); // it is counted every 10 s
    return f.queue.tools().commonestDeferral();
  }

  @Test
  void isNothingWhereAllMailMoves() throws Exception {
    assertThat(told()).isEmpty();
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(f.queue.queued()).isZero();
    assertThat(told()).isEmpty();
  }

  @Test
  void isWhatMostMessagesWaitForEachCountedOnce() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    f.hop.answer(BEN, ScriptedDelivery.deferred(Reason.REPLY));
    f.hop.answer(CAT, new Outcome.Deferred(NOWHERE));
    f.accept(SENDER, CAT);
    f.accept(SENDER, ANN, BEN);
    f.accept(SENDER, ANN, CAT);
    f.accept(SENDER, ANN);
    f.queue.startDue();

    assertThat(told())
        .contains(
            new Deferral(
                3, "mx.example", Reason.REPLY, new EnhancedStatus(4, 1, 1), "mx.example answered"));
  }

  @Test
  void countsWhatWaitsForADestinationThatIsLeftAloneWithoutAnAttemptOfItsOwn() throws Exception {
    f.hop.answer(ANN, new Outcome.Deferred(NOWHERE));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    for (int i = 0; i < 9; i++) {
      f.accept(SENDER, ANN);
    }
    f.queue.startDue();
    assertThat(f.attempted()).as("left alone").hasSize(1);

    assertThat(told())
        .contains(
            new Deferral(10, "one.example", Reason.DNS, new EnhancedStatus(4, 4, 3), "no answer"));
  }

  @Test
  void doesNotCountWhatWaitsForAPersonAndForgetsWhatMovesAgain() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    StoredMessage held = f.accept(SENDER, ANN);
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(f.queue.tools().carryOut(Command.HOLD, List.of(held.id())).done()).isOne();
    assertThat(told().map(Deferral::messages)).contains(1L);

    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.after(Duration.ofMinutes(2));

    assertThat(f.queue.queued()).as("the one that is held").isOne();
    assertThat(told()).isEmpty();
  }

  @Test
  void staysNamedWhileItIsProbed() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.accept(SENDER, ANN);
    f.hop.meanwhile(
        _ ->
            assertThat(f.queue.tools().commonestDeferral().map(Deferral::messages))
                .as("during the probe")
                .contains(2L));

    f.after(Duration.ofMinutes(10));

    assertThat(f.attempted()).hasSizeGreaterThan(1);
  }

  @Test
  void namesTheDestinationOfTheOldestOfSeveralThatAreEquallyCommon() throws Exception {
    MailAddress dan = new MailAddress("dan", "three.example");
    f.hop.answer(dan, new Outcome.Deferred(NOWHERE));
    f.hop.answer(CAT, new Outcome.Deferred(NOWHERE));
    f.accept(SENDER, dan);
    f.after(Duration.ofSeconds(1));
    f.accept(SENDER, CAT);
    f.queue.startDue();

    assertThat(told().map(Deferral::nextHop)).contains("three.example");
  }
}
