package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The room of the spool's volume. A reserve is kept from clients, for outcomes, notices and
 * copying: a twentieth of the volume, at most 64 MiB. The volume is asked once in a while, and what
 * clients brought since is counted, so that many at once don't overrun the reserve. Used by any
 * thread.
 */
final class Room {
  private static final long MOST_RESERVE = 64L << 20;
  private static final long GOOD_FOR_MILLIS = 200;

  /** With less room left a failed write is taken for the lack of it, whatever its message. */
  private static final long NEXT_TO_NOTHING = 1 << 20;

  private final Disk disk;
  private final Path folder;
  private final InstantSource clock;
  private volatile Seen seen;

  /** Octets that clients brought since the volume was asked: it knew nothing of them. */
  private final AtomicLong since = new AtomicLong();

  /** Octets of clients that are about to be written: the volume knows nothing of them yet. */
  private final AtomicLong pending = new AtomicLong();

  /** What the volume said, and when. */
  private record Seen(Disk.Space space, long millis) {}

  Room(Disk disk, Path folder, InstantSource clock) throws IOException {
    this.disk = disk;
    this.folder = folder;
    this.clock = clock;
    this.seen = new Seen(disk.space(folder), clock.millis());
  }

  private Disk.Space space() throws IOException {
    Seen last = seen;
    long now = clock.millis();
    if (now - last.millis >= GOOD_FOR_MILLIS || now < last.millis) {
      return ask();
    }
    return last.space;
  }

  private Disk.Space ask() throws IOException {
    since.set(0); // first: what comes meanwhile is rather counted twice
    Seen now = new Seen(disk.space(folder), clock.millis());
    seen = now;
    return now.space;
  }

  private static long reserve(Disk.Space space) {
    return Math.min(MOST_RESERVE, space.total() / 20);
  }

  /**
   * @param more octets that a client announced; 0 where it did not
   * @throws SpoolFullException where that would leave less than the reserve
   */
  void check(long more) throws IOException {
    Disk.Space space = space();
    if (space.usable() - since.get() - pending.get() - more >= reserve(space)) {
      return;
    }
    space = ask(); // what was counted went into files that had their room already, perhaps
    long reserve = reserve(space);
    if (space.usable() - pending.get() - more < reserve) {
      throw new SpoolFullException(
          "the disk of %s is %s: %d KiB left, and %d KiB are kept for notices: make room"
              .formatted(
                  folder,
                  space.usable() < reserve ? "full" : "too full for " + (more >> 10) + " KiB more",
                  space.usable() >> 10,
                  reserve >> 10));
    }
  }

  /**
   * Counts octets of a client that are about to be written, until {@link #written}.
   *
   * @throws SpoolFullException where that would leave less than the reserve
   */
  void take(int octets) throws IOException {
    check(octets);
    pending.addAndGet(octets);
  }

  /** What was taken is written, or never will be. */
  void written(int octets) {
    since.addAndGet(octets); // first: rather counted twice than not at all
    pending.addAndGet(-octets);
  }

  /** Octets that copies may take: a quarter of the reserve stays, for outcomes. */
  long forCopies() throws IOException {
    Disk.Space space = space();
    return space.usable() - reserve(space) / 4;
  }

  /** Whether so much may be set aside for later. */
  boolean roomy(long octets) throws IOException {
    Disk.Space space = space();
    return space.usable() > reserve(space) + octets;
  }

  /** A sixteenth of the volume, from 1 to 64 MiB: a small volume must not be one segment. */
  int segmentOctets() throws IOException {
    long sixteenth = space().total() / 16;
    return (int) Math.clamp(sixteenth, 1 << 20, 64 << 20);
  }

  /** Whether a failure came for lack of room, also where the system speaks another language. */
  boolean isLackedBy(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    if (failure instanceof SpoolFullException
        || message.contains("No space left on device")
        || message.contains("quota exceeded")) {
      return true;
    }
    try {
      return disk.space(folder).usable() < NEXT_TO_NOTHING;
    } catch (IOException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  /** A failure of the disk, as a {@link SpoolFullException} where it came for lack of room. */
  IOException explained(IOException failure) {
    if (failure instanceof SpoolFullException || !isLackedBy(failure)) {
      return failure;
    }
    SpoolFullException full =
        new SpoolFullException("the disk of " + folder + " is full: make room");
    full.initCause(failure);
    return full;
  }
}
