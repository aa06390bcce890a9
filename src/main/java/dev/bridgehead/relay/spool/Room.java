package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The room of the spool's volume. A reserve is kept from clients, for outcomes and notices: a
 * twentieth of the volume, at most 64 MiB.
 */
final class Room {
  private static final long MOST_RESERVE = 64L << 20;

  private final Disk disk;
  private final Path folder;

  Room(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /**
   * @throws SpoolFullException where only the reserve is left
   */
  void check() throws IOException {
    Disk.Space space = disk.space(folder);
    long reserve = Math.min(MOST_RESERVE, space.total() / 20);
    if (space.usable() < reserve) {
      throw new SpoolFullException(
          "the disk of %s is full: %d KiB left, and %d KiB are kept for notices: make room"
              .formatted(folder, space.usable() >> 10, reserve >> 10));
    }
  }

  /** A failure of the disk, as a {@link SpoolFullException} where it came for lack of room. */
  IOException explained(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (message.contains("No space left on device") || message.contains("quota exceeded")) {
      SpoolFullException full =
          new SpoolFullException("the disk of " + folder + " is full: make room");
      full.initCause(failure);
      return full;
    }
    return failure;
  }
}
