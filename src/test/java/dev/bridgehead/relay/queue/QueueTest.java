package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.FileSpool;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.Spools;
import dev.bridgehead.relay.spool.StoredMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueTest {
  private static final MailAddress SENDER = new MailAddress("sender", "example.org");
  private static final MailAddress ANN = new MailAddress("ann", "one.example");
  private static final MailAddress BEN = new MailAddress("ben", "one.example");
  private static final MailAddress CAT = new MailAddress("cat", "two.example");
  private static final MailAddress POSTMASTER = new MailAddress("postmaster", "example.com");

  private final Path folder;
  private final ManualClock clock = new ManualClock();
  private final ScriptedDelivery hop = new ScriptedDelivery();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final CurrentConfig config = new CurrentConfig(config("postmaster: null"));
  private Function<MailAddress, Destination> destination =
      address -> new Destination.Domain(address.domain());
  private FileSpool spool;
  private Queue queue;

  QueueTest(@TempDir Path folder) throws IOException {
    this.folder = Files.createDirectory(folder.resolve("spool"));
    this.spool = FileSpool.open(this.folder, new LocalDisk(), clock);
    this.queue = queue(spool);
    queue.recover();
  }

  @AfterEach
  void close() throws Exception {
    queue.stop(Duration.ZERO);
    spool.close();
  }

  private static RelayConfig config(String line) {
    String yaml =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet, namespace: mail}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          delivery: {retryIntervals: [1m, 10m], expireAfter: 1h}
        """
            + line.indent(2);
    try {
      return RelayConfig.of(
          ManifestReader.connector(yaml.getBytes(StandardCharsets.UTF_8)),
          "",
          null,
          "cluster.local",
          false);
    } catch (ManifestException e) {
      throw new AssertionError(e);
    }
  }

  private Queue queue(Spool on) {
    return new Queue(
        config, on, hop, address -> destination.apply(address), clock, metrics, Runnable::run);
  }

  /** What a new process would do. */
  private void restart() throws Exception {
    close();
    spool = FileSpool.open(folder, new LocalDisk(), clock);
    queue = queue(spool);
    queue.recover();
  }

  private StoredMessage accept(@Nullable MailAddress from, MailAddress... to) throws IOException {
    try (Intake intake = spool.open(0)) {
      byte[] content = "Subject: x\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII);
      intake.write(content, 0, content.length);
      StoredMessage stored =
          intake.commit(
              new Envelope(from, List.of(to), BodyType.SEVEN_BIT, false, clock.instant(), false));
      queue.enqueue(stored);
      return stored;
    }
  }

  private void after(Duration time) {
    clock.advance(time);
    queue.startDue();
  }

  private List<List<MailAddress>> attempted() {
    return hop.attempts().stream().map(Attempt::recipients).toList();
  }

  @Test
  void makesOneAttemptPerDestination() throws Exception {
    accept(SENDER, ANN, CAT, BEN);
    queue.startDue();
    assertThat(attempted()).containsExactlyInAnyOrder(List.of(ANN, BEN), List.of(CAT));
    assertThat(queue.queued()).isZero();
    assertThat(metrics.counter("bridgehead.messages.delivered").count()).isEqualTo(3);
  }

  @Test
  void leavesNothingOnDiskWhenEverybodyHasIt() throws Exception {
    accept(SENDER, ANN, CAT);
    queue.startDue();
    assertThat(spool.bytes()).isZero();
    restart();
    assertThat(queue.queued()).isZero();
  }

  @Test
  void triesAgainByTheScheduleAndOnlyForThoseStillOpen() throws Exception {
    hop.answer(BEN, ScriptedDelivery.deferred(Reason.REPLY));
    accept(SENDER, ANN, BEN);
    queue.startDue();
    after(Duration.ofSeconds(59));
    assertThat(attempted()).containsExactly(List.of(ANN, BEN));
    after(Duration.ofSeconds(8));
    assertThat(attempted()).containsExactly(List.of(ANN, BEN), List.of(BEN));
    after(Duration.ofMinutes(9));
    assertThat(attempted()).hasSize(2);
    hop.answer(BEN, ScriptedDelivery.DELIVERED);
    after(Duration.ofMinutes(2));
    assertThat(attempted()).hasSize(3);
    assertThat(queue.queued()).isZero();
    assertThat(metrics.counter("bridgehead.messages.deferred", "reason", "reply").count())
        .isEqualTo(2);
  }

  @Test
  void remembersOverARestartWhoHasItAndWhenTheOthersAreDue() throws Exception {
    hop.answer(CAT, ScriptedDelivery.deferred(Reason.CONNECT));
    accept(SENDER, ANN, CAT);
    queue.startDue();
    restart();
    queue.startDue();
    assertThat(hop.attempts()).hasSize(2);
    after(Duration.ofSeconds(70));
    assertThat(attempted().getLast()).containsExactly(CAT);
    assertThat(hop.attempts()).hasSize(3);
  }

  @Test
  void hasADeliveryOnDiskWhileItsAttemptGoesOnForOthers() throws Exception {
    List<Set<Integer>> found = new ArrayList<>();
    hop.answer(CAT, ScriptedDelivery.deferred(Reason.REPLY));
    hop.meanwhile(
        attempt -> {
          if (attempt.recipients().contains(BEN)) {
            attempt.progress().delivered(Set.of(1));
            found.add(settledAfterACrash());
          }
        });
    accept(SENDER, CAT, ANN, BEN);
    queue.startDue();
    assertThat(found).containsExactly(Set.of(2));
  }

  /** What a new process would find if this one died now. */
  private Set<Integer> settledAfterACrash() {
    Path copy = folder.resolveSibling("crashed");
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(folder.relativize(file)));
      }
      try (FileSpool crashed = FileSpool.open(copy, new LocalDisk(), clock)) {
        return Spools.settled(Spools.recovered(crashed).getFirst());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void doesNotRepeatADeliveryWhoseAttemptBrokeOffLater() throws Exception {
    hop.meanwhile(
        attempt -> {
          attempt.progress().delivered(Set.of(0));
          throw new IllegalStateException("a defect");
        });
    accept(SENDER, ANN, BEN);
    queue.startDue();
    hop.meanwhile(_ -> {});
    after(Duration.ofMinutes(2));
    assertThat(attempted()).containsExactly(List.of(ANN, BEN), List.of(BEN));
    assertThat(queue.queued()).isZero();
  }

  @Test
  void returnsToTheSenderWhatFails() throws Exception {
    hop.answer(ANN, ScriptedDelivery.failed());
    accept(SENDER, ANN, CAT);
    queue.startDue();
    assertThat(attempted().getLast()).containsExactly(SENDER);
    assertThat(hop.attempts().getLast().envelope().reversePath()).isNull();
    assertThat(hop.attempts().getLast().envelope().notice()).isTrue();
    assertThat(hop.content(SENDER))
        .contains("Final-Recipient: rfc822; ann@one.example\r\n")
        .contains("Status: 5.1.1\r\n")
        .doesNotContain("cat@two.example");
    assertThat(queue.queued()).isZero();
    assertThat(metrics.counter("bridgehead.messages.failed", "reason", "reply").count()).isOne();
  }

  @Test
  void returnsWhatExpiresAtTheTimeItDoes() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.TIMEOUT));
    accept(SENDER, ANN);
    queue.startDue();
    after(Duration.ofMinutes(59));
    assertThat(hop.content(SENDER)).isEmpty();
    after(Duration.ofMinutes(1));
    assertThat(hop.content(SENDER))
        .contains("Status: 4.4.7\r\n")
        .contains("given up after 1 hour; at last: mx.example answered");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void givesNobodyUpForAnAttemptThatItBrokeOffItself() throws Exception {
    hop.answer(
        ANN,
        _ -> {
          stopAtOnce();
          return ScriptedDelivery.deferred(Reason.CONNECTION_LOST);
        });
    accept(SENDER, ANN);
    clock.advance(Duration.ofDays(3));
    queue.startDue();
    hop.answer(ANN, ScriptedDelivery.DELIVERED);
    restart();
    after(Duration.ofMinutes(12));
    assertThat(attempted()).containsExactly(List.of(ANN), List.of(ANN));
    assertThat(queue.queued()).isZero();
  }

  private void stopAtOnce() {
    try {
      queue.stop(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void takesAHostForDeadWhereItsBacklogExpires() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.TIMEOUT));
    QueuedMessage message = new QueuedMessage(accept(SENDER, ANN));
    clock.advance(Duration.ofDays(3));
    Parcel parcel =
        new Parcel(message, new Destination.Domain("one.example"), List.of(0), 1, clock.instant());
    Notices notices = new Notices(config, spool, clock);
    Attempts attempts = new Attempts(config, spool, hop, notices, clock, new QueueMetrics(metrics));
    Results results = attempts.run(parcel, _ -> {}, () -> false);
    assertThat(results.notice()).isPresent();
    assertThat(results.host()).isEqualTo(Lane.HostState.UNREACHABLE);
  }

  @Test
  void triesOnceMoreWhatExpiredWhileTheRelayWasDown() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.TIMEOUT));
    accept(SENDER, ANN);
    queue.startDue();
    hop.answer(ANN, ScriptedDelivery.DELIVERED);
    clock.advance(Duration.ofDays(3));
    restart();
    queue.startDue();
    assertThat(attempted()).containsExactly(List.of(ANN), List.of(ANN));
    assertThat(queue.queued()).isZero();
  }

  @Test
  void givesTheFailureOfANoticeToThePostmaster() throws Exception {
    config.set(config("postmaster: postmaster@example.com"));
    hop.answer(ANN, ScriptedDelivery.failed());
    accept(null, ANN);
    queue.startDue();
    assertThat(attempted()).containsExactly(List.of(ANN), List.of(POSTMASTER));
    assertThat(hop.content(POSTMASTER)).contains("To: <postmaster@example.com>\r\n");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void holdsWhatNobodyTakesAndNeverTriesItUnasked() throws Exception {
    hop.answer(ANN, ScriptedDelivery.failed());
    accept(null, ANN);
    queue.startDue();
    assertThat(queue.queued()).isOne();
    assertThat(queue.held()).isOne();
    restart();
    after(Duration.ofDays(30));
    assertThat(hop.attempts()).hasSize(1);
    assertThat(metrics.get("bridgehead.queue.held.messages").gauge().value()).isNotNaN();
  }

  @Test
  void releasesWhatIsHeldWhenThereIsAPostmaster() throws Exception {
    hop.answer(ANN, ScriptedDelivery.failed());
    accept(null, ANN);
    queue.startDue();
    config.set(config("postmaster: postmaster@example.com"));
    queue.startDue();
    assertThat(attempted()).endsWith(List.of(ANN), List.of(POSTMASTER));
    assertThat(queue.queued()).isZero();
  }

  @Test
  void holdsAPostmastersNoticeThatFails() throws Exception {
    config.set(config("postmaster: postmaster@example.com"));
    hop.answer(ANN, ScriptedDelivery.failed());
    hop.answer(POSTMASTER, ScriptedDelivery.failed());
    accept(null, ANN);
    queue.startDue();
    after(Duration.ofDays(2));
    assertThat(attempted()).containsExactly(List.of(ANN), List.of(POSTMASTER));
    assertThat(queue.held()).isOne();
  }

  @Test
  void releasesWhatIsHeldAtARestartWithAPostmaster() throws Exception {
    hop.answer(ANN, ScriptedDelivery.failed());
    accept(null, ANN);
    queue.startDue();
    restart();
    assertThat(queue.held()).isOne();
    config.set(config("postmaster: postmaster@example.com"));
    restart();
    queue.startDue();
    assertThat(hop.content(POSTMASTER)).contains("ann@one.example");
    assertThat(queue.queued()).isZero();
  }

  @Test
  void movesWhatIsDeferredWhenTheNextHopChanges() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    accept(SENDER, ANN);
    queue.startDue();
    hop.answer(ANN, ScriptedDelivery.DELIVERED);
    destination = _ -> new Destination.SmartHosts();
    config.set(config("addressSpaces: [{domain: one.example}]"));
    queue.startDue();
    assertThat(hop.attempts().getLast().destination()).isEqualTo(new Destination.SmartHosts());
    assertThat(queue.queued()).isZero();
  }

  @Test
  void triesAgainAtOnceWhatWasUnderWayWhenTheNextHopChanged() throws Exception {
    hop.answer(
        ANN,
        _ -> {
          hop.answer(ANN, ScriptedDelivery.DELIVERED);
          config.set(config("addressSpaces: [{domain: one.example}]"));
          return ScriptedDelivery.deferred(Reason.CONNECT);
        });
    accept(SENDER, ANN);
    queue.startDue();
    assertThat(hop.attempts()).hasSize(2);
    assertThat(queue.queued()).isZero();
  }

  @Test
  void leavesWhatIsDeferredWhereItIsWhenSomethingElseChanges() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    accept(SENDER, ANN);
    queue.startDue();
    config.set(config("access: {allowedClients: [10.0.0.0/8]}"));
    queue.startDue();
    assertThat(hop.attempts()).hasSize(1);
    assertThat(queue.queued()).isOne();
  }

  @Test
  void survivesADeliveryThatThrows() throws Exception {
    hop.answer(
        ANN,
        _ -> {
          throw new IllegalStateException("a defect");
        });
    accept(SENDER, ANN);
    queue.startDue();
    assertThat(queue.queued()).isOne();
    hop.answer(ANN, ScriptedDelivery.DELIVERED);
    after(Duration.ofMinutes(2));
    assertThat(queue.queued()).isZero();
  }

  @Test
  void knowsItsOldestMessage() throws Exception {
    hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    StoredMessage first = accept(SENDER, ANN);
    clock.advance(Duration.ofSeconds(5));
    accept(SENDER, ANN);
    assertThat(queue.oldest()).contains(first.envelope().arrived());
    assertThat(queue.queued()).isEqualTo(2);
    assertThat(metrics.get("bridgehead.queue.oldest").gauge().value()).isEqualTo(5);
  }
}
