package dev.bridgehead.relay.spool;

import java.io.IOException;

/** A folder is not a spool's; the message says what to name instead. */
public final class NoSpoolException extends IOException {
  NoSpoolException(String message) {
    super(message);
  }
}
