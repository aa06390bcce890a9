package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.relay.config.RelayConfig;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Bare CR and LF by either policy, by DATA and by BDAT, in every piece that TCP may make. */
class SmtpLineEndingsTest {
  private static final String[] ENDS = {"\r\n", "\r", "\n", "\r\r\n", "\r\n\0", "\n\r", ""};
  private static final String SMUGGLED =
      "MAIL FROM:<evil@x.example>\r\nRCPT TO:<victim@x.example>\r\nDATA\r\nevil";
  private static final String HEADER = "Date: x\r\nMessage-ID: <y@z>\r\n\r\n";

  private final ServerUnderTest server;

  SmtpLineEndingsTest() throws IOException {
    server = ServerUnderTest.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void policy(BareLineEndings policy) {
    RelayConfig config = ServerUnderTest.config(true, null, "*");
    RelayConfig.Listening plain = config.listening();
    server.config.set(
        new RelayConfig(
            config.identity(),
            new RelayConfig.Listening(
                plain.port(), true, plain.maxMessageBytes(), policy, true, null, null),
            config.access(),
            config.routes(),
            config.outgoing(),
            config.retry()));
  }

  /** All pairs of line ends around a dot but the true one. */
  private static Stream<String> falseEnds() {
    return Arrays.stream(ENDS)
        .flatMap(before -> Arrays.stream(ENDS).map(after -> before + "." + after))
        .filter(end -> !end.contains("\r\n.\r\n"));
  }

  @ParameterizedTest
  @EnumSource(BareLineEndings.class)
  @DisplayName(
      "case 01: whatever stands around the dot, in every chunking, there is one message or none")
  void aFalseEndIsNeverTheEnd(BareLineEndings policy) throws IOException {
    policy(policy);
    for (String end : falseEnds().toList()) {
      String data = HEADER + "body" + end + SMUGGLED + "\r\n.\r\n";
      int about = HEADER.length();
      for (int split = about; split < about + 4 + end.length() + 2; split++) {
        server.spool.kept.clear();
        try (RawClient client = server.transaction()) {
          client.ask("DATA");
          byte[] octets = data.getBytes(ISO_8859_1);
          client.send(Arrays.copyOf(octets, split));
          client.send(Arrays.copyOfRange(octets, split, octets.length));
          assertThat(client.reply()).as("%s at %d", end, split).matches("250 2.*|550 5\\.6\\.0.*");
          assertThat(client.ask("NOOP")).startsWith("250");
        }
        assertThat(server.spool.kept).as("%s at %d", end, split).hasSizeLessThanOrEqualTo(1);
        server.spool.kept.forEach(kept -> assertOneCleanMessage(kept.text()));
      }
    }
  }

  @Test
  @DisplayName("case 01: the true end in every chunking ends exactly one message")
  void theTrueEndEndsOneMessage() throws IOException {
    byte[] data = (HEADER + "body\r\n.\r\nNOOP\r\n").getBytes(ISO_8859_1);
    for (int split = 0; split <= data.length; split++) {
      for (int second = split; second <= Math.min(data.length, split + 3); second++) {
        server.spool.kept.clear();
        try (RawClient client = server.transaction()) {
          client.ask("DATA");
          client.send(Arrays.copyOf(data, split));
          client.send(Arrays.copyOfRange(data, split, second));
          client.send(Arrays.copyOfRange(data, second, data.length));
          assertThat(client.reply()).startsWith("250 2.0.0 queued");
          assertThat(client.reply()).startsWith("250");
        }
        assertThat(server.spool.only().text()).endsWith("\r\n\r\nbody\r\n");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BareLineEndings.class)
  @DisplayName("case 02: no bare CR or LF is kept, by DATA or by BDAT")
  void nothingBareIsKept(BareLineEndings policy) throws IOException {
    policy(policy);
    for (String end : falseEnds().toList()) {
      String content = HEADER + "body" + end + SMUGGLED;
      for (int split = HEADER.length(); split < HEADER.length() + 4 + end.length() + 2; split++) {
        server.spool.kept.clear();
        try (RawClient client = server.transaction()) {
          client.send("BDAT " + split + "\r\n" + content.substring(0, split)).reply();
          String rest = content.substring(split);
          client.send("BDAT " + rest.length() + " LAST\r\n" + rest);
          assertThat(client.reply()).as("%s at %d", end, split).matches("250 2.*|550 5\\.6\\.0.*");
          assertThat(client.ask("NOOP")).startsWith("250");
        }
        server.spool.kept.forEach(kept -> assertOneCleanMessage(kept.text()));
      }
    }
  }

  private static void assertOneCleanMessage(String kept) {
    assertThat(kept).endsWith(SMUGGLED + "\r\n").doesNotContain("\0");
    assertThat(kept.replace("\r\n", "")).doesNotContain("\r", "\n");
  }

  @ParameterizedTest
  @CsvSource({
    "a/nb, a!b!",
    "a/n./n!b, a!.!!b!",
    "a/rb, a b!",
    "a/r!b, a !b!",
    "/n/n, !!!",
    "a/n, a!!",
    "..a/n..b, .a!..b!",
    "a!./nb, a!!b!",
    "a!./r!b, a! !b!"
  })
  void normalizingMakesABareLfALineEndAndABareCrASpace(String sent, String kept)
      throws IOException {
    policy(BareLineEndings.NORMALIZE);
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      client.send(HEADER + text(sent) + "\r\n.\r\n");
      assertThat(client.reply()).startsWith("250");
    }
    assertThat(server.spool.only().text()).endsWith("<y@z>\r\n\r\n" + text(kept));
  }

  @Test
  void normalizingMakesTheHeaderOfAClientWithLfOnlyAHeader() throws IOException {
    policy(BareLineEndings.NORMALIZE);
    try (RawClient client = server.transaction()) {
      String content = "Subject: x\nDate: y\n\nhello\n";
      client.send("BDAT " + content.length() + " LAST\r\n" + content);
      assertThat(client.reply()).startsWith("250");
    }
    assertThat(server.spool.only().text())
        .contains(
            ";\r\n\tMon, 23 Nov 2026 15:31:07 +0000\r\nSubject: x\r\nDate: y\r\nMessage-ID: <")
        .endsWith("@mail.example.com>\r\n\r\nhello\r\n");
  }

  @Test
  void normalizingLetsNoNulPass() throws IOException {
    policy(BareLineEndings.NORMALIZE);
    try (RawClient client = server.transaction()) {
      assertThat(client.message("a\0b")).startsWith("550 5.6.0");
    }
  }

  private static String text(String shorthand) {
    return shorthand.replace("!", "\r\n").replace("/n", "\n").replace("/r", "\r");
  }
}
