package dev.bridgehead.relay.smtp;

import java.io.IOException;

/**
 * Makes whole what some clients get wrong, as Postfix does by default: a bare LF becomes CR LF, a
 * bare CR a space. Where a message ends was decided before, by CRLF.CRLF or by a chunk's size.
 */
final class LineEndings implements OctetSink {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] SPACE = {' '};

  private final OctetSink next;
  private boolean carriageReturn;

  LineEndings(OctetSink next) {
    this.next = next;
  }

  @Override
  public void write(byte[] octets, int offset, int length) throws IOException {
    int end = offset + length;
    int from = length > 0 ? afterCarriageReturn(octets, offset) : offset;
    int i = from;
    while (i < end) {
      byte octet = octets[i];
      if (octet == '\n') {
        next.write(octets, from, i - from);
        next.write(CRLF, 0, CRLF.length);
        from = i + 1;
      } else if (octet == '\r' && i + 1 == end) {
        next.write(octets, from, i - from);
        from = end;
        carriageReturn = true;
      } else if (octet == '\r' && octets[i + 1] == '\n') {
        i++;
      } else if (octet == '\r') {
        next.write(octets, from, i - from);
        next.write(SPACE, 0, 1);
        from = i + 1;
      }
      i++;
    }
    next.write(octets, from, end - from);
  }

  /** What became of a CR at the end of the octets before; returns where to go on. */
  private int afterCarriageReturn(byte[] octets, int at) throws IOException {
    if (!carriageReturn) {
      return at;
    }
    carriageReturn = false;
    if (octets[at] == '\n') {
      next.write(CRLF, 0, CRLF.length);
      return at + 1;
    }
    next.write(SPACE, 0, 1);
    return at;
  }
}
