package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The process ends before the n-th change of the disk, for every n of a message's life. */
class SpoolCrashTest {
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00Z");
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final MailAddress BEN = new MailAddress("ben", "example.net");
  private static final int CHANGES = 14;

  private final Path folder;

  SpoolCrashTest(@TempDir Path folder) {
    this.folder = folder;
  }

  static List<Integer> everyChange() {
    return java.util.stream.IntStream.rangeClosed(0, CHANGES).boxed().toList();
  }

  /** How far a life came before the crash. */
  private static final class Life {
    @Nullable StoredMessage accepted;
    boolean benSettled;
    boolean done;
    int changes;
  }

  @ParameterizedTest
  @MethodSource("everyChange")
  void losesNothingAndRevivesNothing(int crashBefore) throws IOException {
    Life life = new Life();
    try {
      live(life, crashBefore);
      assertThat(crashBefore)
          .as("changes made in a whole life")
          .isGreaterThanOrEqualTo(life.changes);
    } catch (IOException crash) {
      assertThat(crash).hasMessage("crash");
    }
    try (FileSpool spool = FileSpool.open(folder, new LocalDisk(), Clock.systemUTC())) {
      List<StoredMessage> found = Spools.recovered(spool);
      if (life.done) {
        assertThat(found).isEmpty();
      } else if (life.accepted != null) {
        assertThat(found.size()).isLessThanOrEqualTo(1);
        // Gone is right only when the last record was under way: its attempt had succeeded.
        assertThat(found.isEmpty()).isEqualTo(found.isEmpty() && life.benSettled);
        found.forEach(m -> assertThat(Spools.settled(m).contains(1) || !life.benSettled).isTrue());
      }
    }
  }

  private void live(Life life, int crashBefore) throws IOException {
    FaultyDisk disk = new FaultyDisk();
    try (FileSpool spool = FileSpool.open(folder, disk, Clock.systemUTC())) {
      disk.failing(
          (_, _) -> {
            if (life.changes++ >= crashBefore) {
              throw new IOException("crash");
            }
          });
      Intake intake = spool.open(0); // never closed: a process that is killed closes nothing
      intake.write(new byte[100], 0, 100);
      StoredMessage stored =
          intake.commit(
              new Envelope(null, List.of(ANN, BEN), BodyType.SEVEN_BIT, false, ARRIVED, false));
      life.accepted = stored;
      spool.record(stored.id(), Spools.state(2, Set.of(1), 1, ARRIVED));
      life.benSettled = true;
      spool.record(stored.id(), MessageState.DONE);
      life.done = true;
    }
  }
}
