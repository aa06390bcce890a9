package dev.bridgehead.relay.queue;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
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
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A queue over a real spool, a scripted next hop and a clock of its own; threads are the test's.
 */
final class QueueFixture implements AutoCloseable {
  static final MailAddress SENDER = new MailAddress("sender", "example.org");
  static final MailAddress ANN = new MailAddress("ann", "one.example");
  static final MailAddress BEN = new MailAddress("ben", "one.example");
  static final MailAddress CAT = new MailAddress("cat", "two.example");
  static final MailAddress POSTMASTER = new MailAddress("postmaster", "example.com");
  static final String DELIVERY = "retryIntervals: [1m, 10m], expireAfter: 1h";

  final ManualClock clock = new ManualClock();
  final ScriptedDelivery hop = new ScriptedDelivery();
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final CurrentConfig config;
  final Path folder;
  Function<MailAddress, Destination> destination =
      address -> new Destination.Domain(address.domain());
  int forgotten;
  LogSpool spool;
  Queue queue;

  QueueFixture(Path folder) throws IOException {
    this(folder, DELIVERY);
  }

  /**
   * @param delivery the terms, as in a manifest
   */
  QueueFixture(Path folder, String delivery) throws IOException {
    this.folder = Files.createDirectory(folder.resolve("spool"));
    this.config = new CurrentConfig(config(delivery, "postmaster: null"));
    this.spool = LogSpool.open(this.folder, new LocalDisk(), clock);
    this.queue = queue(spool);
    queue.recover();
  }

  @Override
  public void close() throws IOException {
    try {
      queue.stop(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    spool.close();
  }

  static RelayConfig config(String delivery, String line) {
    String yaml =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet, namespace: mail}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          delivery: {%s}
        """
                .formatted(delivery)
            + line.indent(2);
    try {
      return RelayConfigs.inPod(yaml);
    } catch (ManifestException e) {
      throw new AssertionError(e);
    }
  }

  /** Another line of the manifest, with the usual terms. */
  void configure(String line) {
    config.set(config(DELIVERY, line));
  }

  Queue queue(Spool on) {
    Destinations destinations =
        new Destinations() {
          @Override
          public Destination of(MailAddress recipient) {
            return destination.apply(recipient);
          }

          @Override
          public void forgetDeadHosts() {
            forgotten++;
          }
        };
    return new Queue(config, on, hop, destinations, clock, metrics, Runnable::run);
  }

  /** What a new process would do. */
  void restart() throws IOException {
    close();
    spool = LogSpool.open(folder, new LocalDisk(), clock);
    queue = queue(spool);
    queue.recover();
  }

  /** What a new process would find if this one died now. To be called once. */
  List<StoredMessage> afterACrash() {
    Path copy = folder.resolveSibling("crashed");
    try {
      Spools.copy(folder, copy);
      try (LogSpool crashed = LogSpool.open(copy, new LocalDisk(), clock)) {
        return Spools.recovered(crashed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  StoredMessage accept(@Nullable MailAddress from, MailAddress... to) throws IOException {
    return accept(from, DsnParameters.NONE, to);
  }

  StoredMessage accept(@Nullable MailAddress from, DsnParameters dsn, MailAddress... to)
      throws IOException {
    try (Intake intake = spool.open(0)) {
      byte[] content = "Subject: x\r\n\r\nbody\r\n".getBytes(StandardCharsets.US_ASCII);
      intake.write(content, 0, content.length);
      StoredMessage stored =
          intake.commit(
              new Envelope(
                  from, List.of(to), BodyType.SEVEN_BIT, false, clock.instant(), false, dsn));
      queue.enqueue(stored);
      return stored;
    }
  }

  /** NOTIFY for a message's only recipient. */
  static DsnParameters asking(DsnParameters.Notify... kinds) {
    return new DsnParameters(
        null, null, List.of(new DsnParameters.ForRecipient(Set.of(kinds), null)));
  }

  void after(Duration time) {
    clock.advance(time);
    queue.startDue();
  }

  /** Lets time pass in steps, as a scheduler would see it. */
  void passing(Duration time, Duration step) {
    for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(step)) {
      after(step);
    }
  }

  List<List<MailAddress>> attempted() {
    return hop.attempts().stream().map(Attempt::recipients).toList();
  }

  long held() {
    return queue.tools().census().byStanding().getOrDefault(Standing.HELD, 0L);
  }
}
