package dev.bridgehead.testbed;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Just enough of HTTP/1.1 (RFC 9112) and WebSocket (RFC 6455) for {@link FaultyApiServer}. */
final class HttpMessages {
  private static final int LONGEST_HEAD = 64 * 1024;
  private static final String TOO_OLD =
      """
      {"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
      "message":"too old resource version: 1 (2)","reason":"Expired","code":410}}
      """;

  private HttpMessages() {}

  /** Everything up to and with the empty line. */
  record Head(String text) {
    static @Nullable Head read(InputStream in) throws IOException {
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\r\n\r\n", text.length() - 4) < 0) {
        int octet = in.read();
        if (octet < 0) {
          return null;
        }
        if (text.length() == LONGEST_HEAD) {
          throw new IOException("a head of more than " + LONGEST_HEAD + " octets");
        }
        text.append((char) octet);
      }
      return new Head(text.toString());
    }

    byte[] octets() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    String method() {
      return text.substring(0, text.indexOf(' '));
    }

    String target() {
      return text.split(" ", 3)[1];
    }

    int code() {
      return Integer.parseInt(text.split(" ", 3)[1]);
    }

    Optional<String> header(String name) {
      return text.lines()
          .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst();
    }

    boolean chunked() {
      return header("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent();
    }

    int length() {
      return header("Content-Length").map(Integer::parseInt).orElse(0);
    }
  }

  /** A request's body, in the form it came in. */
  static byte[] body(Head head, InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    copyBody(head, in, body);
    return body.toByteArray();
  }

  private static void copyBody(Head head, InputStream in, OutputStream out) throws IOException {
    if (head.chunked()) {
      copyChunks(in, out);
    } else {
      copy(in, out, head.length());
    }
  }

  /** Hands an answer's body on. Whether the connection stays. */
  static boolean pass(Head request, Head answer, InputStream in, OutputStream out)
      throws IOException {
    boolean bare = request.method().equals("HEAD") || answer.code() == 204 || answer.code() == 304;
    if (!bare && !answer.chunked() && answer.header("Content-Length").isEmpty()) {
      stream(in, out);
      return false;
    }
    if (!bare) {
      copyBody(answer, in, out);
    }
    out.flush();
    return answer.header("Connection").filter("close"::equalsIgnoreCase).isEmpty();
  }

  private static void copyChunks(InputStream in, OutputStream out) throws IOException {
    while (true) {
      String line = line(in);
      out.write(line.getBytes(StandardCharsets.ISO_8859_1));
      int length = Integer.parseInt(line.split("[;\r]", 2)[0].strip(), 16);
      copy(in, out, length + 2); // with the line's end after it, which ends the last one too
      out.flush();
      if (length == 0) {
        return;
      }
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\r\n") < 0) {
      int octet = in.read();
      if (octet < 0 || line.length() > 100) {
        throw new EOFException();
      }
      line.append((char) octet);
    }
    return line.toString();
  }

  private static void copy(InputStream in, OutputStream out, int length) throws IOException {
    byte[] octets = in.readNBytes(length);
    if (octets.length < length) {
      throw new EOFException();
    }
    out.write(octets);
  }

  /** Hands on whatever comes, as it comes. */
  static void stream(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      out.flush();
    }
  }

  /** An answer as the API server gives it. */
  static byte[] refusal(int code, Duration retryAfter) {
    String reason =
        switch (code) {
          case 409 -> "Conflict";
          case 410 -> "Expired";
          case 429 -> "TooManyRequests";
          case 503 -> "ServiceUnavailable";
          default -> "InternalError";
        };
    String body =
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",\
        "message":"injected %s","reason":"%s","code":%d}
        """
            .formatted(reason, reason, code);
    String wait = retryAfter.isZero() ? "" : "Retry-After: " + retryAfter.toSeconds() + "\r\n";
    return ("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s")
        .formatted(code, reason, wait, body.length(), body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The end of a watch whose resourceVersion the API server has forgotten, in either form. */
  static void tooOld(Head request, OutputStream out) throws IOException {
    Optional<String> key = request.header("Sec-WebSocket-Key");
    if (key.isEmpty()) {
      String body = TOO_OLD;
      out.write(
          ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body)
              .getBytes(StandardCharsets.ISO_8859_1));
      return;
    }
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: "
                + accept(key.get())
                + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    byte[] text = TOO_OLD.getBytes(StandardCharsets.ISO_8859_1);
    // RFC 6455 section 5.2: final, text, no mask, a length of two octets; then a close (1000).
    out.write(new byte[] {(byte) 0x81, 126, (byte) (text.length >> 8), (byte) text.length});
    out.write(text);
    out.write(new byte[] {(byte) 0x88, 2, (byte) (1000 >> 8), (byte) 1000});
    out.flush();
  }

  /** RFC 6455 section 4.2.2. */
  private static String accept(String key) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest(
                  (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                      .getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }

  static void close(@Nullable Closeable connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (IOException e) {
      // It is of no use either way.
    }
  }
}
