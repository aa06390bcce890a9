package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether mail is accepted: until a restart no more, once the disk failed. The kernel tells of a
 * failed write-back once only, so that no sync after it proves anything. Entered by all threads of
 * the spool.
 */
final class Acceptance {
  private static final Logger LOG = LoggerFactory.getLogger(Acceptance.class);

  private volatile @Nullable IOException ended;

  /** Why no mail is accepted until a restart; null where it is. */
  @Nullable IOException ended() {
    return ended;
  }

  /** After a failure of the disk. */
  synchronized void end(IOException why) {
    if (ended == null) {
      ended = why;
      LOG.error(
          "the spool's disk failed ({}): no mail is accepted until a restart; what is queued is"
              + " delivered as long as outcomes can be stored",
          why.toString());
    }
  }

  /** Has a folder's names on disk, whoever changed them: a failure may have lost any of them. */
  void syncFolder(Disk disk, Path folder) throws IOException {
    try {
      disk.syncFolder(folder);
    } catch (IOException e) {
      end(e);
      throw e;
    }
  }
}
