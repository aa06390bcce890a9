package dev.bridgehead.relay.smtp;

import java.io.IOException;

/** What is found out about a message's content on its one way through a decoder. */
final class Findings {
  private final boolean bareEndingsPass;
  private boolean badOctets;
  private int allOctets;
  private long size;

  /**
   * @param bareEndingsPass a bare CR or LF is no fault: {@link LineEndings} comes behind
   */
  Findings(boolean bareEndingsPass) {
    this.bareEndingsPass = bareEndingsPass;
  }

  /** The next CR, LF or NUL from {@code i} on. */
  static int skipText(byte[] block, int i, int to) {
    int at = i;
    while (at < to && (block[at] > '\r' || block[at] < 0 || isPlainControl(block[at]))) {
      at++;
    }
    return at;
  }

  private static boolean isPlainControl(byte octet) {
    return octet != '\r' && octet != '\n' && octet != 0;
  }

  void bareEnding() {
    badOctets |= !bareEndingsPass;
  }

  void nul() {
    badOctets = true;
  }

  /** Hands content on, up to the first bad octet or its block; nothing after it. */
  void emit(byte[] block, int from, int to, OctetSink sink) throws IOException {
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

  /** Whether there was a NUL so far, or a bare CR or LF that may not pass. */
  boolean badOctets() {
    return badOctets;
  }

  /** Whether there was an octet above 127 so far. */
  boolean eightBit() {
    return allOctets < 0;
  }

  /** Octets of content so far, as the client sent them, transparency dots not counted. */
  long size() {
    return size;
  }
}
