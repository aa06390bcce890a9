package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of the log. A {@link FileChannel} is closed by the interrupt of any thread that works on
 * it, so writers and readers have one each: a delivery that is broken off while it reads must not
 * close the log under the others. Few octets are written by the classic call, which ignores
 * interrupts.
 */
final class LocalLogFile implements Disk.LogFile {
  private final Path file;
  private final RandomAccessFile writing;
  private @Nullable FileChannel reading; // guarded by this
  private boolean closed; // guarded by this

  LocalLogFile(Path file) throws IOException {
    this.file = file;
    this.writing = new RandomAccessFile(file.toFile(), "rw");
  }

  @Override
  public void write(ByteBuffer octets, long position) throws IOException {
    long at = position;
    while (octets.hasRemaining()) {
      at += writing.getChannel().write(octets, at);
    }
  }

  @Override
  public void writeFew(byte[] octets, int length, long position) throws IOException {
    writing.seek(position);
    writing.write(octets, 0, length);
  }

  @Override
  public int read(byte[] into, int offset, int length, long position) throws IOException {
    while (true) {
      FileChannel channel = reading();
      try {
        return channel.read(ByteBuffer.wrap(into, offset, length), position);
      } catch (ClosedByInterruptException e) {
        throw e; // it is this thread that is to stop
      } catch (ClosedChannelException e) {
        forget(channel); // by another thread's interrupt
      }
    }
  }

  private synchronized FileChannel reading() throws IOException {
    if (closed) {
      throw new IOException(file + " is closed");
    }
    if (reading == null || !reading.isOpen()) {
      reading = FileChannel.open(file, StandardOpenOption.READ);
    }
    return reading;
  }

  private synchronized void forget(FileChannel channel) {
    if (reading == channel) {
      reading = null;
    }
  }

  @Override
  public void sync() throws IOException {
    writing.getChannel().force(false);
  }

  @Override
  public void truncate(long size) throws IOException {
    writing.getChannel().truncate(size);
  }

  @Override
  public long size() throws IOException {
    return writing.length();
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    if (reading != null) {
      reading.close();
    }
    writing.close();
  }
}
