package dev.bridgehead.relay.handover;

import java.io.IOException;

/**
 * Messages of a spool may lie at siblings too, which this process can't ask: it must not deliver
 * them. The message says what to do.
 */
public final class OfferedElsewhereException extends IOException {
  OfferedElsewhereException(String message) {
    super(message);
  }
}
