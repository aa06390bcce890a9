package dev.bridgehead.relay.sts;

import dev.bridgehead.relay.sts.PolicyFailure.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the one answer on a connection (RFC 9112) that says 200 and text/plain; the peer is any web
 * server that a stranger names. Everything is bounded, nothing is decompressed.
 */
final class HttpAnswer {
  /** Octets of status line and fields. */
  private static final int MOST_HEAD = 16 << 10;

  /** Octets of a chunked body with its sizes and extensions. */
  private static final int MOST_CHUNKED = 2 * PolicyText.MOST_OCTETS;

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})( .*)?");
  private static final Pattern FIELD = Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)");
  private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,8})[ \t]*(;.*)?");

  private final InputStream in;
  private final Map<String, String> fields = new HashMap<>();
  private int room = MOST_HEAD;

  private HttpAnswer(InputStream in) {
    this.in = in;
  }

  /**
   * The body.
   *
   * @throws PolicyFailure it is anything else than a text of at most 64 KiB
   */
  static byte[] read(InputStream in) throws IOException, PolicyFailure {
    return new HttpAnswer(in).read();
  }

  private byte[] read() throws IOException, PolicyFailure {
    status();
    readFields();
    requireText();
    if (fields.containsKey("transfer-encoding")) {
      return chunked();
    }
    String length = fields.get("content-length");
    if (length == null) {
      // Java does not tell the end of a TLS stream from a cut (RFC 9112 §9.8), and half a policy
      // may well be one, with a shorter life.
      throw failure("does not say how long its answer is");
    }
    return sized(length);
  }

  private void status() throws IOException, PolicyFailure {
    Matcher status = STATUS.matcher(line());
    if (!status.matches()) {
      throw failure("does not answer with HTTP/1.1");
    }
    String code = status.group(1);
    if (code.startsWith("3")) {
      throw failure("redirects (%s), which is not followed".formatted(code)); // RFC 8461 §3.3
    }
    if (!code.equals("200")) {
      throw failure("answers " + code);
    }
  }

  private void readFields() throws IOException, PolicyFailure {
    for (String line = line(); !line.isEmpty(); line = line()) {
      Matcher field = FIELD.matcher(line);
      if (!field.matches()) {
        throw failure("answers with a header that is none");
      }
      String name = field.group(1).toLowerCase(Locale.ROOT);
      String value = field.group(2).strip();
      String before = fields.putIfAbsent(name, value);
      if (before != null && framing(name) && !before.equals(value)) {
        throw failure("answers with two different fields " + name);
      }
    }
  }

  private static boolean framing(String name) {
    return switch (name) {
      case "content-length", "transfer-encoding", "content-type", "content-encoding" -> true;
      default -> false;
    };
  }

  /** RFC 8461 §3.2: where users may publish files, one of theirs must not pass for a policy. */
  private void requireText() throws PolicyFailure {
    String type = fields.getOrDefault("content-type", "");
    String media = type.split(";", 2)[0].strip();
    if (!media.equalsIgnoreCase("text/plain")) {
      throw failure("answers with another content type than text/plain");
    }
    String encoding = fields.get("content-encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw failure("answers with a content encoding that was not asked for");
    }
  }

  private byte[] sized(String length) throws IOException, PolicyFailure {
    if (!length.matches("[0-9]{1,18}")) {
      throw failure("answers with a content length that is none");
    }
    if (Long.parseLong(length) > PolicyText.MOST_OCTETS) {
      throw tooLong();
    }
    return exactly(Integer.parseInt(length));
  }

  private byte[] chunked() throws IOException, PolicyFailure {
    if (!"chunked".equalsIgnoreCase(fields.get("transfer-encoding"))
        || fields.containsKey("content-length")) {
      throw failure("answers with a transfer encoding that is not understood");
    }
    room = MOST_CHUNKED;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = chunkSize(); size > 0; size = chunkSize()) {
      if (body.size() + size > PolicyText.MOST_OCTETS) {
        throw tooLong();
      }
      body.writeBytes(exactly(size));
      if (!line().isEmpty()) {
        throw failure("answers with a chunk that does not end");
      }
    }
    return body.toByteArray(); // trailers say nothing that matters here
  }

  private int chunkSize() throws IOException, PolicyFailure {
    Matcher chunk = CHUNK.matcher(line());
    if (!chunk.matches()) {
      throw failure("answers with a chunk without a size");
    }
    long size = Long.parseLong(chunk.group(1), 16);
    if (size > PolicyText.MOST_OCTETS) {
      throw tooLong();
    }
    return (int) size;
  }

  private byte[] exactly(int length) throws IOException, PolicyFailure {
    byte[] octets = in.readNBytes(length);
    if (octets.length < length) {
      throw cutShort();
    }
    return octets;
  }

  /** Without its end. */
  private String line() throws IOException, PolicyFailure {
    ByteArrayOutputStream line = new ByteArrayOutputStream(128);
    while (true) {
      int octet = octet();
      if (octet == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(octet);
    }
  }

  private int octet() throws IOException, PolicyFailure {
    if (room-- == 0) {
      throw failure("answers with more header than anybody needs");
    }
    int octet = in.read();
    if (octet < 0) {
      throw cutShort();
    }
    return octet;
  }

  private static PolicyFailure cutShort() {
    return failure("ends the connection within its answer");
  }

  private static PolicyFailure tooLong() {
    return failure("answers with more than %d octets".formatted(PolicyText.MOST_OCTETS));
  }

  private static PolicyFailure failure(String text) {
    return new PolicyFailure(Reason.HTTP, text);
  }
}
