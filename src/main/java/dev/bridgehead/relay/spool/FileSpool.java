package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A spool with a file per message. Entered by session threads (intakes) and by the threads of
 * attempts (contents, records); docs/spool.md says why it survives a crash at any point.
 */
public final class FileSpool implements Spool {
  private final Disk disk;
  private final Layout layout;
  private final Room room;
  private final QueueIds ids;
  private final FolderLock lock;
  private final List<StoredMessage> recovered;
  private final int quarantined;
  private final Map<QueueId, Live> live = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();

  /** What must be known of a message that is not gone; its own monitor guards its state file. */
  private static final class Live {
    final long octets;

    Live(long octets) {
      this.octets = octets;
    }
  }

  private FileSpool(Disk disk, Layout layout, Clock clock, FolderLock lock) throws IOException {
    this.disk = disk;
    this.layout = layout;
    this.room = new Room(disk, layout.folder());
    this.ids = new QueueIds(clock, new SecureRandom());
    this.lock = lock;
    List<Recovery.Found> found = new Recovery(disk, layout).run();
    found.forEach(each -> admit(each.message(), each.octets()));
    this.recovered = found.stream().map(Recovery.Found::message).toList();
    this.quarantined =
        (int)
            disk.list(layout.quarantine()).stream()
                .filter(file -> file.toString().endsWith(Layout.MESSAGE))
                .count();
  }

  /**
   * Opens the spool in a folder, which is made where it isn't there.
   *
   * @throws FolderInUseException where another relay works in it
   * @throws IOException where the disk fails
   */
  public static FileSpool open(Path folder, Disk disk, Clock clock) throws IOException {
    disk.createFolder(folder);
    FolderLock lock = FolderLock.take(folder);
    try {
      return new FileSpool(disk, new Layout(folder), clock, lock);
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public Intake open(long declared) throws IOException {
    room.check();
    return intake(false);
  }

  @Override
  public Intake openNotice() throws IOException {
    return intake(true);
  }

  private Intake intake(boolean reserved) throws IOException {
    try {
      return new FileIntake(this, ids.next(), reserved);
    } catch (IOException e) {
      throw room.explained(e);
    }
  }

  @Override
  public void recover(Consumer<StoredMessage> each) {
    recovered.forEach(each);
  }

  @Override
  public Envelope envelope(QueueId id) throws IOException {
    return MessageFile.read(disk, layout.message(id)).envelope();
  }

  @Override
  public InputStream content(QueueId id) throws IOException {
    Path file = layout.message(id);
    MessageFile.Tail tail = MessageFile.read(disk, file);
    return new CheckedContent(disk.read(file, 0), tail.size(), tail.contentCrc());
  }

  @Override
  public void record(QueueId id, MessageState state) throws IOException {
    Live message = live.get(id);
    if (message == null) {
      throw new IOException("no message " + id + " in the spool");
    }
    synchronized (message) {
      if (state.done()) {
        remove(id, message);
      } else {
        replaceState(id, state);
      }
    }
  }

  /**
   * The message first: a state without a message means nothing, the reverse would deliver twice.
   */
  private void remove(QueueId id, Live message) throws IOException {
    disk.delete(layout.message(id));
    if (disk.exists(layout.state(id))) {
      // A power loss must not bring the message back without its state.
      disk.syncFolder(layout.messages());
      disk.delete(layout.state(id));
    }
    disk.syncFolder(layout.messages());
    if (live.remove(id) != null) {
      bytes.addAndGet(-message.octets);
    }
  }

  /** Every state is synced when it is recorded. */
  @Override
  public void sync() {}

  private void replaceState(QueueId id, MessageState state) throws IOException {
    Path part = layout.statePart(id);
    byte[] octets = StateFile.encode(state);
    disk.delete(part); // of a replacement that failed
    try (Disk.NewFile file = disk.create(part)) {
      file.write(octets, 0, octets.length);
      file.sync();
    }
    disk.rename(part, layout.state(id));
    disk.syncFolder(layout.messages());
  }

  /**
   * Damaged messages that this start or one before set aside: accepted, not delivered, and waiting
   * for a person, so that nobody may call the folder empty.
   */
  public int quarantined() {
    return quarantined;
  }

  /** Whether messages wait here: only what {@link #open} found is counted. */
  public boolean foundMessages() {
    return !recovered.isEmpty();
  }

  /** Octets of all messages on disk. */
  public long bytes() {
    return bytes.get();
  }

  /**
   * Does nothing where there is room for mail of clients.
   *
   * @throws SpoolFullException where there is none; the message says how much is left
   */
  public void requireRoom() throws IOException {
    room.check();
  }

  /** Makes and removes a file; false where the disk refuses. */
  public boolean writable() {
    Path probe = layout.incoming().resolve(ids.next() + ".probe");
    try {
      disk.create(probe).close();
      disk.delete(probe);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }

  Disk disk() {
    return disk;
  }

  Layout layout() {
    return layout;
  }

  Room room() {
    return room;
  }

  /**
   * Gives a synced file its lasting name, durably. Where that fails the client is told so, and the
   * file must not come back at the next start.
   */
  void publish(QueueId id) throws IOException {
    disk.rename(layout.part(id), layout.message(id));
    try {
      disk.syncFolder(layout.messages());
    } catch (IOException e) {
      disk.delete(layout.message(id));
      throw e;
    }
  }

  void admit(StoredMessage message, long octets) {
    live.put(message.id(), new Live(octets));
    bytes.addAndGet(octets);
  }
}
