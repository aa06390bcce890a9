package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.CrashImage.Loss;
import dev.bridgehead.relay.spool.RecordedDisk.File;
import dev.bridgehead.relay.spool.RecordedDisk.Op;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The power fails at every point of random lives of a spool, and again while it starts: what a
 * client heard 250 for is there, what was ended durably is not, nothing was given up without its
 * notice. {@code -Dcrash.states=20000} visits more states, {@code -Dcrash.seed=N} the same again.
 */
class CrashReplayTest {
  private static final int STATES = Integer.getInteger("crash.states", 4000);
  private static final int STEPS = 120;

  private int states;
  private int again;

  @Test
  @DisplayName("case 27: nothing is lost and nothing revived wherever the crash comes")
  void losesNothingAndRevivesNothingWhereverTheCrashComes() {
    long first = Long.getLong("crash.seed", System.nanoTime());
    long seed = first;
    for (; states < STATES; seed++) {
      try {
        life(seed);
      } catch (AssertionError | IOException | RuntimeException e) {
        throw new AssertionError("-Dcrash.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
    System.out.printf(
        "crash replay: %d states, %d of them while starting, in %d lives from seed %d%n",
        states, again, seed - first, first);
    assertThat(again).isPositive();
  }

  private void life(long seed) throws IOException {
    Random random = new Random(seed);
    RecordedDisk disk = new RecordedDisk(Map.of());
    CrashLedger ledger = new CrashLedger();
    CrashWorkload.run(disk, ledger, random, STEPS, random.nextInt(3) == 0);
    for (int count = 0; count <= disk.ops.size(); count++) {
      if (count > 0 && disk.ops.get(count - 1) instanceof Op.Seen(Runnable what)) {
        what.run();
        continue; // the disk is the same
      }
      Loss loss = Loss.values()[random.nextInt(10) == 0 ? random.nextInt(2) : 2];
      crash(CrashImage.of(Map.of(), disk.ops, count, loss, random), ledger, loss, random, count);
      if (random.nextInt(4) == 0 && !syncFailed(disk, count)) {
        kill(CrashImage.killed(disk.ops, count), ledger, random, count);
      }
    }
  }

  private void crash(Map<Path, File> image, CrashLedger ledger, Loss loss, Random random, int count)
      throws IOException {
    RecordedDisk disk = new RecordedDisk(image);
    states++;
    start(disk, ledger, loss, random, "after operation " + count);
    int begun = disk.ops.size();
    if (random.nextInt(4) == 0) {
      states++;
      start(disk, ledger, loss, random, "at the second start after operation " + count);
    }
    if (random.nextInt(4) == 0) {
      states++;
      again++;
      int second = random.nextInt(begun + 1);
      Map<Path, File> image2 = CrashImage.of(image, disk.ops, second, Loss.ANYTHING, random);
      start(
          new RecordedDisk(image2),
          ledger,
          loss == Loss.NOTHING ? Loss.ANYTHING : loss,
          random,
          "after operation " + count + ", then after " + second + " of the start");
    }
  }

  /** What a failed sync covered is read, and no later sync makes it certain: no start can know. */
  private static boolean syncFailed(RecordedDisk disk, int count) {
    return disk.ops.subList(0, count).stream()
        .anyMatch(op -> op instanceof Op.Sync(_, boolean failed) && failed);
  }

  /** The process is killed, the next one believes what the kernel has, then the power fails. */
  private void kill(RecordedDisk disk, CrashLedger ledger, Random random, int count)
      throws IOException {
    states += 2;
    start(disk, ledger, Loss.NOTHING, random, "killed after operation " + count);
    int second = count + random.nextInt(disk.ops.size() + 1 - count);
    Loss loss = random.nextBoolean() ? Loss.EVERYTHING : Loss.ANYTHING;
    start(
        new RecordedDisk(CrashImage.of(Map.of(), disk.ops, second, loss, random)),
        ledger,
        loss,
        random,
        "killed after operation %d, then power lost after %d".formatted(count, second));
  }

  private static void start(
      RecordedDisk disk, CrashLedger ledger, Loss loss, Random random, String when)
      throws IOException {
    try (LogSpool spool = CrashWorkload.open(disk, random.nextLong())) {
      Set<QueueId> present = ledger.check(spool, loss == Loss.NOTHING);
      spool.housekeeper().round(0);
      for (QueueId id : present) {
        ledger.checkContent(spool, id);
      }
    } catch (AssertionError | IOException | RuntimeException e) {
      throw new AssertionError(when + " (" + loss + "): " + e.getMessage(), e);
    }
  }
}
