package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that fails under the queue, and many threads in it. */
class QueueFaultTest {
  private static final MailAddress SENDER = new MailAddress("sender", "example.org");
  private static final MailAddress ANN = new MailAddress("ann", "one.example");
  private static final MailAddress BEN = new MailAddress("ben", "one.example");
  private static final MailAddress CAT = new MailAddress("cat", "two.example");

  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final ScriptedDelivery hop = new ScriptedDelivery();
  private final CurrentConfig config;
  private final LogSpool disk;
  private final FailingSpool spool;
  private final Queue queue;

  QueueFaultTest(@TempDir Path folder) throws IOException {
    this.config = new CurrentConfig(config());
    this.disk = LogSpool.open(folder, new LocalDisk(), clock);
    this.spool = new FailingSpool(disk);
    this.queue = queue(clock, Runnable::run);
  }

  private Queue queue(Clock time, java.util.concurrent.Executor threads) {
    return new Queue(
        config,
        spool,
        hop,
        address -> new Destination.Domain(address.domain()),
        time,
        metrics,
        threads);
  }

  private static RelayConfig config() throws IOException {
    String yaml =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          delivery: {retryIntervals: [1m], expireAfter: 1d}
        """;
    return RelayConfigs.inPod(yaml);
  }

  @AfterEach
  void close() throws IOException {
    disk.close();
  }

  private StoredMessage store(MailAddress... to) throws IOException {
    return store(DsnParameters.NONE, to);
  }

  private StoredMessage store(DsnParameters dsn, MailAddress... to) throws IOException {
    try (Intake intake = spool.open(0)) {
      return intake.commit(
          new Envelope(
              SENDER, List.of(to), BodyType.SEVEN_BIT, false, clock.instant(), false, dsn));
    }
  }

  @Test
  void keepsAFailureQueuedUntilItsNoticeCanBeStored() throws Exception {
    hop.answer(ANN, ScriptedDelivery.failed());
    spool.noNotices = true;
    queue.enqueue(store(ANN));
    queue.startDue();
    assertThat(queue.queued()).isOne();
    assertThat(hop.content(SENDER)).isEmpty();
    spool.noNotices = false;
    clock.advance(Duration.ofMinutes(2));
    queue.startDue();
    assertThat(hop.content(SENDER)).contains("ann@one.example");
    assertThat(queue.queued()).isZero();
    assertThat(disk.liveBytes()).isZero();
  }

  @Test
  void writesAnOutcomeAgainAndDoesNotDeliverAgain() throws Exception {
    spool.noRecords = true;
    queue.enqueue(store(ANN, CAT));
    queue.startDue();
    assertThat(hop.attempts()).hasSize(2);
    assertThat(queue.queued()).isOne();
    assertThat(disk.liveBytes()).isPositive();
    spool.noRecords = false;
    clock.advance(Duration.ofMinutes(2));
    queue.startDue();
    assertThat(hop.attempts()).hasSize(2);
    assertThat(queue.queued()).isZero();
    assertThat(disk.liveBytes()).isZero();
  }

  @Test
  void keepsHeldWhatCanNotBeReturned() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    StoredMessage message = store(ANN);
    queue.enqueue(message);
    queue.startDue();
    List<QueueId> ids = List.of(message.id());
    assertThat(queue.tools().carryOut(Command.HOLD, ids).done()).isOne();
    spool.noNotices = true;
    assertThat(queue.tools().carryOut(Command.BOUNCE, ids).failed()).isOne();
    assertThat(queue.tools().census().byStanding()).containsEntry(Standing.HELD, 1L);
    assertThat(spool.recorded)
        .isNotNull()
        .satisfies(
            state ->
                assertThat(state.open())
                    .extracting(MessageState.Group::hold)
                    .containsExactly(MessageState.Hold.BY_HAND));
    spool.noNotices = false;
    assertThat(queue.tools().carryOut(Command.BOUNCE, ids).done()).isOne();
    queue.startDue();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void saysOfAMessageThatIsReturnedForSomeRecipientsOnlyThatItIs() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    hop.answer(CAT, ScriptedDelivery.deferred(Reason.REPLY));
    StoredMessage message = store(ANN, CAT);
    queue.enqueue(message);
    queue.startDue();
    spool.noticesLeft = 1;
    QueueTools.Result result = queue.tools().carryOut(Command.BOUNCE, List.of(message.id()));
    assertThat(result.partly()).isOne();
    assertThat(result.done() + result.failed()).isZero();
    assertThat(queue.tools().census().byStanding()).containsEntry(Standing.WAITING, 1L);
  }

  @Test
  void saysPartlyWhereOneGroupIsReturnedAndTheRecordOfAnotherFails() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    hop.answer(CAT, ScriptedDelivery.deferred(Reason.REPLY));
    DsnParameters.ForRecipient told =
        new DsnParameters.ForRecipient(Set.of(DsnParameters.Notify.FAILURE), null);
    DsnParameters.ForRecipient untold = new DsnParameters.ForRecipient(Set.of(), null);
    StoredMessage message = store(new DsnParameters(null, null, List.of(told, untold)), ANN, CAT);
    queue.enqueue(message);
    queue.startDue();
    spool.noRecords = true;
    QueueTools.Result result = queue.tools().carryOut(Command.BOUNCE, List.of(message.id()));
    assertThat(result.partly()).isOne();
    assertThat(result.done() + result.failed()).isZero();
    assertThat(hop.content(SENDER)).contains("ann@one.example").doesNotContain("cat@two.example");
  }

  @Test
  void writesDownWhatWasSettledThoughADefectBrokeItOff() throws Exception {
    spool.defect = true;
    queue.enqueue(store(QueueFixture.asking(DsnParameters.Notify.SUCCESS), ANN));
    queue.startDue();
    assertThat(disk.liveBytes()).isPositive();
    spool.defect = false;
    clock.advance(Duration.ofMinutes(2));
    queue.startDue();
    assertThat(hop.attempts()).as("delivered once").hasSize(1);
    assertThat(queue.queued()).isZero();
    assertThat(disk.liveBytes()).isZero();
  }

  @Test
  void needsNoRecordToFlush() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    StoredMessage message = store(ANN);
    queue.enqueue(message);
    queue.startDue();
    hop.answer(ANN, ScriptedDelivery.DELIVERED);
    int before = spool.records;
    QueueTools.Result result = queue.tools().carryOut(Command.FLUSH, List.of(message.id()));
    queue.startDue();
    assertThat(result.done()).isOne();
    assertThat(queue.queued()).isZero();
    assertThat(spool.records - before).as("that of the delivery alone").isOne();
  }

  @Test
  void doesNotSayDoneOfWhatIsNotOnDisk() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    StoredMessage message = store(QueueFixture.asking(), ANN);
    queue.enqueue(message);
    queue.startDue();
    spool.noRecords = true;
    assertThat(queue.tools().carryOut(Command.BOUNCE, List.of(message.id())).failed()).isOne();
  }

  @Test
  void goesOnAfterAttemptsThatDied() throws Exception {
    hop.answer(
        ANN,
        _ -> {
          throw new StackOverflowError("as a defect would");
        });
    for (int i = 0; i < 6; i++) {
      queue.enqueue(store(ANN));
    }
    queue.startDue();
    assertThat(queue.queued()).isEqualTo(6);
    hop.answer(ANN, ScriptedDelivery.DELIVERED);
    clock.advance(Duration.ofMinutes(2));
    queue.startDue();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void writesAnOutcomeAgainThoughItsHostIsDeadNow() throws Exception {
    spool.noRecords = true;
    StoredMessage delivered = store(ANN);
    queue.enqueue(delivered);
    queue.startDue();
    spool.noRecords = false;
    clock.advance(Duration.ofSeconds(30));
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    queue.enqueue(store(ANN));
    queue.startDue();
    clock.advance(Duration.ofSeconds(31));
    queue.startDue();
    assertThat(hop.attempts()).as("left alone").hasSize(2);
    assertThatThrownBy(() -> disk.content(delivered.id())).isInstanceOf(IOException.class);
    assertThat(queue.queued()).isOne();
  }

  @Test
  void countsNoFailureThatIsNotTrueYet() throws Exception {
    hop.answer(ANN, ScriptedDelivery.failed());
    spool.noNotices = true;
    queue.enqueue(store(ANN));
    queue.startDue();
    assertThat(metrics.counter("bridgehead.messages.failed", "reason", "reply").count()).isZero();
    spool.noNotices = false;
    clock.advance(Duration.ofMinutes(2));
    queue.startDue();
    assertThat(metrics.counter("bridgehead.messages.failed", "reason", "reply").count()).isOne();
  }

  @Test
  void settlesEarlyAlsoWhoseNoticeOfSuccessCanNotBeStored() throws Exception {
    spool.noNotices = true;
    List<Integer> open = new ArrayList<>();
    List<List<Integer>> settledEarly = new ArrayList<>();
    hop.meanwhile(
        attempt -> {
          attempt.progress().delivered(Map.of(0, ScriptedDelivery.DELIVERED));
          MessageState state = spool.recorded;
          open.add(state == null ? -1 : state.open().size());
          if (state != null && settledEarly.isEmpty()) {
            settledEarly.add(state.open().getFirst().recipients());
          }
        });
    DsnParameters.ForRecipient told =
        new DsnParameters.ForRecipient(Set.of(DsnParameters.Notify.SUCCESS), null);
    DsnParameters.ForRecipient untold = new DsnParameters.ForRecipient(Set.of(), null);
    queue.enqueue(store(new DsnParameters(null, null, List.of(told, untold)), ANN, BEN));
    queue.startDue();
    assertThat(open).as("groups left while the attempt goes on").startsWith(1);
    assertThat(settledEarly).containsExactly(List.of(1));
    assertThat(hop.attempts()).as("neither a notice nor a repetition").hasSize(1);
    assertThat(queue.queued()).isZero();
  }

  @Test
  void settlesEveryRecipientOnceWithManyThreads() throws Exception {
    MailAddress[] everybody = new MailAddress[30];
    for (int i = 0; i < everybody.length; i++) {
      everybody[i] = new MailAddress("user", "domain" + i + ".example");
      if (i % 3 == 0) {
        hop.answer(everybody[i], ScriptedDelivery.failed());
      }
    }
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Queue busy = queue(clock, threads);
      busy.start();
      for (int i = 0; i < 50; i++) {
        busy.enqueue(store(everybody));
      }
      busy.enqueue(store(ANN));
      await().atMost(Duration.ofSeconds(60)).until(() -> busy.queued() == 1);
      busy.stop(Duration.ofSeconds(5));
    }
    long toRecipients =
        hop.attempts().stream().filter(a -> !a.recipients().contains(SENDER)).count();
    assertThat(toRecipients).isEqualTo(50L * everybody.length + 1);
    long notices = hop.attempts().size() - toRecipients;
    assertThat(notices).as("one a failed destination").isEqualTo(500);
  }
}
