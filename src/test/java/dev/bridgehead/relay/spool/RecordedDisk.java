package dev.bridgehead.relay.spool;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A disk in memory that remembers every change in order, so that {@link CrashImage} can say what a
 * power loss may have left of them. Used by one thread.
 */
final class RecordedDisk implements Disk {
  /** A change, or something that a client or the queue saw in between. */
  sealed interface Op {
    record Write(File file, int position, byte[] octets) implements Op {}

    record Truncate(File file, int size) implements Op {}

    record Sync(File file, boolean failed) implements Op {}

    record Link(Path name, File file) implements Op {}

    record Rename(Path from, Path to) implements Op {}

    record Unlink(Path name) implements Op {}

    record SyncFolder(Path folder, boolean failed) implements Op {}

    record Seen(Runnable what) implements Op {}
  }

  /** What is in a file, whatever its name. */
  static final class File {
    byte[] octets = {};

    /** What it held before the first operation that is remembered. */
    byte[] base = {};

    void write(int position, byte[] what) {
      if (octets.length < position + what.length) {
        octets = Arrays.copyOf(octets, position + what.length);
      }
      System.arraycopy(what, 0, octets, position, what.length);
    }

    void truncate(int size) {
      if (size < octets.length) {
        octets = Arrays.copyOf(octets, size);
      }
    }
  }

  /** Asked before each change; throws where it is to fail. */
  interface Fault {
    void before(Class<? extends Op> op) throws IOException;
  }

  final List<Op> ops = new ArrayList<>();
  final Map<Path, File> names;
  Fault fault = _ -> {};

  /** Runs while a sync of a file runs, after the moment from which on it covers nothing more. */
  Runnable duringSync = () -> {};

  RecordedDisk(Map<Path, File> names) {
    this.names = new TreeMap<>(names);
  }

  /** Something that counts from here on: an answer was given, or is about to be asked for. */
  void seen(Runnable what) {
    ops.add(new Op.Seen(what));
  }

  private File file(Path name) throws IOException {
    File file = names.get(name);
    if (file == null) {
      throw new FileNotFoundException(name.toString());
    }
    return file;
  }

  private File link(Path name) throws IOException {
    fault.before(Op.Link.class);
    File file = new File();
    ops.add(new Op.Link(name, file));
    names.put(name, file);
    return file;
  }

  private void write(File file, long position, byte[] octets) throws IOException {
    try {
      fault.before(Op.Write.class);
    } catch (IOException e) {
      apply(file, position, Arrays.copyOf(octets, octets.length / 2)); // as much as went
      throw e;
    }
    apply(file, position, octets);
  }

  private void apply(File file, long position, byte[] octets) {
    ops.add(new Op.Write(file, (int) position, octets));
    file.write((int) position, octets);
  }

  private void sync(File file) throws IOException {
    try {
      fault.before(Op.Sync.class);
    } catch (IOException e) {
      ops.add(new Op.Sync(file, true));
      throw e;
    }
    ops.add(new Op.Sync(file, false));
    duringSync.run();
  }

  @Override
  public LogFile openLog(Path name) throws IOException {
    File file = names.containsKey(name) ? file(name) : link(name);
    return new RecordedLog(file);
  }

  private final class RecordedLog implements LogFile {
    private final File file;

    RecordedLog(File file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer octets, long position) throws IOException {
      byte[] copy = new byte[octets.remaining()];
      octets.get(copy);
      RecordedDisk.this.write(file, position, copy);
    }

    @Override
    public void writeFew(byte[] octets, int length, long position) throws IOException {
      RecordedDisk.this.write(file, position, Arrays.copyOf(octets, length));
    }

    @Override
    public int read(byte[] into, int offset, int length, long position) {
      int count = (int) Math.min(length, file.octets.length - position);
      if (count <= 0) {
        return -1;
      }
      System.arraycopy(file.octets, (int) position, into, offset, count);
      return count;
    }

    @Override
    public void sync() throws IOException {
      RecordedDisk.this.sync(file);
    }

    @Override
    public void truncate(long size) throws IOException {
      fault.before(Op.Truncate.class);
      ops.add(new Op.Truncate(file, (int) size));
      file.truncate((int) size);
    }

    @Override
    public long size() {
      return file.octets.length;
    }

    @Override
    public void close() {}
  }

  @Override
  public NewFile create(Path name) throws IOException {
    if (names.containsKey(name)) {
      throw new IOException(name + " exists");
    }
    File file = link(name);
    return new NewFile() {
      private int end;

      @Override
      public void write(byte[] octets, int offset, int length) throws IOException {
        RecordedDisk.this.write(file, end, Arrays.copyOfRange(octets, offset, offset + length));
        end += length;
      }

      @Override
      public void sync() throws IOException {
        RecordedDisk.this.sync(file);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void createFolder(Path folder) {}

  @Override
  public InputStream read(Path name, long offset) throws IOException {
    byte[] octets = file(name).octets;
    return new ByteArrayInputStream(octets, (int) offset, octets.length - (int) offset);
  }

  @Override
  public boolean exists(Path name) {
    return names.containsKey(name);
  }

  @Override
  public long size(Path name) throws IOException {
    return file(name).octets.length;
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    File file = file(from);
    fault.before(Op.Rename.class);
    ops.add(new Op.Rename(from, to));
    names.remove(from);
    names.put(to, file);
  }

  @Override
  public void delete(Path name) throws IOException {
    if (names.containsKey(name)) {
      fault.before(Op.Unlink.class);
      ops.add(new Op.Unlink(name));
      names.remove(name);
    }
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    try {
      fault.before(Op.SyncFolder.class);
    } catch (IOException e) {
      ops.add(new Op.SyncFolder(folder, true));
      throw e;
    }
    ops.add(new Op.SyncFolder(folder, false));
  }

  @Override
  public List<Path> list(Path folder) {
    return names.keySet().stream().filter(name -> folder.equals(name.getParent())).toList();
  }

  @Override
  public Closeable lock(Path folder) {
    return () -> {};
  }

  @Override
  public Space space(Path folder) {
    return new Space(1L << 40, 1L << 40);
  }
}
