package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.RecordedDisk.File;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * A spool's files in one row of octets, and back. Each file is its kind (0 log, 1 sidecar, 2 body),
 * its number, its length in two octets, and its octets without the zeros at the end: whatever the
 * octets are, they are some files.
 */
final class SpoolFolder {
  private static final Layout LAYOUT = new Layout(CrashWorkload.FOLDER);
  private static final int MOST = 0xFFFF;

  private SpoolFolder() {}

  static byte[] packed(Map<Path, File> files) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int body = 0;
    for (Map.Entry<Path, File> each : new TreeMap<>(files).entrySet()) {
      String name = each.getKey().toString();
      int kind = name.endsWith(Layout.LOG) ? 0 : name.endsWith(Layout.SIDECAR) ? 1 : 2;
      if (kind == 2 && !name.endsWith(Layout.BODY)) {
        continue;
      }
      byte[] octets = each.getValue().octets;
      int length = octets.length;
      while (length > 0 && octets[length - 1] == 0) {
        length--;
      }
      out.write(kind);
      out.write(kind == 2 ? body++ : (int) Layout.number(each.getKey()));
      out.write(Math.min(length, MOST) >> 8);
      out.write(Math.min(length, MOST));
      out.write(octets, 0, Math.min(length, MOST));
    }
    return out.toByteArray();
  }

  static Map<Path, File> unpacked(byte[] octets, int from) {
    Map<Path, File> files = new TreeMap<>();
    ByteBuffer in = ByteBuffer.wrap(octets, from, octets.length - from);
    while (in.remaining() >= 4) {
      int kind = in.get() & 0xFF;
      int number = in.get() & 0xFF;
      int length = Math.min(in.getShort() & 0xFFFF, in.remaining());
      byte[] content = new byte[length];
      in.get(content);
      File file = new File();
      file.octets = kind % 3 == 2 ? content : Arrays.copyOf(content, length + 7 & -8);
      file.base = file.octets;
      files.put(name(kind % 3, number), file);
    }
    return files;
  }

  private static Path name(int kind, int number) {
    return switch (kind) {
      case 0 -> LAYOUT.log(number);
      case 1 -> LAYOUT.sidecar(number);
      default -> LAYOUT.body(new QueueId("BODY%08d".formatted(number)));
    };
  }

  /**
   * Makes checksums right as far as batches and records can be found, so that more is looked at.
   */
  static void mend(Map<Path, File> files) {
    files.forEach(
        (name, file) -> {
          boolean log = name.toString().endsWith(Layout.LOG);
          if (log && file.octets.length >= SegmentHeader.OCTETS) {
            mendLog(file.octets, Layout.number(name));
          } else if (name.toString().endsWith(Layout.SIDECAR) && file.octets.length >= 32) {
            mendSidecar(file.octets, Layout.number(name));
          }
        });
  }

  private static void mendSidecar(byte[] octets, long number) {
    ByteBuffer file = ByteBuffer.wrap(octets);
    int length = Math.clamp(file.getInt(20), 0, octets.length - 32);
    file.putLong(8, number).putInt(20, length).putInt(24, Checksum.plain(octets, 32, length));
    file.putInt(28, Checksum.plain(octets, 0, 28));
  }

  private static void mendLog(byte[] octets, long number) {
    ByteBuffer file = ByteBuffer.wrap(octets);
    file.putLong(16, number).putInt(60, Checksum.plain(octets, 0, 60));
    int at = SegmentHeader.OCTETS;
    while (at <= octets.length - BatchHeader.OCTETS) {
      int length = file.getInt(at + 16);
      if (file.getInt(at) != 0x4248_4231 || length < 0 || length > octets.length - at - 32) {
        at += BatchHeader.ALIGNMENT;
        continue;
      }
      file.putLong(at + 8, number);
      byte[] head = Arrays.copyOfRange(octets, at, at + 28);
      file.putInt(at + 28, new Checksum().of(number, at, head, 28, new byte[0]));
      mendRecords(file, number, at + BatchHeader.OCTETS, at + BatchHeader.OCTETS + length);
      at = BatchHeader.aligned(at + BatchHeader.OCTETS + length);
    }
  }

  private static void mendRecords(ByteBuffer file, long number, int from, int end) {
    int at = from;
    while (at <= end - Entry.HEADER) {
      int meta = file.getInt(at + 4);
      int inline = file.getInt(at + 8);
      if (meta < 0 || inline < 0 || (long) at + Entry.HEADER + meta + inline > end) {
        return;
      }
      int content = at + Entry.HEADER + meta;
      if ((file.get(at + 1) & Entry.BODY) == 0) {
        file.putInt(at + 12, Checksum.plain(file.array(), content, inline));
      }
      byte[] head = Arrays.copyOfRange(file.array(), at, at + 16);
      byte[] told = Arrays.copyOfRange(file.array(), at + Entry.HEADER, content);
      file.putInt(at + 16, new Checksum().of(number, at, head, 16, told));
      at = content + inline;
    }
  }
}
