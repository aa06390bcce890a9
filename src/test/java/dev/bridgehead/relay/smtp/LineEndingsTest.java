package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineEndingsTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void makesEveryLfACrLfAndEveryOtherCrASpaceWhereverItIsCut(long seed) throws IOException {
    Random random = new Random(seed);
    String[] pieces = {"\r\n", "\r", "\n", "a", "bc", "."};
    for (int run = 0; run < 20_000; run++) {
      StringBuilder input = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        input.append(pieces[random.nextInt(pieces.length)]);
      }
      input.append("z"); // no content ends with half a line end
      byte[] octets = input.toString().getBytes(ISO_8859_1);
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      LineEndings endings = new LineEndings(whole::write);
      for (int at = 0; at < octets.length; ) {
        int length = Math.min(octets.length - at, random.nextInt(4));
        endings.write(octets, at, length);
        at += length;
      }
      String expected =
          input.toString().replace("\r\n", "\n").replace("\r", " ").replace("\n", "\r\n");
      assertThat(whole.toString(ISO_8859_1)).as("seed %d: %s", seed, input).isEqualTo(expected);
    }
  }
}
