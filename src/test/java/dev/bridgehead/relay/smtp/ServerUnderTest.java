package dev.bridgehead.relay.smtp;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import dev.bridgehead.validation.AddressSpacePattern;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The real server on a free port of loopback. */
final class ServerUnderTest implements AutoCloseable {
  static final String HOSTNAME = "mail.example.com";
  static final int MAX_MESSAGE = 100_000;
  static final Instant NOW = Instant.parse("2026-11-23T15:31:07Z");

  /** Short where the standard would make a test wait. */
  static final SessionLimits LIMITS =
      new SessionLimits(
          50,
          40,
          20,
          100,
          1000,
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10));

  final MemorySpool spool = new MemorySpool();
  final List<StoredMessage> handedOver = new CopyOnWriteArrayList<>();
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final CurrentConfig config;
  private final SmtpServer server;

  private ServerUnderTest(RelayConfig config, SessionLimits limits, @Nullable Spool other)
      throws IOException {
    this.config = new CurrentConfig(config);
    this.server =
        new SmtpServer(
            this.config,
            other == null ? spool : other,
            handedOver::add,
            Clock.fixed(NOW, ZoneOffset.UTC),
            metrics,
            limits);
    server.start();
  }

  static ServerUnderTest start() throws IOException {
    return start(LIMITS);
  }

  static ServerUnderTest start(SessionLimits limits) throws IOException {
    return new ServerUnderTest(config(true, null, "*"), limits, null);
  }

  static ServerUnderTest start(RelayConfig config) throws IOException {
    return new ServerUnderTest(config, LIMITS, null);
  }

  static ServerUnderTest start(RelayConfig config, SessionLimits limits) throws IOException {
    return new ServerUnderTest(config, limits, null);
  }

  static ServerUnderTest on(Spool spool) throws IOException {
    return new ServerUnderTest(config(true, null, "*"), SessionLimits.STANDARD, spool);
  }

  static RelayConfig config(
      boolean mayRelay, @Nullable MailAddress postmaster, String... addressSpaces) {
    return config(0, mayRelay, true, postmaster, addressSpaces);
  }

  static RelayConfig config(
      int port,
      boolean mayRelay,
      boolean addMissing,
      @Nullable MailAddress postmaster,
      String... addressSpaces) {
    return new RelayConfig(
        new RelayConfig.Identity(
            "internet", "mail", "edge", 0, "0", HOSTNAME, "cluster.local", Set.of()),
        new RelayConfig.Listening(port, true, MAX_MESSAGE, addMissing),
        new RelayConfig.Access(List.of(), mayRelay, postmaster),
        new RelayConfig.Routes(
            RoutingMode.DNS,
            List.of(),
            Selection.ROUND_ROBIN,
            25,
            List.of(addressSpaces).stream().map(AddressSpacePattern::parse).toList()),
        new RelayConfig.Outgoing(TlsMode.OPPORTUNISTIC, List.of(), AddressFamily.ANY),
        new RelayConfig.Retry(List.of(Duration.ofMinutes(1)), Duration.ofDays(1)));
  }

  /** The usual configuration with another access. */
  static RelayConfig with(RelayConfig.Access access) {
    RelayConfig usual = config(true, null, "*");
    return new RelayConfig(
        usual.identity(),
        usual.listening(),
        access,
        usual.routes(),
        usual.outgoing(),
        usual.retry());
  }

  int port() {
    return server.port();
  }

  RawClient connect() throws IOException {
    return new RawClient(port());
  }

  /** After greeting and EHLO. */
  RawClient session() throws IOException {
    RawClient client = connect();
    client.reply();
    client.ask("EHLO client.example");
    return client;
  }

  /** After EHLO, MAIL and RCPT. */
  RawClient transaction() throws IOException {
    RawClient client = session();
    client.ask("MAIL FROM:<a@client.example>");
    client.ask("RCPT TO:<b@example.org>");
    return client;
  }

  /** How often something was refused for this reason. */
  double refused(Refusal why) {
    return metrics.get("bridgehead.smtp.rejected").tag("reason", why.label()).counter().count();
  }

  SmtpServer server() {
    return server;
  }

  @Override
  public void close() {
    server.close();
  }
}
