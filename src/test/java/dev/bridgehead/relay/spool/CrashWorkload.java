package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.RecordedDisk.Op;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A random life of a spool on a recorded disk: messages small and large come in, alone and in
 * batches, outcomes are recorded, also in the middle of a sync, segments are copied and go, the
 * relay is stopped and started, and now and then the disk fails.
 */
final class CrashWorkload {
  static final Path FOLDER = Path.of("/spool");
  private static final int SEGMENT = 16 << 10;
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final MailAddress BEN = new MailAddress("ben", "example.net");

  private final Random random;
  private final RecordedDisk disk;
  private final List<QueueId> live = new ArrayList<>();

  /** Fills itself as the recorded sequence is gone through. */
  private final CrashLedger ledger;

  private final boolean faulty;
  private LogSpool spool;
  private int attempts;

  private CrashWorkload(RecordedDisk disk, CrashLedger ledger, Random random, boolean faulty)
      throws IOException {
    this.disk = disk;
    this.ledger = ledger;
    this.random = random;
    this.faulty = faulty;
    this.spool = open(disk, random.nextLong());
    Spools.recovered(spool);
  }

  static LogSpool open(Disk disk, long chance) throws IOException {
    return LogSpool.open(
        FOLDER,
        disk,
        Clock.systemUTC(),
        new SimpleMeterRegistry(),
        new LogSpool.Options(SEGMENT, false, new Random(chance)));
  }

  /**
   * Lives so many steps.
   *
   * @param ledger learns, by the {@link Op.Seen} in the disk's sequence, what happened
   */
  static void run(RecordedDisk disk, CrashLedger ledger, Random random, int steps, boolean faulty)
      throws IOException {
    CrashWorkload life = new CrashWorkload(disk, ledger, random, faulty);
    for (int i = 0; i < steps; i++) {
      life.step();
    }
  }

  private void step() throws IOException {
    int pinned = random.nextInt(faulty ? 104 : 100);
    try {
      if (pinned < 30) {
        accept(1 + random.nextInt(4));
      } else if (pinned < 45) {
        state();
      } else if (pinned < 75) {
        end();
      } else if (pinned < 80) {
        notice();
      } else if (pinned < 85) {
        spool.sync();
        disk.seen(ledger::synced);
      } else if (pinned < 90) {
        spool.writer().tick();
      } else if (pinned < 97) {
        spool.housekeeper().round(random.nextInt(4) == 0 ? Long.MAX_VALUE / 16 : 0);
      } else if (pinned < 99) {
        restart();
      } else if (faulty) {
        failSoon();
      }
    } catch (IOException e) {
      // The client was told 451, or the queue keeps the outcome in mind.
    } finally {
      disk.duringSync = () -> {};
    }
  }

  private void restart() throws IOException {
    disk.fault = _ -> {};
    try {
      spool.close();
    } catch (IOException e) {
      // After a failure of the disk. All that counts was said before.
    }
    spool = open(disk, random.nextLong());
    live.clear();
    Spools.recovered(spool).forEach(message -> live.add(message.id()));
  }

  /** The next operation of some kind fails; on a full disk also some that follow. */
  private void failSoon() {
    List<Class<? extends Op>> kinds =
        List.of(
            Op.Sync.class,
            Op.Write.class,
            Op.SyncFolder.class,
            Op.Link.class,
            Op.Truncate.class,
            Op.Rename.class,
            Op.Unlink.class);
    Class<? extends Op> kind = kinds.get(random.nextInt(kinds.size()));
    String message =
        random.nextInt(3) == 0 && kind != Op.Sync.class && kind != Op.SyncFolder.class
            ? "No space left on device"
            : "Input/output error";
    int[] times = {message.startsWith("No space") ? 1 + random.nextInt(8) : 1};
    disk.fault =
        op -> {
          if (op == kind) {
            if (--times[0] == 0) {
              disk.fault = _ -> {};
            }
            throw new IOException(message);
          }
        };
  }

  private Envelope envelope() {
    return new Envelope(
        ANN,
        List.of(ANN, BEN),
        BodyType.SEVEN_BIT,
        false,
        Instant.ofEpochSecond(++attempts),
        false);
  }

  private record Offered(LogIntake intake, Envelope envelope, MessageAppend append) {}

  private void accept(int together) throws IOException {
    if (random.nextInt(4) == 0) {
      disk.duringSync = this::stateMeanwhile;
    }
    List<Offered> batch = new ArrayList<>();
    for (int i = 0; i < together; i++) {
      boolean large = random.nextInt(10) == 0;
      LogIntake intake = (LogIntake) spool.open(large ? 1 << 20 : 0);
      Envelope envelope = envelope();
      byte[] content = new byte[random.nextInt(random.nextInt(8) == 0 ? 9000 : 900)];
      random.nextBytes(content);
      disk.seen(() -> ledger.asked(intake.id(), envelope, content));
      try {
        intake.write(content, 0, content.length);
        batch.add(new Offered(intake, envelope, intake.begin(envelope, null)));
      } catch (IOException e) {
        intake.close();
        break;
      }
    }
    for (Offered each : batch) {
      try (LogIntake intake = each.intake) {
        intake.finished(each.append, each.envelope);
        disk.seen(() -> ledger.of(intake.id()).accepted = true);
        live.add(intake.id());
      } catch (IOException e) {
        disk.duringSync = () -> {};
      }
    }
  }

  /** A delivery's thread comes by while the writing thread syncs. */
  private void stateMeanwhile() {
    if (locked()) { // at the change of segments it waits for the log's lock
      return;
    }
    disk.duringSync = () -> {};
    try {
      if (!live.isEmpty()) {
        state();
      }
    } catch (IOException e) {
      // The queue keeps it in mind.
    }
  }

  private static boolean locked() {
    return StackWalker.getInstance()
        .walk(stack -> stack.anyMatch(it -> it.getClassName().equals(Turnover.class.getName())));
  }

  private void state() throws IOException {
    if (live.isEmpty()) {
      return;
    }
    QueueId id = live.get(random.nextInt(live.size()));
    MessageState state =
        Spools.state(2, random.nextBoolean() ? Set.of(1) : Set.of(), ++attempts, Instant.EPOCH);
    int[] number = {0};
    disk.seen(
        () -> {
          ledger.of(id).asked.add(state);
          number[0] = ledger.of(id).asked.size();
        });
    spool.record(id, state);
    disk.seen(() -> ledger.of(id).recorded = number[0]);
  }

  private void end() throws IOException {
    if (live.isEmpty()) {
      return;
    }
    // Mostly the youngest, so that some become old.
    int index = random.nextInt(3) > 0 ? live.size() - 1 : random.nextInt(live.size());
    QueueId id = live.get(index);
    disk.seen(
        () -> {
          ledger.of(id).endAsked = true;
          ledger.of(id).notice = null; // of an earlier try that failed
        });
    spool.record(id, MessageState.DONE);
    live.remove(index);
    disk.seen(() -> ledger.of(id).ended = true);
  }

  private void notice() throws IOException {
    if (live.isEmpty()) {
      return;
    }
    QueueId about = live.get(random.nextInt(live.size()));
    byte[] content = new byte[500];
    random.nextBytes(content);
    Envelope envelope = envelope();
    try (Intake intake = spool.openNotice()) {
      QueueId id = intake.id();
      disk.seen(
          () -> {
            ledger.asked(id, envelope, content);
            ledger.of(about).endAsked = true;
            ledger.of(about).notice = id;
          });
      intake.write(content, 0, content.length);
      if (random.nextInt(3) == 0) { // segments are copied while it waits to be written
        LogIntake waiting = (LogIntake) intake;
        MessageAppend append = waiting.begin(envelope, spool.outcome(about, MessageState.DONE));
        try {
          spool.housekeeper().round(0);
        } catch (IOException e) {
          // Another thread's: whoever sends the notice hears only how that went.
        }
        waiting.finished(append, envelope);
      } else {
        intake.commit(envelope, about, MessageState.DONE);
      }
      disk.seen(
          () -> {
            ledger.of(id).accepted = true;
            ledger.of(about).ended = true;
            ledger.of(about).endSynced = true;
          });
      live.remove(about);
      live.add(id);
    }
  }
}
