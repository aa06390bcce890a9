package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderSectionTest {
  private static final String DATE = "Date: now\r\n";
  private static final String ID = "Message-ID: <1@x>\r\n";

  private static String pass(String message, boolean addMissing, int blockSize) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    HeaderSection headers = new HeaderSection(out::write, addMissing, DATE, ID);
    byte[] octets = message.getBytes(ISO_8859_1);
    try {
      for (int at = 0; at < octets.length; at += blockSize) {
        headers.write(octets, at, Math.min(blockSize, octets.length - at));
      }
      headers.finish();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toString(ISO_8859_1);
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
}
