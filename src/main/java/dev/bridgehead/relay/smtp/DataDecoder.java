package dev.bridgehead.relay.smtp;

import java.io.IOException;

/**
 * Finds the end of DATA and takes the transparency dots out, in one pass over whole blocks (RFC
 * 5321 section 4.5.2). The end is CRLF.CRLF and nothing else (section 4.1.1.4): a bare CR or LF
 * never begins a line, so no other sequence can be taken for the end by one side only. Content with
 * a bare CR, a bare LF or a NUL is read to its true end, and {@link #badOctets()} says so.
 */
final class DataDecoder {
  private enum State {
    LINE_START,
    TEXT,
    CR,
    DOT,
    DOT_CR,
    END
  }

  private State state = State.LINE_START; // the CRLF of the DATA command is before it
  private boolean badOctets;
  private int allOctets;
  private long size;

  /**
   * Decodes a block.
   *
   * @param sink takes the content up to the first bad octet or its block; not called after it
   * @return where decoding stopped: after the end of data, or {@code to}
   */
  int decode(byte[] block, int from, int to, OctetSink sink) throws IOException {
    int runStart = from;
    int i = from;
    while (i < to && state != State.END) {
      byte octet = block[i];
      switch (state) {
        case LINE_START -> {
          if (octet == '.') {
            emit(block, runStart, i, sink);
            runStart = i + 1;
            state = State.DOT;
          } else {
            state = afterText(octet);
          }
        }
        case TEXT -> {
          i = skipText(block, i, to);
          if (i == to) {
            continue;
          }
          state = afterText(block[i]);
        }
        case CR -> {
          if (octet == '\n') {
            state = State.LINE_START;
          } else {
            badOctets = true;
            state = afterText(octet);
          }
        }
        case DOT -> {
          if (octet == '\r') {
            runStart = i + 1; // if this is not the end it is a bare CR, and nothing is kept
            state = State.DOT_CR;
          } else {
            state = afterText(octet);
          }
        }
        case DOT_CR -> {
          if (octet == '\n') {
            runStart = i + 1;
            state = State.END;
          } else {
            badOctets = true;
            state = afterText(octet);
          }
        }
        case END -> throw new IllegalStateException("decoding went past the end of data");
      }
      i++;
    }
    emit(block, runStart, i, sink);
    return i;
  }

  /** The state after an octet that is not at the beginning of a line, or no dot there. */
  private State afterText(byte octet) {
    if (octet == '\r') {
      return State.CR;
    }
    if (octet == '\n' || octet == 0) {
      badOctets = true;
    }
    return State.TEXT;
  }

  /** The next CR, LF or NUL from {@code i} on. */
  private static int skipText(byte[] block, int i, int to) {
    int at = i;
    while (at < to && (block[at] > '\r' || block[at] < 0 || isPlainControl(block[at]))) {
      at++;
    }
    return at;
  }

  private static boolean isPlainControl(byte octet) {
    return octet != '\r' && octet != '\n' && octet != 0;
  }

  private void emit(byte[] block, int from, int to, OctetSink sink) throws IOException {
    if (to <= from) {
      return;
    }
    size += to - from;
    int seen = 0;
    for (int i = from; i < to; i++) {
      seen |= block[i];
    }
    allOctets |= seen;
    if (!badOctets) {
      sink.write(block, from, to - from);
    }
  }

  /** Whether the end of data was seen. */
  boolean ended() {
    return state == State.END;
  }

  /** Whether there was a bare CR, a bare LF or a NUL so far. */
  boolean badOctets() {
    return badOctets;
  }

  /** Whether there was an octet above 127 so far. */
  boolean eightBit() {
    return allOctets < 0;
  }

  /** Octets of content so far, transparency dots not counted. */
  long size() {
    return size;
  }
}
