package dev.bridgehead.relay.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a client sends to a {@link ScriptedHost}. */
final class PeerInput {
  private PeerInput() {}

  /** A command without its line end; null at the end. */
  static @Nullable String line(InputStream in) throws IOException {
    byte @Nullable [] line = until(in, "\r\n");
    return line == null ? null : new String(line, 0, line.length - 2, StandardCharsets.UTF_8);
  }

  /** Content up to its final dot, without that. */
  static byte[] data(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      byte @Nullable [] line = until(in, "\r\n");
      if (line == null) {
        throw new IOException("the connection ended before the final dot");
      }
      if (line.length == 3 && line[0] == '.') {
        return all.toByteArray();
      }
      all.write(line);
    }
  }

  private static byte @Nullable [] until(InputStream in, String end) throws IOException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    int last = -1;
    int octet;
    while ((octet = in.read()) >= 0) {
      octets.write(octet);
      if (last == end.charAt(0) && octet == end.charAt(1)) {
        return octets.toByteArray();
      }
      last = octet;
    }
    return null;
  }
}
