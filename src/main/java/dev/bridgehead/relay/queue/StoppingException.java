package dev.bridgehead.relay.queue;

import java.io.IOException;

/** A command was refused, wholly or in part, since this relay is stopping; its message says so. */
public final class StoppingException extends IOException {
  private static final long serialVersionUID = 1;

  /**
   * @param done messages that the command was carried out on before
   */
  StoppingException(long done) {
    super("this relay is stopping, " + done + " done: try again when it runs");
  }
}
