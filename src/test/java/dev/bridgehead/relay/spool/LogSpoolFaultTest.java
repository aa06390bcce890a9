package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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

  @Test
  void givesBackOtherSegmentsThoughARottenOneHasNoSidecar() throws IOException {
    try (LogSpool spool = open()) {
      Spools.store(spool, ENVELOPE, "the rotten");
      StoredMessage beside = Spools.store(spool, ENVELOPE, "beside it");
      fill(spool);
      Spools.store(spool, ENVELOPE, "y".repeat(100_000));
      fill(spool);
      spool.index().segments().getFirst().records = null; // as where it would be too large
      Spools.damage(folder, "the rotten");
      for (int i = 0; i < 8; i++) {
        spool.housekeeper().round(1 << 20);
      }
      assertThat(spool.index().segments()).hasSizeLessThanOrEqualTo(3);
      assertThat(folder.resolve("segments/0000000001.log")).exists();
      assertThat(spool.content(beside.id()).readAllBytes()).asString().isEqualTo("beside it");
    }
  }

  @Test
  void keepsASegmentFirstToGoWhoseCopyOfAMessageThatEndedIsRotten() throws IOException {
    long segment;
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    try (LogSpool spool = open()) {
      StoredMessage ended = Spools.store(spool, ENVELOPE, "copied, then ended");
      fill(spool);
      disk.failing(FaultyDisk.Call.DELETE, "Input/output error");
      assertThatThrownBy(() -> spool.housekeeper().round(0)).isInstanceOf(IOException.class);
      disk.failing((_, _) -> {});
      segment = Objects.requireNonNull(spool.index().get(ended.id())).segment.id;
      spool.record(ended.id(), MessageState.DONE);
      spool.sync();
      spool.writer().tick();
      Spools.copy(folder, copy);
    }
    assertThat(segment).as("copied").isGreaterThan(1);
    Spools.damage(copy, segment, "copied, then ended");
    try (LogSpool spool = Spools.byHand(copy, new LocalDisk(), 1 << 20)) {
      assertThat(Spools.recovered(spool)).isEmpty();
      assertThat(spool.index().segments().getFirst().superseded).isTrue();
    }
  }

  @Test
  void setsASegmentWithoutAHeaderAsideBeforeItGoes() throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    StoredMessage first;
    try (LogSpool spool = Spools.byHand(folder, disk, 64 << 10)) {
      first = Spools.store(spool, ENVELOPE, "x".repeat(50_000));
      Spools.store(spool, ENVELOPE, "y".repeat(50_000));
      Spools.copy(folder, copy);
    }
    Spools.damage(copy, 2, "BHSPOOL1");
    try (LogSpool spool = LogSpool.open(copy, new LocalDisk(), Clock.systemUTC())) {
      assertThat(Spools.recovered(spool)).containsExactly(first);
    }
    assertThat(copy.resolve("segments/0000000002.log")).doesNotExist();
    assertThat(copy.resolve("quarantine/0000000002-0.torn"))
        .content(StandardCharsets.ISO_8859_1)
        .contains("y".repeat(50_000));
  }

  @Test
  void readsASegmentWithoutAHeaderThatTheNextOneNames() throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    List<StoredMessage> stored = new ArrayList<>();
    try (LogSpool spool = Spools.byHand(folder, disk, 64 << 10)) {
      for (String content : List.of("x", "y", "z")) {
        stored.add(Spools.store(spool, ENVELOPE, content.repeat(50_000)));
      }
      Spools.copy(folder, copy);
    }
    Spools.damage(copy, 2, "BHSPOOL1");
    try (LogSpool spool = LogSpool.open(copy, new LocalDisk(), Clock.systemUTC())) {
      assertThat(Spools.recovered(spool)).containsExactlyElementsOf(stored);
      assertThat(spool.quarantined()).as("its header").isEqualTo(1);
    }
  }

  @Test
  void keepsASegmentWithoutAHeaderAlsoWhenTheNextOneHasGone() throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    List<StoredMessage> stored = new ArrayList<>();
    try (LogSpool spool = Spools.byHand(folder, disk, 64 << 10)) {
      for (String content : List.of("x", "y", "z")) {
        stored.add(Spools.store(spool, ENVELOPE, content.repeat(50_000)));
      }
      Spools.copy(folder, copy);
    }
    Spools.damage(copy, 2, "BHSPOOL1");
    StoredMessage last = stored.removeLast();
    try (LogSpool spool = Spools.byHand(copy, new LocalDisk(), 64 << 10)) {
      Spools.recovered(spool);
      spool.record(last.id(), MessageState.DONE);
      spool.sync();
      spool.housekeeper().round(0);
    }
    assertThat(copy.resolve("segments/0000000003.log")).doesNotExist();
    try (LogSpool spool = Spools.byHand(copy, new LocalDisk(), 64 << 10)) {
      assertThat(Spools.recovered(spool)).containsExactlyElementsOf(stored);
      assertThat(spool.quarantined()).as("its header").isEqualTo(1);
    }
  }

  @Test
  void leavesTheBodyToAStartWhereTheLogMayHoldTheRecord() throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    byte[] large = new byte[300_000];
    try (LogSpool spool = open()) {
      disk.failing(
          (call, file) -> {
            if (call == FaultyDisk.Call.SYNC && file.toString().endsWith(".log")) {
              throw new IOException("Input/output error");
            }
          });
      assertThatThrownBy(() -> Spools.store(spool, ENVELOPE, large))
          .isInstanceOf(IOException.class);
      Spools.copy(folder, copy);
      disk.failing((_, _) -> {});
    }
    try (LogSpool spool = LogSpool.open(copy, new LocalDisk(), Clock.systemUTC())) {
      for (StoredMessage message : Spools.recovered(spool)) {
        assertThat(spool.content(message.id()).readAllBytes()).isEqualTo(large);
      }
      assertThat(spool.foundMessages()).as("read from the kernel's memory").isTrue();
    }
  }

  @Test
  void writesNothingMoreToASegmentInWhichAWriteMetADefect() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = Spools.store(spool, ENVELOPE, "there");
      disk.failing(
          (call, _) -> {
            if (call == FaultyDisk.Call.WRITE) {
              throw new IllegalStateException("a defect");
            }
          });
      assertThatThrownBy(() -> Spools.store(spool, ENVELOPE, "lost"))
          .hasMessageContaining("a defect");
      disk.failing((_, _) -> {});
      assertThat(spool.writable()).isFalse();
      spool.writer().tick();
      spool.record(stored.id(), Spools.state(2, Set.of(0), 1, Instant.EPOCH));
      assertThat(folder.resolve("segments/0000000002.log")).exists();
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool))
          .extracting(StoredMessage::id)
          .containsExactly(stored.id());
    }
  }

  @Test
  void handsOverOnlyWhatTheStartFound() throws IOException {
    StoredMessage first;
    StoredMessage second;
    try (LogSpool spool = open()) {
      first = Spools.store(spool, ENVELOPE, "first");
      second = Spools.store(spool, ENVELOPE, "second");
    }
    try (LogSpool spool = open()) {
      List<StoredMessage> found = new ArrayList<>();
      spool.recover(
          message -> {
            found.add(message);
            try {
              for (int i = 0; i < 12; i++) { // more than a segment holds
                Spools.store(spool, ENVELOPE, "x".repeat(100_000));
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertThat(found).containsExactly(first, second);
    }
  }

  @Test
  void removesABodyLaterThatCanNotBeRemovedNow() throws IOException {
    try (LogSpool spool = open()) {
      spool.record(Spools.store(spool, ENVELOPE, new byte[300_000]).id(), MessageState.DONE);
      spool.sync();
      disk.failingOnce(FaultyDisk.Call.DELETE, "Input/output error");
      assertThatThrownBy(() -> spool.housekeeper().round(0)).isInstanceOf(IOException.class);
      spool.housekeeper().round(0);
      assertThat(folder.resolve("bodies")).isEmptyDirectory();
    }
  }

  @Test
  void keepsNoFileForTheNextSegmentThatCanNotBeMadeReady() throws IOException {
    try (LogSpool spool = open()) {
      fill(spool);
      disk.failing(
          (call, to) -> {
            if (call == FaultyDisk.Call.RENAME && to.toString().endsWith(".log")) {
              throw new IOException("Input/output error");
            }
          });
      assertThatThrownBy(() -> spool.housekeeper().round(0)).isInstanceOf(IOException.class);
      assertThat(folder.resolve("segments")).isDirectoryNotContaining("glob:**.spare");
      disk.failing((_, _) -> {});
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
