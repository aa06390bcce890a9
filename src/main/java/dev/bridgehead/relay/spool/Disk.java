package dev.bridgehead.relay.spool;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * Everything that the spool asks of a file system, so that a test can make any of it fail. Nothing
 * is durable before the sync that belongs to it: a file's octets by {@link NewFile#sync}, a name
 * (made, changed or removed) by {@link #syncFolder}.
 */
public interface Disk {
  /** A file being written, front to back. */
  interface NewFile extends Closeable {
    void write(byte[] octets, int offset, int length) throws IOException;

    /** Returns once every octet written is on disk (fsync). */
    void sync() throws IOException;
  }

  /**
   * A file that is written and read at positions. Calls that change it come from one thread at a
   * time.
   */
  interface LogFile extends Closeable {
    /** Writes all octets. Only for threads that nobody interrupts: an interrupt closes the file. */
    void write(ByteBuffer octets, long position) throws IOException;

    /** Writes few octets, on whatever thread. */
    void writeFew(byte[] octets, int length, long position) throws IOException;

    /**
     * Reads on whatever thread, several at a time.
     *
     * @return octets read, at least one; -1 at the end of the file
     */
    int read(byte[] into, int offset, int length, long position) throws IOException;

    /** Returns once every octet written is on disk, and the length (fdatasync). */
    void sync() throws IOException;

    void truncate(long size) throws IOException;

    long size() throws IOException;
  }

  /** Opens a file for reading and writing; it is made where it isn't there. */
  LogFile openLog(Path file) throws IOException;

  /** Makes a folder, and those above it, where it isn't there yet. */
  void createFolder(Path folder) throws IOException;

  /** Makes a file that must not exist, readable by its owner only. */
  NewFile create(Path file) throws IOException;

  /** Reads from an offset on. */
  InputStream read(Path file, long offset) throws IOException;

  boolean exists(Path file);

  long size(Path file) throws IOException;

  /** Replaces the target, atomically. */
  void rename(Path from, Path to) throws IOException;

  /** Removes a file; it may be gone already. */
  void delete(Path file) throws IOException;

  void syncFolder(Path folder) throws IOException;

  /** The entries of a folder, sorted by name. */
  List<Path> list(Path folder) throws IOException;

  /**
   * Keeps others out of a folder until it is closed, or the process ends.
   *
   * @throws FolderInUseException where another has it
   */
  Closeable lock(Path folder) throws IOException;

  /** Room of the volume. */
  Space space(Path folder) throws IOException;

  /**
   * Room of a volume, in octets.
   *
   * @param usable what this process may still write
   * @param total the volume's size
   */
  record Space(long usable, long total) {}
}
