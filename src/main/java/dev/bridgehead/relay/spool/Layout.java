package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where things lie: the log in {@code segments}, large contents in {@code bodies}, what could not
 * be read in {@code quarantine}. All on one volume.
 */
record Layout(Path folder) {
  static final String LOG = ".log";
  static final String SIDECAR = ".idx";
  static final String SPARE = ".spare";
  static final String BODY = ".body";

  /** Part of the log that was known to be on disk, and can't be read. */
  static final String DAMAGED = ".damaged";

  /** What a crash left unfinished at the end of the log; nobody was told 250 for it. */
  static final String TORN = ".torn";

  Path segments() {
    return folder.resolve("segments");
  }

  Path bodies() {
    return folder.resolve("bodies");
  }

  Path quarantine() {
    return folder.resolve("quarantine");
  }

  /** Where messages lay in the form before this one. */
  Path oldMessages() {
    return folder.resolve("messages");
  }

  Path log(long segment) {
    return segments().resolve(number(segment) + LOG);
  }

  Path sidecar(long segment) {
    return segments().resolve(number(segment) + SIDECAR);
  }

  Path spare(long segment) {
    return segments().resolve(number(segment) + SPARE);
  }

  Path body(QueueId id) {
    return bodies().resolve(id + BODY);
  }

  Path quarantined(long segment, long offset, String kind) {
    return quarantine().resolve(number(segment) + "-" + offset + kind);
  }

  /** The number in a name of {@code segments}; 0 where it has none. */
  static long number(Path file) {
    String name = file.getFileName().toString();
    return name.matches("[0-9]{10}\\.[a-z]+") ? Long.parseLong(name.substring(0, 10)) : 0;
  }

  private static String number(long segment) {
    return String.format(Locale.ROOT, "%010d", segment);
  }
}
