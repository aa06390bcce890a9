package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What tests ask of spools. */
public final class Spools {
  private Spools() {}

  /** Every message that was there when the spool was opened. */
  public static List<StoredMessage> recovered(Spool spool) throws IOException {
    List<StoredMessage> found = new ArrayList<>();
    spool.recover(found::add);
    return found;
  }

  /** With segments of this size and no threads: the test says when house is kept. */
  static LogSpool byHand(Path folder, Disk disk, int segmentOctets) throws IOException {
    return LogSpool.open(
        folder,
        disk,
        Clock.systemUTC(),
        new SimpleMeterRegistry(),
        new LogSpool.Options(segmentOctets, false, new Random()));
  }

  static StoredMessage store(Spool spool, Envelope envelope, String content) throws IOException {
    return store(spool, envelope, content.getBytes(StandardCharsets.UTF_8));
  }

  static StoredMessage store(Spool spool, Envelope envelope, byte[] content) throws IOException {
    try (Intake intake = spool.open(0)) {
      intake.write(content, 0, content.length);
      return intake.commit(envelope);
    }
  }

  /** What would be found if the process died now: {@code to} must not be there yet. */
  public static void copy(Path folder, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(folder.relativize(file).toString()));
      }
    }
  }

  public static void damage(Path folder, String content) throws IOException {
    damage(folder, content.getBytes(StandardCharsets.UTF_8));
  }

  /** Changes an octet in the middle of a content, wherever it lies. */
  static void damage(Path folder, byte[] content) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(it -> it.toString().matches(".*\\.(log|body)")).toList()) {
        if (damaged(file, content)) {
          return;
        }
      }
    }
    throw new AssertionError("the content is nowhere");
  }

  /** The same in one segment. */
  static void damage(Path folder, long segment, String content) throws IOException {
    Path file = folder.resolve("segments/%010d.log".formatted(segment));
    if (!damaged(file, content.getBytes(StandardCharsets.UTF_8))) {
      throw new AssertionError("the content is not in " + file);
    }
  }

  private static boolean damaged(Path file, byte[] content) throws IOException {
    String wanted = new String(content, StandardCharsets.ISO_8859_1);
    int at = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(wanted);
    if (at >= 0) {
      try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
        access.seek(at + content.length / 2);
        access.write(~content[content.length / 2]);
      }
    }
    return at >= 0;
  }

  /** One group of all recipients but the settled ones. */
  public static MessageState state(
      int recipients, Set<Integer> settled, int attempts, Instant due) {
    List<Integer> open =
        IntStream.range(0, recipients).filter(it -> !settled.contains(it)).boxed().toList();
    return open.isEmpty()
        ? MessageState.DONE
        : new MessageState(
            List.of(new MessageState.Group(open, attempts, due, MessageState.Hold.NONE, false)));
  }

  /** Recipients for whom nothing is left to be done. */
  public static Set<Integer> settled(StoredMessage message) {
    Set<Integer> settled =
        new HashSet<>(IntStream.range(0, message.envelope().recipients().size()).boxed().toList());
    message.state().open().forEach(group -> settled.removeAll(Set.copyOf(group.recipients())));
    return settled;
  }
}
