package dev.bridgehead.relay.delivery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Content on its way out. Whatever it is, and however it is read: there is one end of data, at the
 * end, no bare CR or LF, and a next hop that takes the dots off has what was given, bare line ends
 * made spaces. The first octet of the input says how many octets one read brings.
 */
public final class ContentFuzz {
  private ContentFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    String content = new String(input, 1, input.length - 1, ISO_8859_1);
    String sent = sent(content.getBytes(ISO_8859_1), 1 + (input[0] & 0xFF));
    assertThat(sent.replace("\r\n", "")).doesNotContainPattern("[\r\n]");
    assertThat(("\r\n" + sent).indexOf("\r\n.\r\n")).isEqualTo(sent.length() - 3);
    String whole = content.replaceAll("\r(?!\n)", " ").replaceAll("(?<!\r)\n", " ");
    String ended = whole.isEmpty() || whole.endsWith("\r\n") ? whole : whole + "\r\n";
    String taken = sent.substring(0, sent.length() - 3);
    assertThat(("\r\n" + taken).replace("\r\n.", "\r\n")).isEqualTo("\r\n" + ended);
  }

  private static String sent(byte[] content, int block) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ContentStream stream =
        new ContentStream((octets, length) -> out.write(octets, 0, length), content.length);
    InputStream in =
        new ByteArrayInputStream(content) {
          @Override
          public synchronized int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, block));
          }

          @Override
          public int read(byte[] into) {
            return read(into, 0, into.length);
          }
        };
    try {
      stream.copy(in);
      stream.end();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return out.toString(ISO_8859_1);
  }
}
