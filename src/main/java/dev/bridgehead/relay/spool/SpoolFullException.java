package dev.bridgehead.relay.spool;

import java.io.IOException;

/** No room for another message: 452 4.3.1. */
public final class SpoolFullException extends IOException {
  public SpoolFullException(String message) {
    super(message);
  }
}
