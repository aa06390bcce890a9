package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A spool in a log of segments. Entered by session threads (intakes) and by the threads of attempts
 * (contents, records); docs/spool.md says why it survives a crash at any point.
 */
public final class LogSpool implements Spool {
  private static final Logger LOG = LoggerFactory.getLogger(LogSpool.class);

  private final Disk disk;
  private final Layout layout;
  private final Room room;
  private final QueueIds ids;
  private final Closeable lock;
  private final HeapBudget heap = HeapBudget.ofThisProcess();
  private final Index index = new Index();
  private final Acceptance acceptance = new Acceptance();
  private final LogWriter writer;
  private final Supply supply;
  private final Housekeeper housekeeper;
  private final Contents contents;
  private final UUID uuid;
  private final int quarantined;
  private final boolean foundMessages;
  private final long lastFound;
  private final Object bodies = new Object(); // held while their folder is synced
  private volatile boolean closed;

  /**
   * What differs in tests.
   *
   * @param segmentOctets length of a segment; 0: by the volume's size
   * @param threaded whether threads write and keep house, or the test does
   * @param chance of queue ids
   */
  record Options(int segmentOctets, boolean threaded, RandomGenerator chance) {
    static final Options STANDARD = new Options(0, true, new SecureRandom());
  }

  private LogSpool(
      Path folder, Disk disk, Clock clock, MeterRegistry metrics, Closeable lock, Options options)
      throws IOException {
    this.disk = disk;
    this.layout = new Layout(folder);
    this.room = new Room(disk, folder, clock);
    this.ids = new QueueIds(clock, options.chance);
    this.lock = lock;
    refuseOldForm();
    Recovery.Found found = new Recovery(disk, layout, index, acceptance).run();
    Segment last = found.last();
    this.lastFound = last == null ? 0 : last.id;
    this.quarantined = Quarantine.count(disk, layout) + found.notKept();
    this.uuid = found.spool();
    this.foundMessages = index.count() > 0;
    int octets = options.segmentOctets == 0 ? room.segmentOctets() : options.segmentOctets;
    this.supply = new Supply(disk, layout, octets, found.spool(), found.nextId(), acceptance);
    ReentrantLock log = new ReentrantLock();
    this.housekeeper = new Housekeeper(disk, layout, index, supply, room, acceptance, log);
    LogEnd end = new LogEnd(index, supply, last, housekeeper::wake);
    this.writer = new LogWriter(log, end, octets, room, acceptance, new SpoolMetrics(metrics));
    this.contents = new Contents(disk, layout, index);
    beginLog();
    writer.start(options.threaded);
    if (!foundMessages) {
      housekeeper.handedOver();
    }
    housekeeper.start(writer, options.threaded);
    Gauge.builder("bridgehead.spool.bytes", this, LogSpool::bytes)
        .description("Octets of the spool's files")
        .register(metrics);
    Gauge.builder("bridgehead.spool.live.bytes", this, LogSpool::liveBytes)
        .description("Octets that the messages in the spool need")
        .register(metrics);
  }

  /**
   * Opens the spool in a folder, which is made where it isn't there.
   *
   * @throws FolderInUseException where another relay works in it
   * @throws IOException where the disk fails
   */
  public static LogSpool open(Path folder, Disk disk, Clock clock, MeterRegistry metrics)
      throws IOException {
    return open(folder, disk, clock, metrics, Options.STANDARD);
  }

  /** As the other, without metrics. */
  public static LogSpool open(Path folder, Disk disk, Clock clock) throws IOException {
    return open(folder, disk, clock, new SimpleMeterRegistry(), Options.STANDARD);
  }

  static LogSpool open(Path folder, Disk disk, Clock clock, MeterRegistry metrics, Options options)
      throws IOException {
    disk.createFolder(folder);
    Closeable lock = disk.lock(folder);
    try {
      return new LogSpool(folder, disk, clock, metrics, lock, options);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * On a full disk sidecars go, as many as must: they are derived, and a segment is all that is
   * needed to store what becomes of the messages, which gives more room. Those that the hand-over
   * reads go last.
   */
  private void beginLog() throws IOException {
    if (writer.begin()) {
      return;
    }
    List<Segment> segments = new ArrayList<>(index.segments());
    segments.sort(Comparator.comparing(segment -> segment.messages > 0));
    for (Segment segment : segments) {
      Path sidecar = layout.sidecar(segment.id);
      if (disk.exists(sidecar)) {
        disk.delete(sidecar);
        if (writer.begin()) {
          return;
        }
      }
    }
    LOG.error(
        "the disk of {} is full: make room. Until then no outcome is stored, and what is"
            + " delivered may be delivered again after a restart",
        layout.folder());
  }

  private void refuseOldForm() throws IOException {
    if (disk.exists(layout.oldMessages()) && !disk.list(layout.oldMessages()).isEmpty()) {
      throw new IOException(
          layout.oldMessages()
              + " holds messages in the form of an earlier version, which this one can't read");
    }
  }

  @Override
  public Intake open(long declared) throws IOException {
    requireAcceptance(declared);
    return intake(ids.next(), false, declared);
  }

  @Override
  public Intake takeOver(long size, Instant arrived) throws IOException {
    requireAcceptance(size);
    QueueId id = ids.next(arrived.toEpochMilli());
    while (index.get(id) != null) {
      id = ids.next(arrived.toEpochMilli());
    }
    return intake(id, false, size);
  }

  private void requireAcceptance(long declared) throws IOException {
    IOException stopped = acceptance.ended();
    if (stopped != null) {
      throw new IOException("no mail is accepted since the disk failed: " + stopped.getMessage());
    }
    room.check(declared);
  }

  @Override
  public Intake openNotice() throws IOException {
    return intake(ids.next(), true, 0);
  }

  private Intake intake(QueueId id, boolean reserved, long declared) throws IOException {
    try {
      return new LogIntake(this, id, reserved, declared);
    } catch (IOException e) {
      throw room.explained(e);
    }
  }

  @Override
  public void recover(Consumer<StoredMessage> each) throws IOException {
    new Handover(disk, layout, index, lastFound).run(each);
    housekeeper.handedOver();
  }

  @Override
  public Envelope envelope(QueueId id) throws IOException {
    return contents.envelope(id).envelope();
  }

  @Override
  public InputStream content(QueueId id) throws IOException {
    return contents.open(id);
  }

  @Override
  public void record(QueueId id, MessageState state) throws IOException {
    OutcomeAppend outcome = outcome(id, state);
    writer.write(outcome);
    if (!outcome.found()) {
      throw new IOException("no message " + id + " in the spool");
    }
  }

  OutcomeAppend outcome(QueueId id, MessageState state) {
    byte[] octets = state.done() ? new byte[0] : StateForm.encode(state);
    return new OutcomeAppend(index, id, octets, housekeeper::bodyUnused);
  }

  @Override
  public void sync() throws IOException {
    writer.sync();
  }

  @Override
  public boolean failuresAreFinal() {
    return writer.failuresAreFinal();
  }

  /**
   * Parts of the log that this start or one before could not read and set aside: accepted, not
   * delivered, and waiting for a person, so that nobody may call the folder empty.
   */
  public int quarantined() {
    return quarantined;
  }

  /** Tells this spool from every other, for as long as there are messages in it. */
  public UUID uuid() {
    return uuid;
  }

  /** Whether messages wait here: only what {@link #open} found is counted. */
  public boolean foundMessages() {
    return foundMessages;
  }

  /**
   * Messages of which anything is left on disk: those that somebody delivers, and those that are
   * only kept for whoever may ask for them.
   */
  public int messages() {
    return index.count();
  }

  /** Octets of all files. */
  public long bytes() {
    return index.octets() + supply.octets();
  }

  /** Octets that the messages in the spool need. */
  public long liveBytes() {
    return index.liveOctets();
  }

  /**
   * Does nothing where there is room for mail of clients.
   *
   * @throws SpoolFullException where there is none; the message says how much is left
   */
  public void requireRoom() throws IOException {
    room.check(0);
  }

  /** Whether mail of clients would be accepted now. */
  public boolean writable() {
    try {
      room.check(0);
      return acceptance.ended() == null && !closed;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      housekeeper.stop();
      writer.close();
      housekeeper.close();
    } finally {
      lock.close();
    }
  }

  /** Has a body on disk, with its name. */
  void syncBody(Disk.NewFile body) throws IOException {
    try {
      body.sync();
    } catch (IOException e) {
      if (!room.isLackedBy(e)) { // for lack of room only this body is lost, and it is refused
        acceptance.end(e);
      }
      throw e;
    }
    synchronized (bodies) {
      acceptance.syncFolder(disk, layout.bodies());
    }
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

  HeapBudget heap() {
    return heap;
  }

  Index index() {
    return index;
  }

  LogWriter writer() {
    return writer;
  }

  Housekeeper housekeeper() {
    return housekeeper;
  }
}
