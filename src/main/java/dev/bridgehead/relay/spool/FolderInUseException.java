package dev.bridgehead.relay.spool;

import java.io.IOException;

/** Another relay works in the folder; the message says what to do. */
public final class FolderInUseException extends IOException {
  FolderInUseException(String message) {
    super(message);
  }
}
