package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a message between 354 and the last reply. */
class SmtpDataTest {
  private static final String RECEIVED =
      "Received: from client.example ([127.0.0.1])\r\n"
          + "\tby mail.example.com with ESMTP id TEST00000001\r\n"
          + "\tfor <b@example.org>;\r\n"
          + "\tMon, 23 Nov 2026 15:31:07 +0000\r\n";

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
  void storesTheMessageWithOneFieldMoreAndThenSays250() throws IOException {
    String message = "Date: x\r\nMessage-ID: <y@z>\r\nSubject: s\r\n\r\nhello\r\n..\r\n";
    try (RawClient client = server.transaction()) {
      String sent = message.replace("\r\n..", "\r\n...").strip();
      assertThat(client.message(sent)).isEqualTo("250 2.0.0 queued as TEST00000001");
    }
    MemorySpool.Kept kept = server.spool.only();
    assertThat(kept.text()).isEqualTo(RECEIVED + message);
    assertThat(kept.message().envelope())
        .isEqualTo(
            new Envelope(
                new MailAddress("a", "client.example"),
                List.of(new MailAddress("b", "example.org")),
                BodyType.SEVEN_BIT,
                false,
                ServerUnderTest.NOW,
                false));
    assertThat(server.handedOver).containsExactly(kept.message());
    assertThat(server.metrics.get("bridgehead.messages.received").counter().count()).isEqualTo(1);
  }

  @Test
  void addsDateAndMessageIdWhereTheClientSentNone() throws IOException {
    try (RawClient client = server.transaction()) {
      client.message("Subject: s\r\n\r\nhello");
    }
    assertThat(server.spool.only().text())
        .isEqualTo(
            RECEIVED
                + "Subject: s\r\nDate: Mon, 23 Nov 2026 15:31:07 +0000\r\n"
                + "Message-ID: <20261123153107.TEST00000001@mail.example.com>\r\n\r\nhello\r\n");
  }

  @Test
  void addsNothingButReceivedWhereItShallNot() throws IOException {
    server.config.set(ServerUnderTest.config(0, true, false, null, "*"));
    try (RawClient client = server.transaction()) {
      client.message("Subject: s\r\n\r\nhello");
    }
    assertThat(server.spool.only().text()).isEqualTo(RECEIVED + "Subject: s\r\n\r\nhello\r\n");
  }

  @Test
  void showsNoRecipientToAnother() throws IOException {
    try (RawClient client = server.transaction()) {
      client.ask("RCPT TO:<c@example.org>");
      client.message("hello");
    }
    assertThat(server.spool.only().text()).doesNotContain("example.org");
    assertThat(server.spool.only().message().envelope().recipients()).hasSize(2);
  }

  @Test
  void dropsDuplicateRecipients() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.ask("RCPT TO:<b@EXAMPLE.org>")).startsWith("250");
      client.message("hello");
    }
    assertThat(server.spool.only().message().envelope().recipients()).hasSize(1);
  }

  @Test
  void takesTheNullReversePath() throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("hello")).startsWith("250");
    }
    assertThat(server.spool.only().message().envelope().reversePath()).isNull();
  }

  @Test
  void eightBitContentIsTakenAs8BitMimeDeclaredOrNot() throws IOException {
    try (RawClient client = server.transaction()) {
      client.message("Subject: s\r\n\r\nh\u00e9llo");
    }
    assertThat(server.spool.only().message().envelope().body()).isEqualTo(BodyType.EIGHT_BIT_MIME);
    assertThat(server.spool.only().text()).endsWith("h\u00e9llo\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "a@x.example, hello, false",
    "a@x.example, héllo, true",
    "jörg@x.example, hello, true"
  })
  void smtpUtf8TravelsOnWhereItIsNeeded(String sender, String body, boolean needed)
      throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<" + sender + "> SMTPUTF8");
      client.ask("RCPT TO:<b@example.org>");
      client.message(new String(body.getBytes(UTF_8), ISO_8859_1));
    }
    assertThat(server.spool.only().message().envelope().smtpUtf8()).isEqualTo(needed);
    assertThat(server.spool.only().text()).contains(" with UTF8SMTP id ");
  }

  @Test
  void longLinesPassUnchanged() throws IOException {
    String line = "x".repeat(50_000);
    try (RawClient client = server.transaction()) {
      assertThat(client.message("Subject: s\r\n\r\n" + line)).startsWith("250");
    }
    assertThat(server.spool.only().text()).endsWith("\r\n\r\n" + line + "\r\n");
  }

  @Test
  void anEmptyMessageIsOne() throws IOException {
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      assertThat(client.send(".\r\n").reply()).startsWith("250");
    }
  }

  @Test
  void aMessageOfTwiceTheLimitEndsTheConnection() throws IOException {
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      client.send(("y".repeat(998) + "\r\n").repeat(600).getBytes(UTF_8));
      assertThat(client.reply()).startsWith("552 5.3.4");
      assertThat(client.rest()).isEmpty();
    }
    assertThat(server.spool.kept).isEmpty();
    assertThat(server.spool.openIntakes).hasValue(0);
  }

  @Test
  @DisplayName("case 21: a message beyond the limit is read to its end and refused")
  void aMessageBeyondTheLimitIsReadToItsEndAndRefused() throws IOException {
    try (RawClient client = server.transaction()) {
      String big = ("y".repeat(998) + "\r\n").repeat(100) + "MAIL FROM:<x@y.example>";
      assertThat(client.message(big)).startsWith("552 5.3.4");
      assertThat(client.ask("NOOP")).startsWith("250");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("250");
    }
    assertThat(server.spool.kept).isEmpty();
    assertThat(server.spool.openIntakes).hasValue(0);
  }

  @Test
  void theLimitCountsWhatTheClientSentWithoutTransparencyDots() throws IOException {
    String content = "Subject: s\r\n\r\n" + ".\r\n".repeat((ServerUnderTest.MAX_MESSAGE - 14) / 3);
    assertThat(ServerUnderTest.MAX_MESSAGE - content.length()).isBetween(0, 2);
    String exact = content + "z".repeat(ServerUnderTest.MAX_MESSAGE - content.length());
    assertThat(exact).hasSize(ServerUnderTest.MAX_MESSAGE);
    try (RawClient client = server.transaction()) {
      String stuffed = content.replace("\r\n.", "\r\n..").stripTrailing();
      assertThat(client.message(stuffed)).startsWith("250");
    }
  }

  @Test
  @DisplayName("case 15: a loop is broken")
  void aLoopIsBroken() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.message("Received: x\r\n".repeat(31) + "\r\nhello"))
          .startsWith("554 5.4.6");
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("Received: x\r\n".repeat(30) + "\r\nhello")).startsWith("250");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FULL_AT_OPEN, 452 4.3.1",
    "BROKEN_AT_OPEN, 451 4.3.0",
    "BROKEN_AT_WRITE, 451 4.3.0",
    "FULL_AT_COMMIT, 452 4.3.1",
    "BROKEN_AT_COMMIT, 451 4.3.0"
  })
  @DisplayName("case 26: what is not on disk is never accepted")
  void whatIsNotOnDiskIsNeverAccepted(MemorySpool.Fault fault, String reply) throws IOException {
    server.spool.fault = fault;
    try (RawClient client = server.transaction()) {
      String data = client.ask("DATA");
      String last =
          data.startsWith("354") ? client.send("Subject: s\r\n\r\nb\r\n.\r\n").reply() : data;
      assertThat(last).startsWith(reply);
      server.spool.fault = MemorySpool.Fault.NONE;
      assertThat(client.ask("MAIL FROM:<a@client.example>")).startsWith("250");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(client.message("hello")).startsWith("250");
    }
    assertThat(server.spool.kept).hasSize(1);
    assertThat(server.handedOver).hasSize(1);
    assertThat(server.spool.openIntakes).hasValue(0);
  }

  @Test
  void aConnectionLostWithinAMessageLeavesNothing() throws IOException {
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      client.send("Subject: s\r\n\r\nbody\r\n.\r").endInput();
      assertThat(client.rest()).isEmpty();
    }
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      client.send("Subject: s\r\n\r\nbody\r\n").reset();
    }
    await().until(() -> server.spool.openIntakes.get() == 0);
    assertThat(server.spool.kept).isEmpty();
  }
}
