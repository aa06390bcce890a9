package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.nio.file.Path;

/**
 * Where things lie: files being written in {@code incoming}, messages and their states in {@code
 * messages}, what could not be read in {@code quarantine}. All on one volume, since names move
 * between them.
 */
record Layout(Path folder) {
  static final String MESSAGE = ".msg";
  static final String STATE = ".state";

  Path incoming() {
    return folder.resolve("incoming");
  }

  Path messages() {
    return folder.resolve("messages");
  }

  Path quarantine() {
    return folder.resolve("quarantine");
  }

  Path part(QueueId id) {
    return incoming().resolve(id + MESSAGE);
  }

  Path statePart(QueueId id) {
    return incoming().resolve(id + STATE);
  }

  Path message(QueueId id) {
    return messages().resolve(id + MESSAGE);
  }

  Path state(QueueId id) {
    return messages().resolve(id + STATE);
  }
}
