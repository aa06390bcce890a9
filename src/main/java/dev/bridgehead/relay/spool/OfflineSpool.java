package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The spool of a relay that doesn't run, looked at without changing it. Every octet is read, of a
 * sidecar nothing is believed but where its segment ends, and what can be read of a damaged spool
 * is there. Used by one thread.
 */
public final class OfflineSpool implements AutoCloseable {
  private final Disk disk = new ReadOnlyDisk();
  private final Layout layout;
  private final Index index = new Index();
  private final Contents contents;
  private final Closeable lock;
  private final List<String> faults = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();
  private final Set<QueueId> rotten = new HashSet<>();

  private OfflineSpool(Path folder, Closeable lock) throws IOException {
    this.layout = new Layout(folder);
    this.lock = lock;
    this.contents = new Contents(disk, layout, index);
    read();
  }

  /**
   * Opens a spool.
   *
   * @param folder the one that {@code --data} named, or its folder {@code spool}
   * @throws FolderInUseException where a relay works in it
   * @throws IOException where there is none, or the disk fails
   */
  public static OfflineSpool open(Path folder) throws IOException {
    Disk disk = new ReadOnlyDisk();
    Path spool = disk.exists(folder.resolve("spool")) ? folder.resolve("spool") : folder;
    if (!disk.exists(new Layout(spool).segments())) {
      throw new NoSpoolException(
          folder + " is no spool: name the folder that the relay had as --data");
    }
    Closeable lock = disk.lock(spool);
    try {
      return new OfflineSpool(spool, lock);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private void read() throws IOException {
    Replay replay = new Replay(index);
    Pieces.Found looked = Pieces.find(disk, layout);
    List<Piece> pieces = looked.pieces();
    for (Pieces.Headless each : looked.headless()) {
      remarks.add(
          each.segment().file
              + ": has no header, and nothing in it is known to have been on disk; a start sets it"
              + " aside");
    }
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      Segment segment = piece.segment();
      index.add(segment);
      if (piece.headerDamaged()) {
        faults.add(segment.file + ": its header is damaged");
      }
      SegmentText text = new SegmentText(segment.log(), segment.id, segment.end);
      List<Entry> entries = new ArrayList<>();
      SegmentScan scan =
          new SegmentScan(text, i == pieces.size() - 1, piece.header().recycled(), entries::add);
      SegmentScan.Found found = scan.run();
      // What a crash tore is no damage: nobody was told of it.
      int torn = found.torn() == null ? Integer.MAX_VALUE : found.torn().from();
      List<Entry> bad = scan.rotten().stream().filter(entry -> entry.offset() < torn).toList();
      entries.addAll(bad);
      entries.sort(java.util.Comparator.comparingInt(Entry::offset));
      for (Entry entry : entries) {
        replay.take(segment, entry);
      }
      for (Entry entry : bad) {
        if (entry.told() instanceof Entry.Told.Message message) {
          rotten.add(message.id());
        }
      }
      for (SegmentScan.Part part : found.damaged()) {
        faults.add("%s: damaged from %d to %d".formatted(segment.file, part.from(), part.to()));
      }
      if (found.torn() != null) {
        remarks.add(
            "%s: ends in the middle of a write at %d that nobody was told of; a start cuts it"
                .formatted(segment.file, found.torn().from()));
      }
    }
    if (disk.exists(layout.quarantine())) {
      int kept = Quarantine.count(disk, layout);
      if (kept > 0) {
        faults.add(layout.quarantine() + ": %d damaged parts of earlier starts".formatted(kept));
      }
    }
  }

  /** What is damaged, one line each, as far as it is known without reading large contents. */
  public List<String> faults() {
    return Collections.unmodifiableList(faults);
  }

  /** What a crash left, and is no damage. */
  public List<String> remarks() {
    return Collections.unmodifiableList(remarks);
  }

  public int segments() {
    return index.segments().size();
  }

  /** Octets that the messages need. */
  public long liveBytes() {
    return index.liveOctets();
  }

  /** The messages there are, oldest first; not what is kept only to answer who handed it over. */
  public List<QueueId> messages() {
    List<QueueId> ids = new ArrayList<>();
    for (Live live : index.all()) {
      byte[] state = live.recovered;
      if (state == null || !StateForm.isSettled(state)) {
        ids.add(live.id);
      }
    }
    Collections.sort(ids);
    return ids;
  }

  /**
   * A message with its envelope and state.
   *
   * @throws IOException where they can't be read
   */
  public StoredMessage message(QueueId id) throws IOException {
    Live live = index.get(id);
    if (live == null) {
      throw new IOException("no message " + id + " in the spool");
    }
    EnvelopeForm.Read read = contents.envelope(id);
    return new StoredMessage(id, read.envelope(), live.size, read.state(live.recovered));
  }

  /** A message's content; throws at its end where it is not what was accepted. */
  public InputStream content(QueueId id) throws IOException {
    return contents.open(id);
  }

  /** A message's content as it is on disk, checksum or not. */
  public InputStream contentAsItIs(QueueId id) throws IOException {
    return contents.openUnchecked(id);
  }

  /** Whether it is known already that a content is not what was accepted. */
  public boolean rotten(QueueId id) {
    return rotten.contains(id);
  }

  @Override
  public void close() throws IOException {
    for (Segment segment : index.segments()) {
      segment.close();
    }
    lock.close();
  }
}
