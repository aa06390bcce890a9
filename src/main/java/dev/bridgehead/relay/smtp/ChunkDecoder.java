package dev.bridgehead.relay.smtp;

import java.io.IOException;

/**
 * Looks at content that comes in chunks (RFC 3030): nothing in it has a meaning for the protocol,
 * dots are dots, and a line may begin in one chunk and end in another. The same is refused as in
 * DATA: BINARYMIME is not offered, so content is lines.
 */
final class ChunkDecoder {
  private enum State {
    LINE_START,
    TEXT,
    CR
  }

  private static final byte[] CRLF = {'\r', '\n'};

  private final Findings findings;
  private State state = State.LINE_START;

  /** See {@link Findings}. */
  ChunkDecoder(boolean bareEndingsPass) {
    this.findings = new Findings(bareEndingsPass);
  }

  /** Looks at a part of a chunk, all of which is content. */
  void decode(byte[] block, int from, int to, OctetSink sink) throws IOException {
    int i = from;
    while (i < to) {
      if (state == State.CR) {
        if (block[i] == '\n') {
          state = State.LINE_START;
          i++;
          continue;
        }
        findings.bareEnding();
      }
      i = Findings.skipText(block, i, to);
      state = i < to ? after(block[i++]) : State.TEXT;
    }
    findings.emit(block, from, to, sink);
  }

  private State after(byte octet) {
    switch (octet) {
      case '\r' -> {
        return State.CR;
      }
      case '\n' -> {
        findings.bareEnding();
        return State.LINE_START; // where it may pass it becomes a line's end
      }
      default -> {
        findings.nul();
        return State.TEXT;
      }
    }
  }

  /** After the last chunk: a last line that is not ended is ended, as DATA would have had it. */
  void end(OctetSink sink) throws IOException {
    if (state == State.CR) {
      findings.bareEnding();
    }
    if (state != State.LINE_START) {
      findings.emit(CRLF, 0, CRLF.length, sink);
      state = State.LINE_START;
    }
  }

  /** What is known of the content so far. */
  Findings findings() {
    return findings;
  }
}
