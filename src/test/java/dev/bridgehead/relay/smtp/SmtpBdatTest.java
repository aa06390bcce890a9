package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.BodyType;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages in chunks (RFC 3030). */
class SmtpBdatTest {
  private static final String MESSAGE = "Date: x\r\nMessage-ID: <y@z>\r\n\r\nhello\r\n";

  /** What must never run as a command. */
  private static final String EVIL = "MAIL FROM:<evil@x.example>\r\n";

  private ServerUnderTest server;

  @BeforeEach
  void start() throws IOException {
    server = ServerUnderTest.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String chunk(RawClient client, String content) throws IOException {
    return client.send(command(content, "") + content).reply();
  }

  private static String lastChunk(RawClient client, String content) throws IOException {
    return client.send(command(content, " LAST") + content).reply();
  }

  private static String command(String content, String last) {
    return "BDAT " + content.length() + last + "\r\n";
  }

  private static void assertFresh(RawClient client) throws IOException {
    assertThat(client.ask("MAIL FROM:<a@client.example>")).startsWith("250 2.1.0");
    assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250 2.1.5");
    assertThat(lastChunk(client, MESSAGE)).startsWith("250 2.0.0 queued");
  }

  @Test
  void chunksMakeOneMessage() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(chunk(client, MESSAGE.substring(0, 20))).isEqualTo("250 2.0.0 20 octets received");
      assertThat(chunk(client, MESSAGE.substring(20, 21)))
          .isEqualTo("250 2.0.0 21 octets received");
      assertThat(lastChunk(client, MESSAGE.substring(21)))
          .isEqualTo("250 2.0.0 queued as TEST00000001");
      assertThat(server.spool.only().text()).startsWith("Received: ").endsWith(MESSAGE);
      assertThat(server.handedOver).hasSize(1);
      assertFresh(client);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bdat 0 last", "BdAt 0 LaSt", "BDAT 00000000000000000000 LAST"})
  void anEmptyLastChunkEndsTheMessageInAnyCase(String last) throws IOException {
    try (RawClient client = server.transaction()) {
      chunk(client, MESSAGE);
      assertThat(client.ask(last)).startsWith("250 2.0.0 queued");
    }
    assertThat(server.spool.only().text()).endsWith("\r\n\r\nhello\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {".\r\n..\r\n.x\r\n", "a", "a\r\n.\r\nMAIL FROM:<x@y.example>", "h\u00e9"})
  void contentIsKeptAsItIsButForTheEndOfItsLastLine(String body) throws IOException {
    try (RawClient client = server.transaction()) {
      chunk(client, "Date: x\r\nMessage-ID: <y@z>\r\n\r\n");
      client.send(("BDAT " + body.length() + " LAST\r\n" + body).getBytes(ISO_8859_1));
      assertThat(client.reply()).startsWith("250");
    }
    String kept = body.endsWith("\r\n") ? body : body + "\r\n";
    assertThat(server.spool.only().text()).endsWith("<y@z>\r\n\r\n" + kept);
    assertThat(server.spool.only().message().envelope().body())
        .isEqualTo(body.contains("\u00e9") ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT);
  }

  @Test
  @DisplayName("case 04: a chunk without MAIL or without recipients is skipped to its last octet")
  void aRefusedChunkIsSkippedExactly() throws IOException {
    try (RawClient client = server.session()) {
      assertThat(chunk(client, EVIL)).startsWith("503 5.5.1");
      assertThat(lastChunk(client, EVIL + "\r\n.\r\n")).startsWith("503 5.5.1");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("250");
      assertThat(lastChunk(client, EVIL.repeat(100))).startsWith("554 5.5.1");
      assertFresh(client);
    }
    assertThat(server.spool.only().message().envelope().reversePath())
        .hasToString("a@client.example");
  }

  @Test
  @DisplayName("case 04: after a refused chunk the others are refused alike, up to LAST or RSET")
  void noMessageHasAHole() throws IOException {
    try (RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(chunk(client, EVIL)).startsWith("554 5.5.1");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("503 5.5.1");
      assertThat(chunk(client, EVIL)).startsWith("554 5.5.1");
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("503 5.5.1");
      assertThat(lastChunk(client, EVIL)).startsWith("554 5.5.1");
      assertFresh(client);
      client.ask("MAIL FROM:<a@b.example>");
      assertThat(chunk(client, EVIL)).startsWith("554 5.5.1");
      assertThat(client.ask("RSET")).startsWith("250");
      assertFresh(client);
    }
    assertThat(server.spool.kept).hasSize(2);
  }

  @Test
  @DisplayName("case 04: chunks that are bigger in all than a message may be are skipped")
  void tooBigInAllIsRefusedAndSkipped() throws IOException {
    try (RawClient client = server.transaction()) {
      String half = "x".repeat(998) + "\r\n";
      assertThat(chunk(client, half.repeat(60))).startsWith("250");
      assertThat(chunk(client, half.repeat(60))).startsWith("552 5.3.4");
      await().until(() -> server.spool.openIntakes.get() == 0);
      assertThat(lastChunk(client, EVIL)).startsWith("552 5.3.4");
      assertFresh(client);
    }
    assertThat(server.spool.kept).hasSize(1);
  }

  @Test
  void exactlyTheLimitIsNotTooBig() throws IOException {
    String rest = "x".repeat(ServerUnderTest.MAX_MESSAGE - MESSAGE.length() - 2) + "\r\n";
    try (RawClient client = server.transaction()) {
      chunk(client, MESSAGE);
      assertThat(lastChunk(client, rest)).startsWith("250");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"200001", "99999999999", "9223372036854775808", "99999999999999999999 LAST"})
  @DisplayName("case 04: a chunk that could never be skipped ends the session")
  void aHugeChunkEndsTheSession(String size) throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.send("BDAT " + size + "\r\n" + EVIL).rest())
          .startsWith("552 5.3.4")
          .hasLineCount(1);
    }
    try (RawClient client = server.session()) {
      assertThat(client.send("BDAT " + size + "\r\n" + EVIL).rest())
          .startsWith("503 5.5.1")
          .hasLineCount(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BDAT",
        "BDAT x",
        "BDAT -1",
        "BDAT +5 LAST",
        "BDAT 0x5",
        "BDAT 5 LATS",
        "BDAT 5  LAST",
        "BDAT 5 LAST x",
        "BDAT LAST",
        "BDAT 5LAST",
        "BDAT 5,LAST",
        "BDAT 999999999999999999999"
      })
  @DisplayName("case 04: where the size can't be read nothing that follows is")
  void aFaultySizeEndsTheSession(String command) throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.send(command + "\r\n" + EVIL).rest())
          .startsWith("501 5.5.4")
          .hasLineCount(1);
    }
    assertThat(server.spool.kept).isEmpty();
  }

  @Test
  @DisplayName("case 04: a flood of empty chunks ends the session")
  void aFloodOfEmptyChunksEndsTheSession() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.send("BDAT 0\r\n".repeat(200)).rest())
          .endsWith("421 4.7.0 too many errors\n")
          .hasLineCount(119);
    }
    try (RawClient client = server.transaction()) {
      client.send("BDAT 1\r\n\n" + "BDAT 0\r\n".repeat(200));
      assertThat(client.rest()).startsWith("550 5.6.0").endsWith("421 4.7.0 too many errors\n");
    }
    await().until(() -> server.spool.openIntakes.get() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BDAT 100\r\nabc", "BDAT 3\r\nabc", "BDAT 100 LAST\r\nabc", "BDAT 3"})
  @DisplayName("case 05: a connection lost within a chunk or between chunks leaves nothing")
  void aLostConnectionLeavesNothing(String last) throws IOException {
    try (RawClient client = server.transaction()) {
      chunk(client, MESSAGE);
      assertThat(client.send(last).endInput().rest()).doesNotContain("queued");
    }
    try (RawClient client = server.transaction()) {
      chunk(client, MESSAGE);
      client.send(last).reset();
    }
    await().until(() -> server.spool.openIntakes.get() == 0);
    assertThat(server.spool.kept).isEmpty();
  }

  @Test
  void dataAndOtherRecipientsAreNotForAMessageInChunks() throws IOException {
    try (RawClient client = server.transaction()) {
      chunk(client, MESSAGE);
      assertThat(client.ask("DATA")).startsWith("503 5.5.1");
      assertThat(client.ask("RCPT TO:<c@example.org>")).startsWith("503 5.5.1");
      assertThat(client.ask("NOOP")).startsWith("250");
      assertThat(client.ask("BDAT 0 LAST")).startsWith("250 2.0.0 queued");
      client.ask("MAIL FROM:<a@b.example>");
      client.ask("RCPT TO:<c@example.org>");
      assertThat(client.message("by DATA")).startsWith("250");
    }
    assertThat(server.spool.kept).hasSize(2);
    assertThat(server.spool.kept.getFirst().message().envelope().recipients()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSET", "EHLO again", "HELO again"})
  void whatBeginsAnewDropsTheChunks(String command) throws IOException {
    try (RawClient client = server.transaction()) {
      chunk(client, "Subject: dropped\r\n");
      assertThat(client.ask(command)).startsWith("250");
      await().until(() -> server.spool.openIntakes.get() == 0);
      assertThat(client.ask("BDAT 0 LAST")).startsWith("503 5.5.1");
      assertFresh(client);
    }
    assertThat(server.spool.only().text()).doesNotContain("dropped");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\nb", "a\rb", "\n.\r\n", "\r.\r\n", "a\0", "\r\r\n", "a\n"})
  @DisplayName("case 20: a bare CR, a bare LF or a NUL in a chunk is refused")
  void badOctetsAreRefusedWhereverTheChunkIsCut(String bad) throws IOException {
    try (RawClient client = server.session()) {
      for (int cut = 0; cut <= bad.length(); cut++) {
        client.ask("MAIL FROM:<a@client.example>");
        client.ask("RCPT TO:<b@example.org>");
        chunk(client, "Subject: x\r\n\r\n" + bad.substring(0, cut));
        assertThat(lastChunk(client, bad.substring(cut))).startsWith("550 5.6.0");
        assertFresh(client);
      }
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      assertThat(lastChunk(client, "unfinished\r")).startsWith("550 5.6.0");
    }
    assertThat(server.spool.kept).hasSize(bad.length() + 1);
  }

  @Test
  void aLineEndCutInTwoIsOne() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(chunk(client, MESSAGE + "a\r")).startsWith("250");
      assertThat(lastChunk(client, "\nb")).startsWith("250");
    }
    assertThat(server.spool.only().text()).endsWith(MESSAGE + "a\r\nb\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "FULL_AT_OPEN, 452 4.3.1",
    "BROKEN_AT_OPEN, 451 4.3.0",
    "BROKEN_AT_WRITE, 451 4.3.0",
    "FULL_AT_COMMIT, 452 4.3.1",
    "BROKEN_AT_COMMIT, 451 4.3.0"
  })
  void whatIsNotOnDiskIsNeverAccepted(MemorySpool.Fault fault, String reply) throws IOException {
    server.spool.fault = fault;
    try (RawClient client = server.transaction()) {
      String first = chunk(client, MESSAGE);
      server.spool.fault =
          first.startsWith("250") ? fault : MemorySpool.Fault.NONE; // room comes back: too late
      assertThat(lastChunk(client, EVIL)).startsWith(reply);
      server.spool.fault = MemorySpool.Fault.NONE;
      assertFresh(client);
    }
    assertThat(server.spool.kept).hasSize(1);
    await().until(() -> server.spool.openIntakes.get() == 0);
  }

  @Test
  void aLoopIsBroken() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(lastChunk(client, "Received: x\r\n".repeat(31))).startsWith("554 5.4.6");
      assertFresh(client);
    }
  }

  @Test
  void severalMessagesPipelinedAndCutAnywhereAreTheSame() throws IOException {
    String all =
        "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 5\r\na\r\n.\rBDAT 6 LAST\r\n"
            + "\nRSET\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nBDAT 10\r\nSubject: tBDAT 9 LAST\r\n"
            + "wo\r\n\r\n.\r\nBDAT 3\r\nxyzQUIT\r\n";
    String expected =
        """
        250 2.1.0 sender ok
        250 2.1.5 recipient ok
        250 2.0.0 5 octets received
        550 5.6.0 message has a bare CR, a bare LF or a NUL
        250 2.1.0 sender ok
        250 2.1.5 recipient ok
        250 2.0.0 10 octets received
        250 2.0.0 queued as ID
        """;
    byte[] octets = all.getBytes(ISO_8859_1);
    for (int split = 0; split <= octets.length; split++) {
      try (RawClient client = server.connect()) {
        client.send(Arrays.copyOf(octets, split));
        client.send(Arrays.copyOfRange(octets, split, octets.length));
        String replies = client.rest().replaceAll("TEST[0-9]+", "ID");
        assertThat(replies).as("split at %d", split).contains(expected);
      }
    }
    assertThat(server.spool.kept).hasSize(octets.length + 1);
  }

  @Test
  void aPipelinedGroupIsAnsweredInOnePacket() throws IOException {
    try (RawClient client = server.session()) {
      client.send(
          "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nBDAT 3\r\na\r\nBDAT 3\r\nb\r\n"
              + "BDAT 0\r\nNOOP\r\n");
      assertThat(client.available()).hasLineCount(6);
    }
  }

  @Test
  void binaryContentIsNotOffered() throws IOException {
    try (RawClient client = server.session()) {
      assertThat(client.ask("MAIL FROM:<a@b.example> BODY=BINARYMIME")).startsWith("555 5.5.4");
    }
  }
}
