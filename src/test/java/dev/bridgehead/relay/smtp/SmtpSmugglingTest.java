package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CVE-2023-51764, -51765, -51766, -51747, VU#302671, and SubEthaSMTP's S1 to S3. */
class SmtpSmugglingTest {
  private static final String SMUGGLED =
      "MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.org>\r\nDATA\r\nevil\r\n.\r\n";

  private ServerUnderTest server;

  @BeforeEach
  void start() throws IOException {
    server = ServerUnderTest.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\r\n.\r\r\n",
        "\r\n.\0\r\n",
        "\n\n.\r\n",
        "\r\r\n.\r",
        "\r\n\0.\r\n",
        "\n.\r"
      })
  void noFalseEndOfDataLetsASecondMessageIn(String falseEnd) throws IOException {
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      client.send("Subject: s\r\n\r\nbody" + falseEnd + SMUGGLED);
      assertThat(client.reply()).isEqualTo("550 5.6.0 message has a bare CR, a bare LF or a NUL");
      assertThat(client.send("QUIT\r\n").rest()).isEqualTo("221 2.0.0 bye\n");
    }
    assertThat(server.spool.kept).isEmpty();
    assertThat(server.refused(Refusal.BAD_OCTETS)).isEqualTo(1);
  }

  @Test
  @DisplayName("case 03: a message behind a refused DATA does not run")
  void aMessageSentBehindARefusedDataDoesNotRun() throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      client.send("DATA\r\nSubject: s\r\n\r\n" + SMUGGLED);
      assertThat(client.rest()).startsWith("554 5.5.1").hasLineCount(1);
    }
    assertThat(server.spool.kept).isEmpty();
  }

  @Test
  void aMessageSentAfterARefusedDataDoesNotRun() throws IOException {
    server.spool.fault = MemorySpool.Fault.FULL_AT_OPEN;
    try (RawClient client = server.transaction()) {
      assertThat(client.ask("DATA")).startsWith("452 4.3.1");
      server.spool.fault = MemorySpool.Fault.NONE;
      client.send("Subject: s\r\n\r\n" + SMUGGLED);
      assertThat(client.rest()).startsWith("500 5.5.1").hasLineCount(1);
    }
    assertThat(server.spool.kept).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\tfolded", "caf\u00E9", "bare\nline", "bare\rline"})
  void aFirstLineThatIsNoLineOfACommandIsNoWayAround(String first) throws IOException {
    server.spool.fault = MemorySpool.Fault.FULL_AT_OPEN;
    try (RawClient client = server.transaction()) {
      assertThat(client.ask("DATA")).startsWith("452 4.3.1");
      server.spool.fault = MemorySpool.Fault.NONE;
      client.send((first + "\r\nRSET\r\n" + SMUGGLED).getBytes(ISO_8859_1));
      assertThat(client.rest()).startsWith("500 5.5.2").hasLineCount(1);
    }
    assertThat(server.spool.kept).isEmpty();
  }

  @Test
  void aLineWithoutEndBehindARefusedDataEndsTheSession() throws IOException {
    server.spool.fault = MemorySpool.Fault.FULL_AT_OPEN;
    try (RawClient client = server.transaction()) {
      assertThat(client.ask("DATA")).startsWith("452 4.3.1");
      server.spool.fault = MemorySpool.Fault.NONE;
      client.send("x".repeat(ClientInput.MAX_LINE) + "\r\nRSET\r\n" + SMUGGLED);
      assertThat(client.rest()).startsWith("500 5.5.2").hasLineCount(1);
    }
    assertThat(server.spool.kept).isEmpty();
  }

  @Test
  void aMessageThatIsRefusedAfterTheFactDoesNotRunEither() throws IOException {
    server.spool.fault = MemorySpool.Fault.BROKEN_AT_WRITE;
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      client.send(SMUGGLED.replace("\r\n.\r\n", "\r\n..\r\n") + "\r\n.\r\n");
      assertThat(client.reply()).startsWith("451 4.3.0");
      assertThat(client.send("QUIT\r\n").rest()).isEqualTo("221 2.0.0 bye\n");
    }
    assertThat(server.spool.kept).isEmpty();
  }

  @Test
  void noTextOfAClientBecomesAFieldOfItsOwn() throws IOException {
    try (RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("EHLO a\rBcc: x")).startsWith("500");
      assertThat(client.ask("EHLO a) by evil; (")).startsWith("501");
      assertThat(client.ask("EHLO " + "a".repeat(256))).startsWith("501");
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(client.ask("RCPT TO:<\"a\nBcc: x\"@b.example>")).startsWith("500");
      client.ask("RCPT TO:<\"a) b; c\"@b.example>");
      assertThat(client.message(" evil: continuation\r\n\r\nbody")).startsWith("250");
    }
    assertThat(server.spool.only().text())
        .contains("\r\n\tfor <\"a) b; c\"@b.example>;\r\n")
        .contains(">\r\n\r\n evil: continuation\r\n");
  }
}
