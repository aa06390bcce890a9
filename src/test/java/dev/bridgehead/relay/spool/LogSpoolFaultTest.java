package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a failing or rotting disk does to the spool. */
class LogSpoolFaultTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope ENVELOPE =
      new Envelope(ANN, List.of(ANN, ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);

  private final Path folder;
  private final FaultyDisk disk = new FaultyDisk();

  LogSpoolFaultTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private LogSpool open() throws IOException {
    return Spools.byHand(folder, disk, 1 << 20);
  }

  @Test
  void acceptsNothingAfterAFailedSyncButKeepsOutcomesAndForgetsTheFailedMessage()
      throws IOException {
    StoredMessage first;
    try (LogSpool spool = open()) {
      first = Spools.store(spool, ENVELOPE, "first");
      StoredMessage second = Spools.store(spool, ENVELOPE, "second");
      disk.failingOnce(FaultyDisk.Call.SYNC, "Input/output error");
      assertThatThrownBy(() -> Spools.store(spool, ENVELOPE, "third"))
          .hasMessageContaining("Input/output error");
      assertThat(spool.writable()).isFalse();
      assertThatThrownBy(() -> spool.open(0)).hasMessageContaining("no mail is accepted");
      spool.record(first.id(), Spools.state(2, Set.of(1), 1, Instant.EPOCH));
      spool.record(second.id(), MessageState.DONE);
      spool.sync();
    }
    try (LogSpool spool = open()) {
      List<StoredMessage> found = Spools.recovered(spool);
      assertThat(found).extracting(StoredMessage::id).containsExactly(first.id());
      assertThat(Spools.settled(found.getFirst())).containsExactly(1);
      assertThat(spool.quarantined()).isZero();
      assertThat(spool.writable()).isTrue();
      Spools.store(spool, ENVELOPE, "fourth");
    }
  }

  @Test
  void writesAgainAnOutcomeThatAFailedSyncMayHaveLost() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = Spools.store(spool, ENVELOPE, "first");
      spool.record(stored.id(), Spools.state(2, Set.of(0), 1, Instant.EPOCH));
      disk.failingOnce(FaultyDisk.Call.SYNC, "Input/output error");
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      assertThat(spool.envelope(stored.id())).isEqualTo(ENVELOPE);
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.settled(Spools.recovered(spool).getFirst())).containsExactly(0);
    }
  }

  @Test
  void setsRotInTheMiddleAsideAndReplaysTheRest() throws IOException {
    StoredMessage first;
    StoredMessage last;
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    try (LogSpool spool = open()) {
      first = Spools.store(spool, ENVELOPE, "the first");
      Spools.store(spool, ENVELOPE, "the rotten");
      last = Spools.store(spool, ENVELOPE, "the last");
      spool.writer().tick(); // says that all is on disk
      Spools.copy(folder, copy);
    }
    Spools.damage(copy, "the rotten");
    try (LogSpool spool = LogSpool.open(copy, new LocalDisk(), Clock.systemUTC())) {
      assertThat(Spools.recovered(spool)).containsExactly(first, last);
      assertThat(spool.quarantined()).isEqualTo(1);
    }
    try (LogSpool spool = LogSpool.open(copy, new LocalDisk(), Clock.systemUTC())) {
      assertThat(Spools.recovered(spool)).containsExactly(first, last);
      assertThat(spool.quarantined()).as("still there after another start").isEqualTo(1);
    }
  }

  @Test
  void copiesWhatIsLeftSoThatOneStuckMessagePinsNoSegment() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stuck = Spools.store(spool, ENVELOPE, "stuck");
      spool.record(stuck.id(), Spools.state(2, Set.of(0), 1, Instant.EPOCH));
      for (int i = 0; i < 30; i++) {
        spool.record(Spools.store(spool, ENVELOPE, "x".repeat(100_000)).id(), MessageState.DONE);
      }
      for (int i = 0; i < 4; i++) {
        spool.housekeeper().round(0);
      }
      assertThat(Files.exists(folder.resolve("segments/0000000001.log"))).isFalse();
      assertThat(spool.content(stuck.id()).readAllBytes()).asString().isEqualTo("stuck");
      assertThat(spool.bytes()).isLessThan(4 << 20);
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.settled(Spools.recovered(spool).getFirst())).containsExactly(0);
    }
  }

  @Test
  void givesNoMessageUpBecauseItCannotBeReadForAWhile() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stored = Spools.store(spool, ENVELOPE, "in a sector that answers later");
      for (int i = 0; i < 30; i++) {
        spool.record(Spools.store(spool, ENVELOPE, "x".repeat(100_000)).id(), MessageState.DONE);
      }
      disk.unreadable = true;
      spool.housekeeper().round(0);
      assertThat(Files.exists(folder.resolve("segments/0000000001.log"))).isTrue();
      disk.unreadable = false;
      for (int i = 0; i < 4; i++) {
        spool.housekeeper().round(0);
      }
      assertThat(Files.exists(folder.resolve("segments/0000000001.log"))).isFalse();
      assertThat(spool.content(stored.id()).readAllBytes())
          .asString()
          .isEqualTo("in a sector that answers later");
    }
  }

  @Test
  void givesBackOtherSegmentsThoughAMessageInOneIsRotten() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage rotten = Spools.store(spool, ENVELOPE, "the rotten");
      fill(spool);
      Spools.store(spool, ENVELOPE, "y".repeat(100_000));
      fill(spool);
      Spools.damage(folder, "the rotten");
      for (int i = 0; i < 8; i++) {
        spool.housekeeper().round(1 << 20);
      }
      assertThat(spool.index().segments()).hasSizeLessThanOrEqualTo(3);
      assertThat(folder.resolve("segments/0000000001.log")).exists();
      assertThat(spool.envelope(rotten.id())).isEqualTo(ENVELOPE);
      spool.record(rotten.id(), MessageState.DONE);
      spool.housekeeper().round(1 << 20);
      assertThat(folder.resolve("segments/0000000001.log")).doesNotExist();
    }
  }

  private static void fill(LogSpool spool) throws IOException {
    for (int i = 0; i < 12; i++) {
      spool.record(Spools.store(spool, ENVELOPE, "x".repeat(100_000)).id(), MessageState.DONE);
    }
  }

  @Test
  void takesNoOutcomeForStoredWhoseWriteMetADefect() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stored = Spools.store(spool, ENVELOPE, "there");
      disk.failing(
          (call, _) -> {
            if (call == FaultyDisk.Call.WRITE) {
              throw new IllegalStateException("a defect");
            }
          });
      assertThatThrownBy(() -> spool.record(stored.id(), MessageState.DONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("a defect");
      disk.failing((_, _) -> {});
      assertThat(spool.writable()).isFalse();
      spool.writer().tick();
      spool.record(stored.id(), MessageState.DONE);
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
    }
  }

  @Test
  void refusesWhatComesAfterItWasClosed() throws IOException {
    LogSpool spool = open();
    Intake late = spool.open(0);
    StoredMessage stored = Spools.store(spool, ENVELOPE, "there");
    spool.close();
    assertThatThrownBy(() -> late.commit(ENVELOPE)).hasMessageContaining("closed");
    assertThatThrownBy(() -> spool.record(stored.id(), MessageState.DONE))
        .hasMessageContaining("closed");
    assertThatThrownBy(spool::sync).hasMessageContaining("closed");
  }
}
