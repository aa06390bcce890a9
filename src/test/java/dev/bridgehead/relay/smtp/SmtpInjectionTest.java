package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** What a client sends gets neither into a log line, nor into a field, as more than text. */
class SmtpInjectionTest {
  private static final List<String> NASTY =
      List.of(
          "\r",
          "\n",
          "\r\n",
          "\0",
          "\u001b[2J",
          "\u0007",
          "\u007f",
          "\u0085",
          "\u2028",
          "\u2029",
          "\u202e",
          "\ufeff",
          "\u009b31m",
          "%0d%0a",
          "+0D+0A",
          "\\r\\n");

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.bridgehead.relay.smtp");
  private ServerUnderTest server;

  @BeforeEach
  void start() throws IOException {
    server = ServerUnderTest.start();
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null); // as its parent has it
    server.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EHLO a%sb",
        "HELO %s",
        "MAIL FROM:<a%sb@x.example>",
        "MAIL FROM:<\"a%sb\"@x.example> SMTPUTF8",
        "MAIL FROM:<a@x%sx.example> SMTPUTF8",
        "MAIL FROM:<a@x.example> %s=1",
        "MAIL FROM:<a@x.example> ENVID=a%sb",
        "RCPT TO:<\"a%sb\"@x.example>",
        "RCPT TO:<a@x.example> ORCPT=rfc822;a%sb",
        "RCPT TO:<a@x.example> ORCPT=utf-8;a\\x{0D}%s",
        "BDAT 1%s LAST",
        "XCLIENT HELO=%s",
        "%s",
        "NOOP %s",
        "VRFY %s"
      })
  @DisplayName("case 10 and 11: no octet of a command breaks a log line or a field")
  void noCommandForgesALogLineOrAField(String command) throws IOException {
    for (String nasty : NASTY) {
      try (RawClient client = server.session()) {
        if (!command.startsWith("MAIL")) {
          client.ask("MAIL FROM:<a@x.example> SMTPUTF8");
        }
        client.ask(command.formatted(nasty));
        client.ask("RCPT TO:<b@example.org>");
        client.send("DATA\r\n").reply();
        client.send("Subject: x\r\n\r\nx\r\n.\r\nQUIT\r\n").rest();
      }
    }
    assertThat(lines.list)
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertHarmless(line.getFormattedMessage());
              if (line.getKeyValuePairs() != null) {
                line.getKeyValuePairs().forEach(pair -> assertHarmless(String.valueOf(pair.value)));
              }
            });
    for (MemorySpool.Kept kept : server.spool.kept) {
      String received = kept.text().substring(0, kept.text().indexOf("Subject: x"));
      assertThat(received.replaceAll("\r\n(?=\t|$)", ""))
          .doesNotContain("\r", "\n", "\0", "\u001b");
    }
  }

  private static void assertHarmless(String text) {
    assertThat(text.chars().allMatch(c -> c >= ' ' && c != 0x7F && !isControl(c)))
        .as("%s", text)
        .isTrue();
  }

  private static boolean isControl(int c) {
    return Character.isISOControl(c)
        || List.of(Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR)
            .contains((byte) Character.getType(c));
  }

  @Test
  @DisplayName("case 11: a reply never holds what a client said but in ASCII on one line")
  void noReplyIsForged() throws IOException {
    Random random = new Random(41);
    try (RawClient client = server.session()) {
      for (int i = 0; i < 15; i++) {
        String parameter =
            "X".repeat(1 + random.nextInt(60)) + NASTY.get(random.nextInt(NASTY.size()));
        String reply =
            client.ask("MAIL FROM:<a@x.example> " + parameter.replaceAll("[\r\n]", "") + "=1");
        assertThat(reply).matches("5[05][0-9] 5\\.[0-9]\\.[0-9] [ -~]*");
        assertThat(reply.getBytes(ISO_8859_1)).hasSizeLessThan(510);
      }
    }
  }

  @Test
  @DisplayName("case 12: a header section of nothing but fields is taken, and held nowhere")
  void aHeaderBombIsAMessage() throws IOException {
    try (RawClient client = server.transaction()) {
      assertThat(client.message("X: y\r\n".repeat(15_000) + "Z".repeat(9_000) + ": \r\n"))
          .startsWith("250");
    }
  }

  @Test
  @DisplayName(
      "case 12: a command line without end is read, kept nowhere, and refused once it ends")
  void anEndlessLineIsRefused() throws IOException {
    try (RawClient client = server.session()) {
      String part = "x".repeat(1 << 20);
      for (int i = 0; i < 8; i++) {
        client.send(part);
      }
      assertThat(client.ask("")).startsWith("500 5.5.2");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }
}
