package dev.bridgehead.relay.spool;

import java.io.IOException;

/** A file of the spool does not hold what was written to it. */
final class DamagedFileException extends IOException {
  DamagedFileException(String message) {
    super(message);
  }
}
