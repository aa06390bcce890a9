package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.BEN;
import static dev.bridgehead.relay.queue.QueueFixture.CAT;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a postmaster's commands do, and that a restart knows of them. */
class QueueToolsTest {
  private static final Selection TO_TWO = new Selection("TWO.example", null, null, null);

  private final QueueFixture f;

  QueueToolsTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @BeforeEach
  void nobodyTakesAnythingNow() {
    for (MailAddress each : List.of(ANN, BEN, CAT)) {
      f.hop.answer(each, ScriptedDelivery.deferred(Reason.REPLY));
    }
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  private QueueTools.Result carryOut(Command command, StoredMessage... messages)
      throws IOException {
    return f.queue
        .tools()
        .carryOut(command, List.of(messages).stream().map(StoredMessage::id).toList());
  }

  private List<QueueEntry> listed(Selection selection) {
    List<QueueEntry> entries = new ArrayList<>();
    assertThat(f.queue.tools().list(selection, 1000, (entry, _) -> entries.add(entry))).isZero();
    return entries;
  }

  @Test
  void keepsAHeldMessageFromBeingTriedUntilItIsReleasedOverARestart() throws Exception {
    StoredMessage message = f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(carryOut(Command.HOLD, message).done()).isOne();
    f.restart();
    f.after(Duration.ofDays(3));
    assertThat(f.attempted()).hasSize(1);
    assertThat(f.held()).isOne();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    assertThat(carryOut(Command.RELEASE, message).done()).isOne();
    f.queue.startDue();
    assertThat(f.queue.queued()).isZero();
    assertThat(f.attempted()).containsExactly(List.of(ANN), List.of(ANN));
  }

  @Test
  void triesAFlushedMessageNow() throws Exception {
    StoredMessage message = f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(carryOut(Command.FLUSH, message).done()).isOne();
    f.queue.startDue();
    assertThat(f.attempted()).hasSize(2);
  }

  @Test
  void asksADeadDestinationAtOnceWhenItIsFlushed() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.accept(SENDER, BEN);
    f.queue.startDue();
    assertThat(f.attempted()).as("left alone").hasSize(1);
    assertThat(listed(Selection.ALL))
        .extracting(QueueEntry::standing)
        .containsOnly(Standing.WAITING);
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.hop.answer(BEN, ScriptedDelivery.DELIVERED);
    Selection toOne = new Selection("one.example", null, null, null);
    assertThat(f.queue.tools().carryOut(Command.FLUSH, toOne).done()).isPositive();
    f.queue.startDue();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void removesAMessageForGoodAndTellsNobody() throws Exception {
    StoredMessage message = f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    assertThat(carryOut(Command.REMOVE, message).done()).isOne();
    assertThat(f.queue.queued()).isZero();
    f.restart();
    f.after(Duration.ofHours(2));
    assertThat(f.queue.queued()).isZero();
    assertThat(f.hop.content(SENDER)).isEmpty();
    assertThat(carryOut(Command.REMOVE, message).missing()).containsExactly(message.id());
  }

  @Test
  void actsOnlyOnTheGroupsThatAreSelected() throws Exception {
    f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    assertThat(f.queue.tools().carryOut(Command.REMOVE, TO_TWO).done()).isOne();
    f.restart();
    assertThat(listed(Selection.ALL))
        .extracting(QueueEntry::destination)
        .containsExactly("one.example");
  }

  @Test
  void actsOnTheGroupThatMatchesAndNotOnAnotherThatNowGoesTheSameWay() throws Exception {
    f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    f.destination = _ -> new Destination.SmartHosts();
    f.configure("addressSpaces: [{domain: one.example}]");
    f.queue.startDue();
    Selection toAnn = new Selection(null, null, ANN.toString(), null);
    assertThat(f.queue.tools().carryOut(Command.REMOVE, toAnn).done()).isOne();
    f.restart();
    assertThat(listed(Selection.ALL))
        .singleElement()
        .satisfies(entry -> assertThat(entry.recipients()).containsExactly(1));
  }

  @Test
  void removesWhatIsHeldAndNotWhatWaitsBesideIt() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    f.accept(null, ANN, BEN);
    f.queue.startDue();
    Selection held = new Selection(null, null, null, Standing.HELD);
    assertThat(f.queue.tools().carryOut(Command.REMOVE, held).done()).isOne();
    f.restart();
    assertThat(listed(Selection.ALL))
        .singleElement()
        .satisfies(entry -> assertThat(entry.recipients()).containsExactly(1));
  }

  @Test
  void asksOnlyTheDestinationsOfWhatIsFlushed() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.hop.answer(CAT, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    f.accept(SENDER, BEN);
    f.hop.attempts().clear();
    Selection toCat = new Selection(null, null, CAT.toString(), null);
    assertThat(f.queue.tools().carryOut(Command.FLUSH, toCat).done()).isOne();
    f.queue.startDue();
    assertThat(f.attempted()).containsExactly(List.of(CAT));
  }

  @Test
  void flushesAllThatWaitsForADeadDestinationByItsState() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    for (int i = 0; i < 600; i++) {
      f.accept(SENDER, BEN);
    }
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.hop.answer(BEN, ScriptedDelivery.DELIVERED);
    Selection waiting = new Selection(null, null, null, Standing.WAITING);
    assertThat(f.queue.tools().carryOut(Command.FLUSH, waiting).done()).isEqualTo(601);
    f.queue.startDue();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void refusesCommandsWhileItStops() throws Exception {
    StoredMessage message = f.accept(SENDER, ANN);
    f.queue.stop(Duration.ZERO);
    assertThatThrownBy(() -> carryOut(Command.REMOVE, message))
        .isInstanceOf(StoppingException.class)
        .hasMessageContaining("stopping");
    assertThatThrownBy(() -> f.queue.tools().carryOut(Command.REMOVE, Selection.ALL))
        .isInstanceOf(StoppingException.class);
  }

  @Test
  void returnsAMessageToItsSenderAtOnce() throws Exception {
    StoredMessage message = f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    assertThat(carryOut(Command.BOUNCE, message).done()).isOne();
    f.queue.startDue();
    assertThat(f.hop.content(SENDER)).contains("Status: 5.0.0\r\n", "returned by the postmaster");
    assertThat(f.queue.queued()).isZero();
    f.restart();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void saysOfWhatCanNotBeReturnedThatItWasNot() throws Exception {
    StoredMessage message = f.accept(null, ANN, CAT);
    f.queue.startDue();
    QueueTools.Result result = carryOut(Command.BOUNCE, message);
    assertThat(result.done()).isZero();
    assertThat(result.failed()).isOne();
    assertThat(f.held()).isOne();
  }

  @Test
  void leavesAMessageWholeThatIsBeingDelivered() throws Exception {
    List<QueueTools.Result> results = new ArrayList<>();
    f.hop.meanwhile(
        attempt -> {
          for (Command command : List.of(Command.HOLD, Command.REMOVE, Command.BOUNCE)) {
            results.add(carriedOut(command, attempt.id()));
          }
        });
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    StoredMessage message = f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(results).hasSize(3);
    assertThat(results)
        .allSatisfy(
            result -> {
              assertThat(result.done()).isZero();
              assertThat(result.active()).containsExactly(message.id());
            });
    assertThat(f.queue.queued()).isZero();
    assertThat(f.hop.content(SENDER)).isEmpty();
  }

  private QueueTools.Result carriedOut(Command command, QueueId id) {
    try {
      return f.queue.tools().carryOut(command, List.of(id));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void selectsByDestinationSenderRecipientAndState() throws Exception {
    f.accept(SENDER, ANN, BEN, CAT);
    f.accept(null, CAT);
    f.queue.startDue();
    assertThat(listed(Selection.ALL)).hasSize(3);
    assertThat(listed(TO_TWO)).hasSize(2);
    assertThat(listed(new Selection(null, "<>", null, null))).hasSize(1);
    assertThat(listed(new Selection(null, SENDER.toString(), null, null))).hasSize(2);
    assertThat(listed(new Selection(null, null, "BEN@one.example", null)))
        .singleElement()
        .satisfies(entry -> assertThat(entry.recipients()).containsExactly(0, 1));
    assertThat(listed(new Selection(null, null, null, Standing.HELD))).isEmpty();
  }

  @Test
  void listsAsManyAsAreWantedAndCountsTheRest() throws Exception {
    for (int i = 0; i < 1200; i++) {
      f.accept(SENDER, ANN);
    }
    List<QueueEntry> some = new ArrayList<>();
    assertThat(f.queue.tools().list(Selection.ALL, 5, (entry, _) -> some.add(entry)))
        .isEqualTo(1195);
    assertThat(some).hasSize(5).isSortedAccordingTo((a, b) -> a.id().compareTo(b.id()));
  }

  @Test
  void saysWhyAMessageIsStillThere() throws Exception {
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(listed(Selection.ALL))
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.reason()).contains("mx.example answered", "User unknown");
              assertThat(entry.attempts()).isOne();
              assertThat(entry.next()).isAfter(f.clock.instant());
            });
  }

  @Test
  void countsEachMessageOnceByItsLiveliestGroup() throws Exception {
    StoredMessage message = f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    assertThat(f.queue.tools().carryOut(Command.HOLD, TO_TWO).done()).isOne();
    Census census = f.queue.tools().census();
    assertThat(census.messages()).isOne();
    assertThat(census.byStanding())
        .containsEntry(Standing.WAITING, 1L)
        .containsEntry(Standing.HELD, 0L);
    assertThat(census.destinations()).isEqualTo(2);
    assertThat(census.bytes()).isEqualTo(message.size());
  }

  @Test
  void keepsReasonsThatDifferFromMessageToMessageWithinBounds() {
    Reasons reasons = new Reasons();
    List<Parcel> parcels = new ArrayList<>();
    for (int i = 0; i < 12_000; i++) {
      Parcel parcel = Parcels.of("one.example", i);
      parcels.add(parcel);
      reasons.set(parcel, Parcels.diagnostic("greylisted, ticket " + i));
    }
    assertThat(reasons.size()).isEqualTo(10_001);
    parcels.forEach(parcel -> reasons.set(parcel, null));
    assertThat(reasons.size()).isZero();
  }
}
