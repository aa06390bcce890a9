package dev.bridgehead.relay.spool;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A real disk that can be told to fail, or to be full. */
public final class FaultyDisk implements Disk {
  /** The calls that change something, in order, as a test may want to fail them. */
  public enum Call {
    CREATE,
    WRITE,
    SYNC,
    TRUNCATE,
    RENAME,
    DELETE,
    SYNC_FOLDER
  }

  /** Decides before each call. */
  public interface Fault {
    void before(Call call, Path file) throws IOException;
  }

  private final Disk disk = new LocalDisk();
  private final List<Call> calls = new CopyOnWriteArrayList<>();

  /** Whether reading the log fails. */
  volatile boolean unreadable;

  private volatile Fault fault = (_, _) -> {};
  private volatile Space space = new Space(1L << 40, 1L << 40);

  public void failing(Fault fault) {
    this.fault = fault;
  }

  public void failing(Call which, String message) {
    failing(
        (call, _) -> {
          if (call == which) {
            throw new IOException(message);
          }
        });
  }

  public void failingOnce(Call which, String message) {
    failing(
        (call, _) -> {
          if (call == which) {
            failing((_, _) -> {});
            throw new IOException(message);
          }
        });
  }

  void space(Space space) {
    this.space = space;
  }

  List<Call> calls() {
    return calls;
  }

  private void before(Call call, Path file) throws IOException {
    calls.add(call);
    fault.before(call, file);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    disk.createFolder(folder);
  }

  @Override
  public NewFile create(Path file) throws IOException {
    before(Call.CREATE, file);
    NewFile made = disk.create(file);
    return new NewFile() {
      @Override
      public void write(byte[] octets, int offset, int length) throws IOException {
        before(Call.WRITE, file);
        made.write(octets, offset, length);
      }

      @Override
      public void sync() throws IOException {
        before(Call.SYNC, file);
        made.sync();
      }

      @Override
      public void close() throws IOException {
        made.close();
      }
    };
  }

  @Override
  public LogFile openLog(Path file) throws IOException {
    if (!disk.exists(file)) {
      before(Call.CREATE, file);
    }
    LogFile opened = disk.openLog(file);
    return new LogFile() {
      @Override
      public void write(ByteBuffer octets, long position) throws IOException {
        before(Call.WRITE, file);
        opened.write(octets, position);
      }

      @Override
      public void writeFew(byte[] octets, int length, long position) throws IOException {
        before(Call.WRITE, file);
        opened.writeFew(octets, length, position);
      }

      @Override
      public int read(byte[] into, int offset, int length, long position) throws IOException {
        if (unreadable) {
          throw new IOException("Input/output error");
        }
        return opened.read(into, offset, length, position);
      }

      @Override
      public void sync() throws IOException {
        before(Call.SYNC, file);
        opened.sync();
      }

      @Override
      public void truncate(long size) throws IOException {
        before(Call.TRUNCATE, file);
        opened.truncate(size);
      }

      @Override
      public long size() throws IOException {
        return opened.size();
      }

      @Override
      public void close() throws IOException {
        opened.close();
      }
    };
  }

  @Override
  public Closeable lock(Path folder) throws IOException {
    return disk.lock(folder);
  }

  @Override
  public InputStream read(Path file, long offset) throws IOException {
    return disk.read(file, offset);
  }

  @Override
  public boolean exists(Path file) {
    return disk.exists(file);
  }

  @Override
  public long size(Path file) throws IOException {
    return disk.size(file);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    before(Call.RENAME, to);
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    before(Call.DELETE, file);
    disk.delete(file);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    before(Call.SYNC_FOLDER, folder);
    disk.syncFolder(folder);
  }

  @Override
  public List<Path> list(Path folder) throws IOException {
    return disk.list(folder);
  }

  @Override
  public Space space(Path folder) {
    return space;
  }
}
