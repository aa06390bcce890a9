package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Captures every message in a Maildir instead of sending it: one file per recipient, with the
 * fields that a local delivery agent puts on top. Uses no network. Any number of threads may enter.
 */
public final class MaildirDelivery implements Delivery {
  private static final EnhancedStatus LOCAL = new EnhancedStatus(4, 3, 0);
  private static final EnhancedStatus DONE = new EnhancedStatus(2, 0, 0);

  private final Path folder;
  private final InstantSource clock;
  private final AtomicLong number = new AtomicLong();

  /** Tells this process's names from those of the one before, which may have died a moment ago. */
  private final String run = Long.toHexString(new SecureRandom().nextLong());

  /**
   * @param folder gets {@code tmp}, {@code new} and {@code cur} where it lacks them
   */
  public MaildirDelivery(Path folder, InstantSource clock) throws IOException {
    this.folder = folder;
    this.clock = clock;
    for (String name : List.of("tmp", "new", "cur")) {
      Files.createDirectories(folder.resolve(name));
    }
  }

  @Override
  public List<Outcome> attempt(Attempt attempt) {
    return attempt.recipients().stream().map(recipient -> store(attempt, recipient)).toList();
  }

  private Outcome store(Attempt attempt, MailAddress recipient) {
    String name =
        "%d.%s_R%s_%d.bridgehead"
            .formatted(
                clock.instant().getEpochSecond(), attempt.id(), run, number.incrementAndGet());
    Path unfinished = folder.resolve("tmp").resolve(name);
    Path finished = folder.resolve("new").resolve(name);
    try {
      write(unfinished, attempt, recipient);
      Files.move(unfinished, finished, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(finished.getParent())) {
        directory.force(true);
      }
      return new Outcome.Delivered(
          "maildir", new Reply(250, DONE, List.of("captured in " + finished)));
    } catch (IOException e) {
      String text = "can't write to the Maildir " + folder + ": " + Peer.text(e);
      return new Outcome.Deferred(new Diagnostic(Reason.LOCAL, LOCAL, text, null, null));
    }
  }

  private static void write(Path file, Attempt attempt, MailAddress recipient) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        InputStream content = attempt.content().open()) {
      OutputStream out = Channels.newOutputStream(channel);
      out.write(fields(attempt, recipient).getBytes(StandardCharsets.UTF_8));
      content.transferTo(out);
      channel.force(true);
    }
  }

  /** RFC 5321 §4.4 for the first; the second is custom. */
  private static String fields(Attempt attempt, MailAddress recipient) {
    MailAddress from = attempt.envelope().reversePath();
    return "Return-Path: <%s>\r\nDelivered-To: %s\r\n"
        .formatted(from == null ? "" : from, recipient);
  }

  @Override
  public void close() {}
}
