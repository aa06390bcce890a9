package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.BEN;
import static dev.bridgehead.relay.queue.QueueFixture.CAT;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.spool.Spools;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told, where the client said who wants to be (RFC 3461). */
class QueueDsnTest {
  private static final String TERMS =
      "retryIntervals: [1m, 5m], expireAfter: 2h, delayNotificationAfter: 30m";

  private final QueueFixture f;

  QueueDsnTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder, TERMS);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  @Test
  void tellsNobodyOfAFailureThatNobodyWantsToHearOf() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(SENDER, QueueFixture.asking(), ANN);
    f.queue.startDue();
    assertThat(f.attempted()).containsExactly(List.of(ANN));
    assertThat(f.queue.queued()).isZero();
    f.restart();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void tellsOfSuccessWhereTheNextHopDoesNot() throws Exception {
    f.accept(SENDER, QueueFixture.asking(Notify.SUCCESS), ANN);
    f.queue.startDue();
    assertThat(f.hop.content(SENDER)).contains("Action: relayed\r\n");
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void leavesSuccessToANextHopThatTellsOfIt() throws Exception {
    f.hop.answer(
        ANN, new Outcome.Delivered("mx.example", new Reply(250, null, List.of("ok")), true));
    f.accept(SENDER, QueueFixture.asking(Notify.SUCCESS), ANN);
    f.queue.startDue();
    assertThat(f.attempted()).containsExactly(List.of(ANN));
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void hasTheNoticeOfAnEarlyDeliveryOnDiskWithItAndTellsNobodyTwice() throws Exception {
    List<StoredMessage> found = new ArrayList<>();
    f.hop.meanwhile(
        attempt -> {
          if (!attempt.envelope().notice()) {
            attempt.progress().delivered(Map.of(0, ScriptedDelivery.DELIVERED));
            found.addAll(f.afterACrash());
          }
        });
    DsnParameters.ForRecipient asked = new DsnParameters.ForRecipient(Set.of(Notify.SUCCESS), null);
    f.accept(
        SENDER,
        new DsnParameters(null, null, List.of(asked, DsnParameters.ForRecipient.NONE)),
        ANN,
        BEN);
    f.queue.startDue();
    assertThat(found).hasSize(2);
    assertThat(Spools.settled(found.getFirst())).containsExactly(0);
    assertThat(found.getLast().envelope().notice()).isTrue();
    assertThat(found.getLast().envelope().recipients()).containsExactly(SENDER);
    assertThat(notices()).isOne();
    assertThat(f.hop.content(SENDER)).contains("Action: relayed\r\n", "ann@one.example");
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void tellsOfEachKindInANoticeOfItsOwnAndOfTheRestLater() throws Exception {
    f.hop.answer(BEN, ScriptedDelivery.failed());
    f.hop.answer(CAT, ScriptedDelivery.deferred(Reason.REPLY));
    Set<Notify> everything = Set.of(Notify.SUCCESS, Notify.FAILURE, Notify.DELAY);
    DsnParameters.ForRecipient each = new DsnParameters.ForRecipient(everything, null);
    f.accept(SENDER, new DsnParameters(null, null, List.of(each, each, each)), ANN, BEN, CAT);
    f.queue.startDue();
    assertThat(notices()).isEqualTo(2);
    f.passing(Duration.ofMinutes(40), Duration.ofMinutes(1));
    assertThat(notices()).isEqualTo(3);
    assertThat(f.hop.content(SENDER)).contains("Action: delayed\r\n", "cat@two.example");
    assertThat(f.queue.queued()).isOne();
  }

  private long notices() {
    return f.attempted().stream().filter(each -> each.contains(SENDER)).count();
  }

  @Test
  void tellsOnceThatItTakesLongerWhateverIsTriedMeanwhile() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    f.accept(SENDER, ANN);
    f.passing(Duration.ofMinutes(29), Duration.ofMinutes(1));
    assertThat(notices()).isZero();
    f.passing(Duration.ofMinutes(80), Duration.ofMinutes(1));
    assertThat(notices()).isOne();
    assertThat(f.hop.content(SENDER)).contains("Action: delayed\r\n", "User unknown");
  }

  @Test
  void tellsOfNoDelayWhereOnlyFailureIsAskedForOrThereIsNoReturnAddress() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    f.accept(SENDER, QueueFixture.asking(Notify.FAILURE), ANN);
    f.accept(null, ANN);
    f.passing(Duration.ofMinutes(100), Duration.ofMinutes(1));
    assertThat(notices()).isZero();
    assertThat(f.queue.queued()).isEqualTo(2);
  }

  @Test
  void keepsAttemptsAndDelayOfEachGroupOverARestart() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    f.hop.answer(CAT, ScriptedDelivery.deferred(Reason.REPLY));
    f.accept(SENDER, ANN, CAT);
    f.passing(Duration.ofMinutes(3), Duration.ofMinutes(1));
    Selection toOne = new Selection("one.example", null, null, null);
    assertThat(f.queue.tools().carryOut(Command.FLUSH, toOne).done()).isOne();
    f.queue.startDue();
    List<Integer> before = attempts();
    f.restart();
    assertThat(attempts()).isEqualTo(before);
    assertThat(before.stream().distinct().count()).as("they differ: " + before).isEqualTo(2);
  }

  private List<Integer> attempts() {
    List<Integer> attempts = new ArrayList<>();
    assertThat(
            f.queue.tools().list(Selection.ALL, 10, (entry, _) -> attempts.add(entry.attempts())))
        .isZero();
    return attempts.stream().sorted().toList();
  }
}
