package dev.bridgehead.relay.smtp;

import java.io.IOException;

/**
 * Finds the end of DATA and takes the transparency dots out, in one pass over whole blocks (RFC
 * 5321 section 4.5.2). The end is CRLF.CRLF and nothing else (section 4.1.1.4): a bare CR or LF
 * never begins a line, so no other sequence can be taken for the end by one side only. Content with
 * a bare CR, a bare LF or a NUL is read to its true end, and {@link #findings()} says so.
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

  private static final byte[] LONE_CR = {'\r'};

  private final Findings findings;
  private State state = State.LINE_START; // the CRLF of the DATA command is before it

  /** For content without bare CR and LF. */
  DataDecoder() {
    this(false);
  }

  /** See {@link Findings}. */
  DataDecoder(boolean bareEndingsPass) {
    this.findings = new Findings(bareEndingsPass);
  }

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
            findings.emit(block, runStart, i, sink);
            runStart = i + 1;
            state = State.DOT;
          } else {
            state = afterText(octet);
          }
        }
        case TEXT -> {
          i = Findings.skipText(block, i, to);
          if (i == to) {
            continue;
          }
          state = afterText(block[i]);
        }
        case CR -> {
          if (octet == '\n') {
            state = State.LINE_START;
          } else {
            findings.bareEnding();
            state = afterText(octet);
          }
        }
        case DOT -> {
          if (octet == '\r') {
            runStart = i + 1; // kept back: it may belong to the end
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
            findings.bareEnding();
            findings.emit(LONE_CR, 0, 1, sink);
            state = afterText(octet);
          }
        }
        case END -> throw new IllegalStateException("decoding went past the end of data");
      }
      i++;
    }
    findings.emit(block, runStart, i, sink);
    return i;
  }

  /** The state after an octet that is not at the beginning of a line, or no dot there. */
  private State afterText(byte octet) {
    if (octet == '\r') {
      return State.CR;
    }
    if (octet == '\n') {
      findings.bareEnding();
    } else if (octet == 0) {
      findings.nul();
    }
    return State.TEXT;
  }

  /** Whether the end of data was seen. */
  boolean ended() {
    return state == State.END;
  }

  /** What is known of the content so far. */
  Findings findings() {
    return findings;
  }
}
