package dev.bridgehead.cli;

import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.RelaySetup;
import dev.bridgehead.relay.handover.OfferedElsewhereException;
import dev.bridgehead.relay.spool.FolderInUseException;
import dev.bridgehead.relay.spool.SpoolFullException;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What {@code run} and {@code relay} share: a start that explains itself, and the way to the end.
 */
final class Serving {
  private Serving() {}

  /** A start that failed, in one line. */
  static final class FailedStart extends IOException {
    FailedStart(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Starts a relay.
   *
   * @throws FailedStart with one line that says what to do
   */
  static Relay start(RelaySetup setup) throws FailedStart {
    try {
      return Relay.start(setup);
    } catch (BindException
        | FolderInUseException
        | OfferedElsewhereException
        | SpoolFullException e) {
      throw new FailedStart(String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw unusable(setup.data(), e);
    }
  }

  static FailedStart unusable(Path data, IOException e) {
    String reason = reason(e);
    String advice =
        reason.contains("No space left")
            ? "make room there, or choose another folder"
            : "choose another folder, or let this user write there";
    String where =
        e instanceof FileSystemException failure && failure.getFile() != null
            ? failure.getFile()
            : data.toString();
    return new FailedStart("cannot use " + where + ": " + reason + ": " + advice, e);
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof FileAlreadyExistsException) {
      return "it is a file, not a folder";
    }
    if (e instanceof NoSuchFileException) {
      return "the folder can't be made there";
    }
    @Nullable String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? e.getClass().getSimpleName() : reason;
  }

  /**
   * Waits for SIGTERM or SIGINT, and takes the relay down then. A stop that was asked for is no
   * failure: the process ends with 0.
   */
  static int serve(Relay relay, Runnable beforeClose) throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(
                    () -> {
                      beforeClose.run();
                      relay.close();
                      Runtime.getRuntime().halt(0);
                    }));
    Thread.currentThread().join(); // forever: the hook ends the process
    return 0;
  }
}
