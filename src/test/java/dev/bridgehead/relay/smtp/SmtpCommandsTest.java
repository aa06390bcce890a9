package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands, their order and their syntax, on the real server. */
class SmtpCommandsTest {
  private ServerUnderTest server;

  @BeforeEach
  void start() throws IOException {
    server = ServerUnderTest.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void greetsAndOffersWhatItKeepsAndNothingElse() throws IOException {
    try (RawClient client = server.connect()) {
      assertThat(client.reply()).isEqualTo("220 mail.example.com ESMTP Bridgehead");
      assertThat(client.ask("EHLO client.example"))
          .isEqualTo(
              """
              250-mail.example.com
              250-PIPELINING
              250-SIZE 100000
              250-8BITMIME
              250-ENHANCEDSTATUSCODES
              250-DSN
              250-SMTPUTF8
              250-CHUNKING
              250 LIMITS RCPTMAX=1000""");
      assertThat(client.ask("QUIT")).isEqualTo("221 2.0.0 bye");
      assertThat(client.reply()).isEmpty();
    }
  }

  @Test
  void takesAMessageFromAnOldClientThatSaysHelo() throws IOException {
    try (RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("HELO old")).isEqualTo("250 mail.example.com");
      assertThat(client.ask("mail from:<a@b.example>")).isEqualTo("250 2.1.0 sender ok");
      assertThat(client.ask("rcpt TO:<c@d.example>")).isEqualTo("250 2.1.5 recipient ok");
      assertThat(client.message("Subject: x\r\n\r\nhello"))
          .isEqualTo("250 2.0.0 queued as TEST00000001");
    }
    assertThat(server.spool.only().text()).contains(" with SMTP id ");
  }

  @ParameterizedTest
  @CsvSource({
    "NOOP, 250 2.0.0", "NOOP anything, 250 2.0.0", "noop, 250 2.0.0", "RSET, 250 2.0.0",
    "VRFY someone, 252 2.1.5", "VRFY, 501 5.5.4", "HELP, 214 2.0.0", "RSET x, 501 5.5.4",
    "DATA x, 501 5.5.4", "QUIT x, 501 5.5.4", "EXPN list, 502 5.5.1",
        "AUTH PLAIN AGEAYg==, 502 5.5.1",
    "STARTTLS, 502 5.5.1", "DATAXYZ, 500 5.5.1", "MAILFROM:<a@b.example>, 500 5.5.1",
        "'', 500 5.5.1",
    "FOO, 500 5.5.1", "maıl FROM:<a@b.example>, 500 5.5.1", "EHLO, 501 expected",
        "EHLO a b, 501 expected",
    "EHLO a;b, 501 expected", "EHLO (x), 501 expected", "EHLO [10.0.0.1], 250-mail",
        "HELO web_7d9f, 250 mail",
    "'NOOP  ', 250 2.0.0"
  })
  void answers(String command, String reply) throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask(command)).startsWith(reply);
    }
  }

  @Test
  void keepsTheOrderOfCommands() throws IOException {
    try (RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("503 5.5.1");
      client.ask("EHLO x");
      assertThat(client.ask("RCPT TO:<a@b.example>")).startsWith("503 5.5.1");
      assertThat(client.ask("DATA")).startsWith("503 5.5.1");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("250");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("503 5.5.1");
      assertThat(client.ask("DATA")).startsWith("554 5.5.1");
      assertThat(client.ask("RCPT TO:<a@b.example>")).startsWith("250");
      assertThat(client.ask("RSET")).startsWith("250");
      assertThat(client.ask("RCPT TO:<a@b.example>")).startsWith("503 5.5.1");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("250");
      assertThat(client.ask("EHLO x")).startsWith("250");
      assertThat(client.ask("RCPT TO:<a@b.example>")).startsWith("503 5.5.1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MAIL FROM:<>, 250 2.1.0",
    "MAIL FROM: <a@b.example>, 250 2.1.0",
    "MAIL FROM:<a@b.example> SIZE=100000, 250 2.1.0",
    "MAIL FROM:<a@b.example> BODY=8BITMIME SIZE=100000 , 250 2.1.0",
    "MAIL FROM:<a@b.example> body=7bit size=1, 250 2.1.0",
    "MAIL FROM:<a@b.example> SIZE=100001, 552 5.3.4",
    "MAIL FROM:<a@b.example> BODY=7BIT SIZE=99999999999, 552 5.3.4",
    "MAIL FROM:<a@b.example> SIZE=99999999999999999999, 552 5.3.4",
    "MAIL FROM:<a@b.example> SIZE=999999999999999999999, 501 5.5.4",
    "MAIL FROM:<a@b.example> SIZE=-1, 501 5.5.4",
    "MAIL FROM:<a@b.example> SIZE, 501 5.5.4",
    "MAIL FROM:<a@b.example> SIZE=, 501 5.5.4",
    "MAIL FROM:<a@b.example> SIZE=1 size=2, 501 5.5.4",
    "MAIL FROM:<a@b.example> BODY=BINARYMIME, 555 5.5.4",
    "MAIL FROM:<a@b.example> RET=HDRS, 250 2.1.0",
    "MAIL FROM:<a@b.example> AUTH=<>, 555 5.5.4",
    "MAIL FROM:<a@b.example> FOO, 555 5.5.4",
    "MAIL FROM:<a@b.example>SIZE=1, 501 5.5.4",
    "MAIL FROM:<a@b.example> =1, 501 5.5.4",
    "MAIL FROM:<a@b.example> SMTPUTF8=1, 501 5.5.4",
    "MAIL FROM:<jörg@b.example>, 553 5.6.7",
    "MAIL FROM:<jörg@b.example> SMTPUTF8, 250 2.1.0",
    "MAIL FROM:a@b.example, 501 5.1.7",
    "MAIL FROM:<a@b.example, 501 5.1.7",
    "MAIL FROM:<@x.example:a@b.example>, 501 5.1.7",
    "MAIL FROM:<postmaster>, 501 5.1.7",
    "MAIL TO:<a@b.example>, 501 5.5.4",
    "MAIL, 501 5.5.4"
  })
  void mail(String command, String reply) throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask(command)).startsWith(reply);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "RCPT TO:<c@d.example>, 250 2.1.5",
    "RCPT TO:<\"c d\"@d.example>, 250 2.1.5",
    "RCPT TO:<c@d.example> NOTIFY=NEVER, 250 2.1.5",
    "RCPT TO:<>, 501 5.1.3",
    "RCPT TO:<@x.example:c@d.example>, 501 5.1.3",
    "RCPT TO:<jörg@d.example>, 553 5.6.7",
    "RCPT TO:c@d.example, 501 5.1.3",
    "RCPT FROM:<c@d.example>, 501 5.5.4"
  })
  void rcpt(String command, String reply) throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(client.ask(command)).startsWith(reply);
    }
  }

  @Test
  void aLineMayHave12288OctetsAndNoMore() throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask("NOOP " + "x".repeat(12_288 - 7))).startsWith("250");
      assertThat(client.ask("NOOP " + "x".repeat(12_288 - 6))).startsWith("500 5.5.2");
      assertThat(client.ask("NOOP " + "x".repeat(1_000_000))).startsWith("500 5.5.2");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NOOP\rRSET", "NOOP\nRSET", "NOOP\r\rRSET", "\nNOOP", "NOOP\r", "NOOP\n\r"})
  void aBareCrOrLfSpoilsTheWholeLineAndNothingOfItRuns(String line) throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask(line)).startsWith("500 5.5.2");
      assertThat(client.ask("QUIT")).startsWith("221");
    }
  }

  @Test
  void aClientWithLfOnlyHearsWhyAndIsClosed() throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.send("NOOP\n").rest()).startsWith("500 5.5.2").hasLineCount(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NOOP\0", "MAIL FROM:<a\0b@c.example>", "MAIL\tFROM:<a@b.example>", "\u007F"})
  void controlCharactersAreRefused(String line) throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask(line)).startsWith("500 5.5.2");
    }
  }

  @Test
  void brokenUtf8IsRefused() throws IOException {
    try (RawClient client = server.session()) {
      client.send("MAIL FROM:<").send(new byte[] {(byte) 0xC3}).send("@b.example> SMTPUTF8\r\n");
      assertThat(client.reply()).startsWith("500 5.5.2");
    }
  }

  @Test
  void anUnfinishedCommandIsNotRun() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.send("DATA").endInput().rest()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HTTP/1.1", "POST /x HTTP/1.1", "CONNECT a:25 HTTP/1.1", "post / HTTP/1.0"})
  @DisplayName("case 23: HTTP is told to go away, and its body does not run")
  void httpIsToldToGoAwayAndItsBodyDoesNotRun(String request) throws IOException {
    try (RawClient client = server.connect()) {
      client.reply();
      client.send(request + "\r\nHost: x\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.example>\r\n");
      assertThat(client.rest()).startsWith("421 4.7.0").hasLineCount(1);
    }
    assertThat(server.refused(Refusal.FORBIDDEN_COMMAND)).isEqualTo(1);
  }
}
