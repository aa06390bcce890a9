package dev.bridgehead.relay.spool;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second relay out of a folder. The kernel drops the lock when the process ends, however it
 * ends; the file stays and says whose it was.
 */
final class FolderLock implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);

  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * @throws FolderInUseException where another relay, of this or another process, holds it
   */
  static FolderLock take(Path folder) throws IOException {
    Path file = folder.resolve("lock");
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (!locked(channel)) {
        throw new FolderInUseException(
            folder
                + " is in use by another relay"
                + owner(file)
                + ": stop that one, or choose another folder");
      }
      sign(file, channel);
      return new FolderLock(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Says who holds it, to a second relay. On a full disk it doesn't, and holds all the same. */
  private static void sign(Path file, FileChannel channel) {
    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    try {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(pid));
    } catch (IOException e) {
      LOG.warn("{} doesn't name this process: {}", file, e.toString());
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      @Nullable FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // held by this very process
    }
  }

  private static String owner(Path file) throws IOException {
    String pid = Files.readString(file, StandardCharsets.US_ASCII);
    return pid.matches("[0-9]{1,10}") ? " (process " + pid + ")" : "";
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
