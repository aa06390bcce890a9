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
import java.util.regex.Matcher;
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

  private static final Pattern STATUS = Pattern.compile("([245])\\.(\\d{1,3})\\.(\\d{1,3})(?= |$)");

  /** Control, format, private and unassigned characters, and line separators. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

  private final Source source;
  private final byte[] buffer = new byte[4096];
  private int position;
  private int limit;

  /** Where octets come from. */
  @FunctionalInterface
  interface Source {
    /**
     * @param milliseconds at least 1
     * @return octets read, at least 1, or -1 at the end
     * @throws SocketTimeoutException where none came in time
     */
    int read(byte[] into, int milliseconds) throws IOException;
  }

  ReplyReader(Source source) {
    this.source = source;
  }

  /** Octets that came after the last reply and were read with it. */
  boolean hasLeftovers() {
    return position < limit;
  }

  /**
   * Reads one reply, all of its lines.
   *
   * @param timeout for the whole reply, so that a peer can't stretch it octet by octet
   * @throws ProtocolFault where it isn't one
   * @throws EOFException where the connection ends first
   */
  Reply read(Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    List<String> lines = new ArrayList<>();
    String code = null;
    while (true) {
      String line = line(deadline);
      String own = code(line);
      if (code != null && !code.equals(own)) {
        throw new ProtocolFault("a reply changed its code from " + code + " to " + own);
      }
      code = own;
      if (lines.size() == MAX_LINES) {
        throw new ProtocolFault("a reply of more than " + MAX_LINES + " lines");
      }
      lines.add(line.length() > 4 ? line.substring(4) : "");
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
    EnhancedStatus status = status(code, lines.getFirst());
    if (status == null) {
      return new Reply(code, null, lines);
    }
    String prefix = lines.getFirst().split(" ", 2)[0];
    List<String> stripped =
        lines.stream()
            .map(line -> line.startsWith(prefix) ? line.substring(prefix.length()).strip() : line)
            .toList();
    return new Reply(code, status, stripped);
  }

  /** RFC 2034 §4: a status whose class contradicts the code is none. */
  private static @Nullable EnhancedStatus status(int code, String line) {
    Matcher matcher = STATUS.matcher(line);
    if (!matcher.lookingAt() || line.charAt(0) - '0' != code / 100) {
      return null;
    }
    return new EnhancedStatus(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        Integer.parseInt(matcher.group(3)));
  }

  private String line(long deadline) throws IOException {
    byte[] line = new byte[MAX_LINE];
    int length = 0;
    while (true) {
      if (position == limit) {
        fill(deadline);
      }
      byte octet = buffer[position++];
      if (octet == '\n') {
        boolean crlf = length > 0 && line[length - 1] == '\r';
        return clean(new String(line, 0, crlf ? length - 1 : length, StandardCharsets.UTF_8));
      }
      if (length == MAX_LINE) {
        throw new ProtocolFault("a reply line of more than " + MAX_LINE + " octets");
      }
      line[length++] = octet;
    }
  }

  private static String clean(String line) {
    return UNPRINTABLE.matcher(line).replaceAll("?");
  }

  private void fill(long deadline) throws IOException {
    long remaining = (deadline - System.nanoTime()) / 1_000_000;
    if (remaining <= 0) {
      throw new SocketTimeoutException("no reply in time");
    }
    int count = source.read(buffer, (int) Math.min(remaining, Integer.MAX_VALUE));
    if (count <= 0) {
      throw new EOFException("the connection was closed");
    }
    position = 0;
    limit = count;
  }
}
