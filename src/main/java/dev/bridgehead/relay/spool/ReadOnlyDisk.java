package dev.bridgehead.relay.spool;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** The machine's file system, of which nothing is changed: also one that can't be. */
final class ReadOnlyDisk implements Disk {
  private final Disk disk = new LocalDisk();

  private static IOException refused() {
    return new IOException("a spool that is only looked at is not changed");
  }

  @Override
  public LogFile openLog(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new LogFile() {
      @Override
      public int read(byte[] into, int offset, int length, long position) throws IOException {
        return channel.read(ByteBuffer.wrap(into, offset, length), position);
      }

      @Override
      public long size() throws IOException {
        return channel.size();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }

      @Override
      public void write(ByteBuffer octets, long position) throws IOException {
        throw refused();
      }

      @Override
      public void writeFew(byte[] octets, int length, long position) throws IOException {
        throw refused();
      }

      @Override
      public void sync() throws IOException {
        throw refused();
      }

      @Override
      public void truncate(long size) throws IOException {
        throw refused();
      }
    };
  }

  /**
   * The lock's file is the one thing that is written; where it can't be, nobody else can either.
   */
  @Override
  public Closeable lock(Path folder) throws IOException {
    try {
      return disk.lock(folder);
    } catch (AccessDeniedException e) {
      return () -> {};
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("Read-only")) {
        return () -> {};
      }
      throw e;
    }
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
  public List<Path> list(Path folder) throws IOException {
    return disk.list(folder);
  }

  @Override
  public Space space(Path folder) throws IOException {
    return disk.space(folder);
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    throw refused();
  }

  @Override
  public NewFile create(Path file) throws IOException {
    throw refused();
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    throw refused();
  }

  @Override
  public void delete(Path file) throws IOException {
    throw refused();
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    throw refused();
  }
}
