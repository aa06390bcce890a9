package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataDecoderTest {
  private record Decoded(String content, String rest, boolean ended, boolean bad) {}

  private static Decoded decode(String input, int blockSize) {
    byte[] octets = input.getBytes(ISO_8859_1);
    DataDecoder decoder = new DataDecoder();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    int at = 0;
    try {
      while (at < octets.length && !decoder.ended()) {
        at = decoder.decode(octets, at, Math.min(octets.length, at + blockSize), content::write);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return new Decoded(
        content.toString(ISO_8859_1),
        input.substring(at),
        decoder.ended(),
        decoder.findings().badOctets());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 1000})
  void takesTransparencyDotsOutAndStopsAfterTheEnd(int blockSize) {
    String input = "..first\r\n.x\r\n..\r\na.b\r\n...\r\n\r\n.\r\nQUIT\r\n";
    Decoded decoded = decode(input, blockSize);
    assertThat(decoded)
        .isEqualTo(new Decoded(".first\r\nx\r\n.\r\na.b\r\n..\r\n\r\n", "QUIT\r\n", true, false));
  }

  @Test
  void anEmptyMessageIsADotAtOnce() {
    assertThat(decode(".\r\n", 1)).isEqualTo(new Decoded("", "", true, false));
  }

  @ParameterizedTest
  @CsvSource({
    "a\\n.\\nb", "a\\n.\\r\\nb", "a\\r\\n.\\nb", "a\\r.\\rb", "a\\r\\n.\\r\\r\\nb",
    "a\\r\\n.\\0\\r\\nb", "a\\r.\\r\\nb", "a\\r\\r\\n.\\rb", "a\\n\\n.\\r\\nb", "a\\0b"
  })
  void nothingButTheTrueEndEndsDataAndTheRestIsBad(String escaped) {
    String content = escaped.replace("\\r", "\r").replace("\\n", "\n").replace("\\0", "\0");
    for (int blockSize : new int[] {1, 2, 3, 1000}) {
      Decoded decoded = decode(content + "\r\n.\r\nNOOP\r\n", blockSize);
      assertThat(decoded.ended()).isTrue();
      assertThat(decoded.bad()).isTrue();
      assertThat(decoded.rest()).isEqualTo("NOOP\r\n");
    }
  }

  @Test
  void saysWhetherThereWereOctetsAbove127() throws IOException {
    DataDecoder seven = new DataDecoder();
    seven.decode("abc\r\n.\r\n".getBytes(ISO_8859_1), 0, 8, (octets, from, length) -> {});
    assertThat(seven.findings().eightBit()).isFalse();
    assertThat(seven.findings().size()).isEqualTo(5);
    DataDecoder eight = new DataDecoder();
    eight.decode("aä\r\n.\r\n".getBytes(ISO_8859_1), 0, 7, (octets, from, length) -> {});
    assertThat(eight.findings().eightBit()).isTrue();
  }

  /** The plainest decoder there is: the whole text at once, by string search. */
  private static Decoded reference(String input) {
    String from = "\r\n" + input;
    int end = from.indexOf("\r\n.\r\n");
    if (end < 0) {
      return new Decoded("", "", false, false);
    }
    String content = from.substring(2, Math.max(2, end + 2));
    String unstuffed = ("\r\n" + content).replace("\r\n.", "\r\n").substring(2);
    boolean bad = content.replace("\r\n", "").chars().anyMatch(c -> c == 13 || c == 10 || c == 0);
    return new Decoded(unstuffed, from.substring(end + 5), true, bad);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void agreesWithASearchForTheEndWhateverTheInputAndBlocks(long seed) {
    Random random = new Random(seed);
    String[] pieces = {"\r\n", "\r\n", ".", ".", "\r", "\n", "\0", "a", "bc", "\r\n.", "ü"};
    for (int run = 0; run < 20_000; run++) {
      StringBuilder input = new StringBuilder();
      for (int i = random.nextInt(14); i >= 0; i--) {
        input.append(pieces[random.nextInt(pieces.length)]);
      }
      Decoded expected = reference(input.toString());
      Decoded decoded = decode(input.toString(), 1 + random.nextInt(6));
      assertThat(decoded.ended()).as("%s", input).isEqualTo(expected.ended());
      if (expected.ended()) {
        assertThat(decoded.rest()).as("%s", input).isEqualTo(expected.rest());
        assertThat(decoded.bad()).as("%s", input).isEqualTo(expected.bad());
        if (!expected.bad()) {
          assertThat(decoded.content()).as("%s", input).isEqualTo(expected.content());
        }
      }
    }
  }
}
