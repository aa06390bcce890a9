package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentStreamTest {
  /** Content, and what is written for it; an exclamation mark stands for CRLF. */
  static Stream<Arguments> contents() {
    return Stream.of(
        arguments("", ".!"),
        arguments("a!", "a!.!"),
        arguments("a", "a!.!"),
        arguments(".!", "..!.!"),
        arguments(".a!..b!", "..a!...b!.!"),
        arguments("a!.!b!", "a!..!b!.!"),
        arguments("a.!", "a.!.!"),
        // Bare line ends never reach the peer: no end of data where there is none.
        arguments("a\n.\nb!", "a . b!.!"),
        arguments("a\r.\rb!", "a . b!.!"),
        arguments("a\n.!b!", "a .!b!.!"),
        arguments("a!.\r!b!", "a!.. !b!.!"),
        arguments("a\r", "a !.!"),
        arguments("\r", " !.!"),
        arguments("\r\r!", "  !.!"));
  }

  @ParameterizedTest
  @MethodSource("contents")
  void stuffsDotsAndEndsTheContent(String content, String wire) throws IOException {
    assertThat(onTheWire(unescaped(content), 1000)).isEqualTo(unescaped(wire));
  }

  @Test
  void stuffsALongMessageOfNothingButDots() throws IOException {
    String content = ".\r\n".repeat(100_000);

    assertThat(onTheWire(content, Integer.MAX_VALUE)).isEqualTo("..\r\n".repeat(100_000) + ".\r\n");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void writesNoBareLineEndAndOneEndOfDataWhateverTheContent(long seed) throws IOException {
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      StringBuilder content = new StringBuilder();
      for (int i = random.nextInt(60); i > 0; i--) {
        content.append("\r\n..ab\u0000".charAt(random.nextInt(7)));
      }

      String wire = onTheWire(content.toString(), 1 + random.nextInt(7));

      assertThat(wire.replace("\r\n", "")).as("seed %d", seed).doesNotContain("\r", "\n");
      assertThat(("\r\n" + wire).indexOf("\r\n.\r\n")).isEqualTo(wire.length() - 3);
      if (!content.toString().replace("\r\n", "").matches("(?s).*[\r\n].*")) {
        assertThat(unstuffed(wire)).startsWith(content.toString());
      }
    }
  }

  private static String unescaped(String text) {
    return text.replace("!", "\r\n");
  }

  private static String unstuffed(String wire) {
    return ("\r\n" + wire.substring(0, wire.length() - 3)).replace("\r\n.", "\r\n").substring(2);
  }

  private static String onTheWire(String content, int piece) throws IOException {
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    ContentStream stream =
        new ContentStream((octets, length) -> wire.write(octets, 0, length), content.length());
    stream.copy(
        new ByteArrayInputStream(content.getBytes(StandardCharsets.ISO_8859_1)) {
          @Override
          public int read(byte[] into) {
            return read(into, 0, Math.min(piece, into.length));
          }
        });
    stream.end();
    return wire.toString(StandardCharsets.ISO_8859_1);
  }
}
