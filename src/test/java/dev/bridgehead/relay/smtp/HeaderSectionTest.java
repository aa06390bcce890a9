package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderSectionTest {
  private static final String DATE = "Date: now\r\n";
  private static final String ID = "Message-ID: <1@x>\r\n";
  private static final List<Integer> BLOCK_SIZES = List.of(1, 2, 3, 5, 7, 1000);

  private static String pass(String message, boolean addMissing, int blockSize) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HeaderSection headers = new HeaderSection(out::write, addMissing, DATE, ID);
    feed(headers, message, blockSize);
    return out.toString(ISO_8859_1);
  }

  private static void feed(HeaderSection headers, String message, int blockSize) {
    byte[] octets = message.getBytes(ISO_8859_1);
    try {
      for (int at = 0; at < octets.length; at += blockSize) {
        headers.write(octets, at, Math.min(blockSize, octets.length - at));
      }
      headers.finish();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String passed(String message) {
    String whole = pass(message, true, 1000);
    for (int blockSize = 1; blockSize < 8; blockSize++) {
      assertThat(pass(message, true, blockSize)).isEqualTo(whole);
    }
    return whole;
  }

  @Test
  void addsWhatIsMissingAtTheEndOfTheSection() {
    assertThat(passed("Subject: x\r\n\r\nDate: in the body\r\n"))
        .isEqualTo("Subject: x\r\n" + DATE + ID + "\r\nDate: in the body\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Date", "dAtE", "DATE ", "Date\t "})
  void knowsAFieldWhateverItsCaseAndInObsoleteSyntax(String name) {
    String message = name + ": x\r\nmessage-id: <y@z>\r\n\r\nbody\r\n";
    assertThat(passed(message)).isEqualTo(message);
  }

  @Test
  void aFieldThatOnlyBeginsOrContinuesLikeOneDoesNotCount() {
    String message = "Dates: x\r\nX-Date: y\r\nSubject: z\r\n Date: folded\r\n";
    assertThat(passed(message + "\r\nb\r\n")).isEqualTo(message + DATE + ID + "\r\nb\r\n");
  }

  @Test
  void changesNothingWhereItIsNotAskedTo() {
    String message = "Subject: x\r\n\r\nbody\r\n";
    assertThat(pass(message, false, 3)).isEqualTo(message);
  }

  @Test
  void anEmptySectionGetsTheFieldsBeforeItsEmptyLine() {
    assertThat(passed("\r\nbody\r\n")).isEqualTo(DATE + ID + "\r\nbody\r\n");
  }

  @Test
  void aMessageOfHeadersOnlyGetsThemAtItsEnd() {
    assertThat(passed("Subject: x\r\n")).isEqualTo("Subject: x\r\n" + DATE + ID);
    assertThat(passed("")).isEqualTo(DATE + ID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hello\r\nworld\r\n",
        " folded: into what?\r\n",
        ": no name\r\n",
        "two words: x\r\n"
      })
  void textWithoutAHeaderSectionIsPartedFromTheRelaysFields(String message) {
    assertThat(passed(message)).isEqualTo(DATE + ID + "\r\n" + message);
    assertThat(pass(message, false, 1)).isEqualTo("\r\n" + message);
  }

  @Test
  void aSectionThatEndsWithoutAnEmptyLineGetsTheFieldsThere() {
    assertThat(passed("Subject: x\r\nhello world\r\nmore\r\n"))
        .isEqualTo("Subject: x\r\n" + DATE + ID + "hello world\r\nmore\r\n");
  }

  @Test
  void anMboxLineIsLetThrough() {
    String from = "From me Mon Nov 23 15:31:07 2026\r\nSubject: x\r\n";
    assertThat(passed(from + "\r\nb\r\n")).isEqualTo(from + DATE + ID + "\r\nb\r\n");
  }

  @Test
  void anEndlessNameIsTextAndPassesUnchanged() {
    String line = "x".repeat(5000) + ": y\r\n";
    assertThat(passed("Subject: x\r\n" + line)).isEqualTo("Subject: x\r\n" + DATE + ID + line);
  }

  @Test
  void countsReceivedFieldsOfTheSectionOnly() throws IOException {
    HeaderSection headers = new HeaderSection((octets, from, length) -> {}, false, DATE, ID);
    byte[] message =
        "Received: a\r\nRECEIVED: b\r\n c\r\nX-Received: d\r\n\r\nReceived: e\r\n"
            .getBytes(ISO_8859_1);
    headers.write(message, 0, message.length);
    headers.finish();
    assertThat(headers.received()).isEqualTo(2);
  }

  private static boolean needsNoTls(String message, int blockSize) {
    HeaderSection headers = new HeaderSection((octets, from, length) -> {}, false, DATE, ID);
    feed(headers, message, blockSize);
    return headers.needsNoTls();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TLS-Required: No\r\n",
        "tls-required:NO\r\n",
        "TLS-Required: \t no \t\r\n",
        "TLS-Required :\r\n  \r\n No\r\n \r\n"
      })
  void knowsThatTlsIsNotNeededHoweverItIsWritten(String field) {
    for (int blockSize : BLOCK_SIZES) {
      assertThat(needsNoTls(field, blockSize)).isTrue();
      assertThat(needsNoTls("Subject: x\r\n" + field + "To: Not me\r\n\r\nNo\r\n", blockSize))
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TLS-Required:\r\n",
        "TLS-Required: N\r\n",
        "TLS-Required: N\r\n o\r\n",
        "TLS-Required: Now\r\n",
        "TLS-Required: No No\r\n",
        "TLS-Required: No\r\n , thanks\r\n",
        "TLS-Required: No (comment)\r\n",
        "TLS-Required: \"No\"\r\n",
        "TLS-Required: Yes\r\n",
        "TLS-Required: .O\r\n",
        "TLS-Required: No\r\nTLS-Required: No\r\n",
        "TLS-Required: No\r\nSubject: x\r\nTLS-Required: Yes\r\n",
        "TLS-Required: N\r\nTLS-Required: o\r\n",
        "X-TLS-Required: No\r\n",
        "TLS-Required-: No\r\n",
        "Subject: x\r\n TLS-Required: No\r\n",
        "Subject: x\r\n\r\nTLS-Required: No\r\n",
        "no header\r\nTLS-Required: No\r\n"
      })
  void takesNothingElseForIt(String message) {
    for (int blockSize : BLOCK_SIZES) {
      assertThat(needsNoTls(message, blockSize)).isFalse();
    }
  }
}
