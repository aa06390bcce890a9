package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads replies (RFC 5321 §4.2) from a peer that is not trusted: everything is bounded, in length
 * and in time, and what comes out has no control characters. Used by one thread.
 */
final class ReplyReader {
  /** RFC 5321 §4.5.3.1.5 allows 512 octets; peers with long texts exist. */
  static final int MAX_LINE = 2048;

  static final int MAX_LINES = 100;

  /** Characters that are kept of a refusal: many may be held at a time, one for each recipient. */
  static final int MAX_REFUSAL = 4096;

  /** Control, format, private and unassigned characters, and line separators. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private final Source source;
  private final byte[] buffer = new byte[4096];
  private int position;
  private int limit;

  /** Where octets come from. */
  @FunctionalInterface
  interface Source {
    /** Reads into a block from an index on; octets read, at least 1, or -1 at the end. */
    int read(byte[] into, int from, int most) throws IOException;
  }

  ReplyReader(Source source) {
    this.source = source;
  }

  /** Octets that came after the last reply and were read with it. */
  boolean hasLeftovers() {
    return position < limit;
  }

  /**
   * Reads one reply, all of its lines. What a refusal has beyond {@link #MAX_REFUSAL} is not kept.
   *
   * @param timeout for the whole reply, so that a peer can't stretch it octet by octet
   * @throws ProtocolFault where it isn't one
   * @throws EOFException where the connection ends first
   */
  Reply read(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<String> lines = new ArrayList<>();
    String code = null;
    int room = MAX_REFUSAL;
    for (int count = 1; ; count++) {
      String line = line(deadline);
      String own = code(line);
      if (code != null && !code.equals(own)) {
        throw new ProtocolFault("a reply changed its code from " + code + " to " + own);
      }
      code = own;
      if (count > MAX_LINES) {
        throw new ProtocolFault("a reply of more than " + MAX_LINES + " lines");
      }
      String text = line.length() > 4 ? line.substring(4) : "";
      if (code.charAt(0) == '2') { // extensions, of which none must be lost
        lines.add(text);
      } else if (room > 0) {
        lines.add(text.substring(0, Math.min(room, text.length())));
        room -= text.length();
      }
      if (line.length() == 3 || line.charAt(3) == ' ') {
        return reply(Integer.parseInt(code), lines);
      }
    }
  }

  private static String code(String line) throws ProtocolFault {
    boolean form =
        line.length() >= 3
            && line.charAt(0) >= '2'
            && line.charAt(0) <= '5'
            && digit(line.charAt(1))
            && digit(line.charAt(2))
            && (line.length() == 3 || line.charAt(3) == ' ' || line.charAt(3) == '-');
    if (!form) {
      throw new ProtocolFault("not an SMTP reply: \"" + excerpt(line) + "\"");
    }
    return line.substring(0, 3);
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private static String excerpt(String line) {
    return line.length() <= 60 ? line : line.substring(0, 60) + "…";
  }

  private static Reply reply(int code, List<String> lines) {
    String first = lines.getFirst();
    int end = first.indexOf(' ') < 0 ? first.length() : first.indexOf(' ');
    EnhancedStatus status = status(code, first, end);
    if (status == null) {
      return new Reply(code, null, lines);
    }
    String prefix = first.substring(0, end);
    lines.replaceAll(
        line -> line.startsWith(prefix) ? line.substring(prefix.length()).strip() : line);
    return new Reply(code, status, lines);
  }

  /** RFC 2034 §4: a status whose class contradicts the code is none. */
  private static @Nullable EnhancedStatus status(int code, String line, int end) {
    int firstDot = line.indexOf('.');
    int secondDot = line.indexOf('.', firstDot + 1);
    if (firstDot != 1 || secondDot < 0 || secondDot >= end || line.charAt(0) - '0' != code / 100) {
      return null;
    }
    int subject = number(line, 2, secondDot);
    int detail = number(line, secondDot + 1, end);
    boolean known = code / 100 != 3 && subject >= 0 && detail >= 0;
    return known ? new EnhancedStatus(code / 100, subject, detail) : null;
  }

  /** One to three digits; -1 for anything else. */
  private static int number(String text, int from, int to) {
    if (to <= from || to - from > 3) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      if (!digit(text.charAt(i))) {
        return -1;
      }
      number = number * 10 + text.charAt(i) - '0';
    }
    return number;
  }

  private String line(long deadline) throws IOException {
    int scanned = position;
    while (true) {
      for (int i = scanned; i < limit; i++) {
        if (buffer[i] == '\n') {
          return line(i);
        }
      }
      if (limit - position > MAX_LINE) {
        throw tooLong();
      }
      scanned = limit - position;
      fill(deadline);
    }
  }

  /** The line that ends at this line feed. */
  private String line(int feed) throws ProtocolFault {
    int end = feed > position && buffer[feed - 1] == '\r' ? feed - 1 : feed;
    if (feed - position > MAX_LINE) {
      throw tooLong();
    }
    boolean plain = true;
    for (int i = position; i < end && plain; i++) {
      plain = buffer[i] >= ' ' && buffer[i] < 0x7f;
    }
    int start = position;
    position = feed + 1;
    return plain
        ? new String(buffer, start, end - start, StandardCharsets.ISO_8859_1)
        : clean(new String(buffer, start, end - start, StandardCharsets.UTF_8));
  }

  private static String clean(String line) {
    return UNPRINTABLE.matcher(line).replaceAll("?");
  }

  private static ProtocolFault tooLong() {
    return new ProtocolFault("a reply line of more than " + MAX_LINE + " octets");
  }

  /** Reads more behind what is there, which moves to the start. */
  private void fill(long deadline) throws IOException {
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = 0;
    if (System.nanoTime() - deadline >= 0) {
      throw new SocketTimeoutException("no reply in time");
    }
    int count = source.read(buffer, limit, buffer.length - limit);
    if (count <= 0) {
      throw new EOFException("the connection was closed");
    }
    limit += count;
  }
}
