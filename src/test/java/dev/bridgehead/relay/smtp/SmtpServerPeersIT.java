package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.Spools;
import dev.bridgehead.relay.spool.StoredMessage;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.MailPeers;
import dev.bridgehead.testbed.Tier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server and the file spool under clients that others wrote. */
@Tag("tier3")
class SmtpServerPeersIT {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private LogSpool spool() throws IOException {
    return LogSpool.open(folder.resolve("spool"), new LocalDisk(), Clock.systemUTC());
  }

  /** A connection for each message, and sessions that are kept. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLoadOfSmallMessagesArrivesCompletely(boolean kept) throws IOException {
    int count = 3000;
    try (LogSpool spool = spool();
        ServerUnderTest server = ServerUnderTest.on(spool)) {
      MailPeers.smtpSource(
              "127.0.0.1:" + server.port(),
              kept
                  ? new String[] {"-d", "-s", "20", "-m", "" + count, "-l", "4096"}
                  : new String[] {"-s", "20", "-m", "" + count, "-l", "4096"})
          .run();
      assertThat(server.handedOver).hasSize(count);
      assertThat(server.handedOver.stream().map(StoredMessage::id).distinct()).hasSize(count);
    }
    try (LogSpool again = spool()) {
      assertThat(Spools.recovered(again)).hasSize(count);
      StoredMessage last = Spools.recovered(again).getLast();
      assertThat(text(again, last)).startsWith("Received: from ").endsWith("X\r\n");
    }
  }

  @Test
  void bigMessagesToManyRecipientsArrive() throws IOException {
    try (LogSpool spool = spool();
        ServerUnderTest server = ServerUnderTest.on(spool)) {
      String size = "" + (ServerUnderTest.MAX_MESSAGE - 1000);
      MailPeers.smtpSource(
              "127.0.0.1:" + server.port(), "-r", "50", "-s", "10", "-m", "200", "-l", size)
          .run();
      assertThat(server.handedOver)
          .hasSize(200)
          .allMatch(message -> message.envelope().recipients().size() == 50);
    }
  }

  private static final String PYTHON =
      """
      import smtplib, sys
      from email.message import EmailMessage
      with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as s:
          m = EmailMessage()
          m['From'], m['To'], m['Subject'] = 'a@client.example', 'b@example.org', 'plain'
          m.set_content('.\\n..\\nends with a dot.\\n.')
          s.send_message(m)
          s.sendmail('a@client.example', ['c@example.org'], 'text without a header section')
          m = EmailMessage()
          m['From'], m['To'], m['Subject'] = 'jörg@client.example', 'd@example.org', 'grüße'
          m.set_content('grüße', cte='8bit')
          s.send_message(m)
          try:
              s.sendmail('a@client.example', ['@x:e@example.org'], 'x')
          except smtplib.SMTPRecipientsRefused as refused:
              print(refused.recipients['@x:e@example.org'][0])
          s.sendmail('a@client.example', ['f@example.org'], 'after a refusal')
      """;

  @Test
  void pythonsClientIsUnderstood() throws IOException {
    if (Command.of("sh", "-c", "command -v python3").attempt().status() != 0) {
      throw Tier.skip("there is no python3");
    }
    try (LogSpool spool = spool();
        ServerUnderTest server = ServerUnderTest.on(spool)) {
      assertThat(Command.of("python3", "-c", PYTHON, "" + server.port()).run()).isEqualTo("501");
      assertThat(server.handedOver).hasSize(4);
      assertThat(text(spool, server.handedOver.get(0)))
          .endsWith("\r\n\r\n.\r\n..\r\nends with a dot.\r\n.\r\n");
      assertThat(text(spool, server.handedOver.get(1)))
          .endsWith("\r\n\r\ntext without a header section\r\n");
      StoredMessage utf8 = server.handedOver.get(2);
      assertThat(utf8.envelope().smtpUtf8()).isTrue();
      assertThat(utf8.envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
      assertThat(text(spool, utf8)).contains("Subject: grüße\r\n").endsWith("grüße\r\n");
    }
  }

  @Test
  void thousandsOfIdleSessionsHoldUpNobody() throws IOException {
    SessionLimits all = SessionLimits.STANDARD;
    SessionLimits roomy =
        new SessionLimits(
            5000,
            5000,
            20,
            100,
            1000,
            all.command(),
            all.block(),
            all.data(),
            all.write(),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30));
    List<RawClient> idle = new ArrayList<>();
    try (ServerUnderTest server = ServerUnderTest.start(roomy)) {
      for (int i = 0; i < 3000; i++) {
        idle.add(server.session());
      }
      try (RawClient client = server.transaction()) {
        assertThat(client.message("hello")).startsWith("250");
      }
      assertThat(idle.getFirst().ask("NOOP")).startsWith("250");
      server.close();
      for (RawClient client : idle) {
        assertThat(client.rest()).isEqualTo("421 4.3.2 server is shutting down\n");
        client.close();
      }
    }
  }

  private static String text(LogSpool spool, StoredMessage message) throws IOException {
    try (InputStream content = spool.content(message.id())) {
      return new String(content.readAllBytes(), UTF_8);
    }
  }
}
