package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.queue.Destinations;
import dev.bridgehead.relay.queue.Queue;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.FaultyDisk;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.StoredMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** A spool on a disk that can fail, and its queue, which makes no attempts. */
final class QueueOnDisk implements AutoCloseable {
  final FaultyDisk disk = new FaultyDisk();
  final Path folder;
  final LogSpool spool;
  final Queue queue;

  QueueOnDisk(Path folder) throws IOException {
    this.folder = folder;
    this.spool = LogSpool.open(folder, disk, Clock.systemUTC());
    this.queue =
        new Queue(
            new CurrentConfig(config()),
            spool,
            new NoDelivery(),
            new OneDestination(),
            Clock.systemUTC(),
            new SimpleMeterRegistry(),
            Runnable::run);
    queue.recover();
  }

  private static RelayConfig config() throws IOException {
    String yaml =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail}
        spec:
          routing: {mode: DNS}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
        """;
    return RelayConfigs.inPod(yaml);
  }

  private static final class NoDelivery implements Delivery {
    @Override
    public List<Outcome> attempt(Attempt attempt) {
      throw new AssertionError("the queue was not started");
    }

    @Override
    public void close() {}
  }

  private static final class OneDestination implements Destinations {
    @Override
    public Destination of(MailAddress recipient) {
      return new Destination.SmartHosts();
    }

    @Override
    public void forgetDeadHosts() {}
  }

  static Envelope envelope(String recipient) {
    return new Envelope(
        new MailAddress("a", "example.org"),
        List.of(new MailAddress(recipient, "example.com")),
        BodyType.SEVEN_BIT,
        false,
        Instant.parse("2026-01-01T00:00:00Z"),
        false);
  }

  StoredMessage accept(String recipient, String content) throws IOException {
    byte[] octets = content.getBytes(StandardCharsets.US_ASCII);
    try (Intake intake = spool.open(octets.length)) {
      intake.write(octets, 0, octets.length);
      StoredMessage stored = intake.commit(envelope(recipient));
      queue.enqueue(stored);
      return stored;
    }
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
