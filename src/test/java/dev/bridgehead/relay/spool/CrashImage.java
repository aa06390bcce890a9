package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.spool.RecordedDisk.File;
import dev.bridgehead.relay.spool.RecordedDisk.Op;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * What may be on a disk when the power fails after some of the operations. What was synced is
 * there. Of the writes since, each is there, is not, or is there in some of its sectors, in any
 * order; of the changes of a folder since its last sync, any. What a failed sync covered may be
 * there or not for ever, whatever is synced later.
 */
final class CrashImage {
  private static final int SECTOR = 512;

  /** How much of what was not synced reached the disk. */
  enum Loss {
    /** All: the process was killed, the machine was not. */
    NOTHING,
    EVERYTHING,
    ANYTHING
  }

  private final Random random;
  private final Loss loss;

  private CrashImage(Random random, Loss loss) {
    this.random = random;
    this.loss = loss;
  }

  /**
   * Rebuilds the disk.
   *
   * @param before what was there before the first operation, all of it on disk
   * @param count operations that were begun before the crash
   */
  static Map<Path, File> of(
      Map<Path, File> before, List<Op> ops, int count, Loss loss, Random random) {
    return new CrashImage(random, loss).image(before, ops.subList(0, count));
  }

  /**
   * What a killed process leaves: all that it wrote can be read, and what it had not synced is
   * still not on disk, whoever starts next.
   */
  static RecordedDisk killed(List<Op> ops, int count) {
    RecordedDisk disk = new RecordedDisk(Map.of());
    Map<File, File> copies = new IdentityHashMap<>();
    for (Op op : ops.subList(0, count)) {
      Op again =
          switch (op) {
            case Op.Write(File file, int position, byte[] octets) -> {
              copy(file, copies).write(position, octets);
              yield new Op.Write(copy(file, copies), position, octets);
            }
            case Op.Truncate(File file, int size) -> {
              copy(file, copies).truncate(size);
              yield new Op.Truncate(copy(file, copies), size);
            }
            case Op.Link(Path name, File file) -> {
              disk.names.put(name, copy(file, copies));
              yield new Op.Link(name, copy(file, copies));
            }
            case Op.Rename rename -> {
              disk.names.put(rename.to(), Objects.requireNonNull(disk.names.remove(rename.from())));
              yield rename;
            }
            case Op.Unlink unlink -> {
              disk.names.remove(unlink.name());
              yield unlink;
            }
            case Op.Sync(File file, boolean failed) -> new Op.Sync(copy(file, copies), failed);
            case Op.SyncFolder folder -> folder;
            case Op.Seen seen -> seen;
          };
      disk.ops.add(again);
    }
    return disk;
  }

  private Map<Path, File> image(Map<Path, File> before, List<Op> ops) {
    boolean[] covered = covered(ops);
    Map<File, File> copies = new IdentityHashMap<>();
    TreeMap<Path, File> names = new TreeMap<>();
    before.forEach((name, file) -> names.put(name, copy(file, copies)));
    for (int i = 0; i < ops.size(); i++) {
      boolean whole =
          covered[i] || loss == Loss.NOTHING || loss == Loss.ANYTHING && random.nextInt(3) == 0;
      boolean partly = !whole && loss == Loss.ANYTHING && random.nextBoolean();
      switch (ops.get(i)) {
        case Op.Write write -> {
          if (whole) {
            copy(write.file(), copies).write(write.position(), write.octets());
          } else if (partly) {
            sectors(copy(write.file(), copies), write);
          }
        }
        case Op.Truncate truncate -> {
          if (whole) {
            copy(truncate.file(), copies).truncate(truncate.size());
          }
        }
        case Op.Link link -> {
          if (whole || partly) {
            names.put(link.name(), copy(link.file(), copies));
          }
        }
        case Op.Rename rename -> {
          if ((whole || partly) && names.containsKey(rename.from())) {
            names.put(rename.to(), Objects.requireNonNull(names.remove(rename.from())));
          }
        }
        case Op.Unlink unlink -> {
          if (whole || partly) {
            names.remove(unlink.name());
          }
        }
        case Op.Sync _, Op.SyncFolder _, Op.Seen _ -> {}
      }
    }
    names.values().forEach(file -> file.base = file.octets.clone());
    return names;
  }

  /** Which operations a later sync made certain. */
  private static boolean[] covered(List<Op> ops) {
    boolean[] covered = new boolean[ops.size()];
    Map<Object, List<Integer>> waiting = new HashMap<>();
    for (int i = 0; i < ops.size(); i++) {
      switch (ops.get(i)) {
        case Op.Write(File file, _, _) -> wait(waiting, file, i);
        case Op.Truncate(File file, _) -> wait(waiting, file, i);
        case Op.Link(Path name, _) -> wait(waiting, folder(name), i);
        case Op.Rename(Path from, _) -> wait(waiting, folder(from), i);
        case Op.Unlink(Path name) -> wait(waiting, folder(name), i);
        case Op.Sync(File file, boolean failed) -> end(waiting, file, failed, covered);
        case Op.SyncFolder(Path folder, boolean failed) -> {
          if (!failed) {
            end(waiting, folder, false, covered);
          }
        }
        case Op.Seen _ -> {}
      }
    }
    return covered;
  }

  private static Path folder(Path name) {
    return Objects.requireNonNull(name.getParent());
  }

  private static void wait(Map<Object, List<Integer>> waiting, Object on, int op) {
    waiting.computeIfAbsent(on, _ -> new ArrayList<>()).add(op);
  }

  /** After a failed sync the kernel holds for clean what it could not write. */
  private static void end(
      Map<Object, List<Integer>> waiting, Object on, boolean failed, boolean[] covered) {
    List<Integer> ended = waiting.remove(on);
    if (ended != null && !failed) {
      ended.forEach(op -> covered[op] = true);
    }
  }

  private static File copy(File file, Map<File, File> copies) {
    return copies.computeIfAbsent(
        file,
        original -> {
          File copy = new File();
          copy.octets = original.base.clone();
          return copy;
        });
  }

  private void sectors(File file, Op.Write write) {
    byte[] octets = write.octets();
    int at = 0;
    while (at < octets.length) {
      int count = Math.min(SECTOR - (write.position() + at) % SECTOR, octets.length - at);
      if (random.nextBoolean()) {
        file.write(write.position() + at, java.util.Arrays.copyOfRange(octets, at, at + count));
      }
      at += count;
    }
  }
}
