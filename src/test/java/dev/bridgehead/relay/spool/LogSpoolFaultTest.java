package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a failing, full or rotting disk does to the spool. */
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
    return LogSpool.open(
        folder,
        disk,
        Clock.systemUTC(),
        new SimpleMeterRegistry(),
        new LogSpool.Options(1 << 20, false, new Random()));
  }

  private static StoredMessage store(LogSpool spool, String content) throws IOException {
    try (Intake intake = spool.open(0)) {
      intake.write(content.getBytes(StandardCharsets.UTF_8), 0, content.length());
      return intake.commit(ENVELOPE);
    }
  }

  private void failOnce(FaultyDisk.Call which, String message) {
    disk.failing(
        (call, _) -> {
          if (call == which) {
            disk.failing((_, _) -> {});
            throw new IOException(message);
          }
        });
  }

  @Test
  void acceptsNothingAfterAFailedSyncButKeepsOutcomesAndForgetsTheFailedMessage()
      throws IOException {
    StoredMessage first;
    try (LogSpool spool = open()) {
      first = store(spool, "first");
      StoredMessage second = store(spool, "second");
      failOnce(FaultyDisk.Call.SYNC, "Input/output error");
      assertThatThrownBy(() -> store(spool, "third")).hasMessageContaining("Input/output error");
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
      store(spool, "fourth");
    }
  }

  @Test
  void writesAgainAnOutcomeThatAFailedSyncMayHaveLost() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = store(spool, "first");
      spool.record(stored.id(), Spools.state(2, Set.of(0), 1, Instant.EPOCH));
      failOnce(FaultyDisk.Call.SYNC, "Input/output error");
      assertThatThrownBy(spool::sync).isInstanceOf(IOException.class);
      assertThat(spool.envelope(stored.id())).isEqualTo(ENVELOPE);
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.settled(Spools.recovered(spool).getFirst())).containsExactly(0);
    }
  }

  @Test
  void saysFullAndAcceptsAgainWhenThereIsRoom() throws IOException {
    try (LogSpool spool = open()) {
      failOnce(FaultyDisk.Call.WRITE, "No space left on device");
      assertThatThrownBy(() -> store(spool, "first")).isInstanceOf(SpoolFullException.class);
      assertThat(spool.writable()).isTrue();
      store(spool, "second");
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).hasSize(1);
    }
  }

  @Test
  void keepsTheReserveForNotices() throws IOException {
    disk.space(new Disk.Space(10 << 20, 2L << 30));
    try (LogSpool spool = open()) {
      assertThatThrownBy(() -> spool.open(0))
          .isInstanceOf(SpoolFullException.class)
          .hasMessageContaining("10240 KiB left");
      assertThat(spool.writable()).isFalse();
      try (Intake notice = spool.openNotice()) {
        notice.write(new byte[100], 0, 100);
        notice.commit(ENVELOPE);
      }
      assertThat(spool.liveBytes()).isPositive();
    }
  }

  @Test
  void keepsTheReserveFromManyClientsAtOnce() throws IOException {
    long reserve = 64 << 20;
    long start = reserve + (8 << 20);
    byte[] piece = new byte[64 << 10];
    disk.space(new Disk.Space(start, 2L << 30));
    disk.failing(
        (call, file) -> {
          if (call == FaultyDisk.Call.WRITE) {
            disk.space(new Disk.Space(start - octetsOfBodies(), 2L << 30));
          }
        });
    Clock still = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC); // no time passes between two looks
    int refused = 0;
    try (LogSpool spool = LogSpool.open(folder, disk, still)) {
      List<Intake> intakes = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        intakes.add(spool.open(0));
      }
      for (Intake intake : intakes) {
        try {
          for (int i = 0; i < 16; i++) {
            intake.write(piece, 0, piece.length);
          }
        } catch (SpoolFullException e) {
          refused++;
        }
      }
      // A write that is under way while the volume is asked is not counted.
      assertThat(start - octetsOfBodies()).isGreaterThanOrEqualTo(reserve - piece.length);
      for (Intake intake : intakes) {
        intake.close();
      }
    }
    assertThat(refused).isBetween(20, 25);
  }

  private long octetsOfBodies() {
    File[] bodies = folder.resolve("bodies").toFile().listFiles();
    return bodies == null ? 0 : Stream.of(bodies).mapToLong(File::length).sum();
  }

  @Test
  void refusesAtOnceWhatIsAnnouncedLargerThanTheRoom() throws IOException {
    disk.space(new Disk.Space((64 << 20) + (1 << 20), 2L << 30));
    try (LogSpool spool = open()) {
      assertThatThrownBy(() -> spool.open(2 << 20)).isInstanceOf(SpoolFullException.class);
      store(spool, "a small one");
    }
  }

  @Test
  void setsRotInTheMiddleAsideAndReplaysTheRest() throws IOException {
    StoredMessage first;
    StoredMessage last;
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    try (LogSpool spool = open()) {
      first = store(spool, "the first");
      store(spool, "the rotten");
      last = store(spool, "the last");
      spool.writer().tick(); // says that all is on disk
      copy(copy);
    }
    damage(copy, "the rotten");
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
  void startsOnAFullDiskAndGoesOnWhenThereIsRoom() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = store(spool, "there before");
    }
    full();
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(stored);
      assertThat(spool.content(stored.id()).readAllBytes()).asString().isEqualTo("there before");
      assertThatThrownBy(() -> spool.record(stored.id(), MessageState.DONE))
          .isInstanceOf(SpoolFullException.class);
      disk.failing((_, _) -> {});
      disk.space(new Disk.Space(1L << 30, 2L << 30));
      await().untilAsserted(() -> assertThat(spool.writable()).isTrue());
      await()
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                spool.writer().tick();
                spool.record(stored.id(), MessageState.DONE);
              });
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
    }
  }

  @Test
  void givesUpSidecarsForTheFirstSegmentOfAFullDisk() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = store(spool, "there before");
    }
    Path sidecar = folder.resolve("segments/0000000001.idx");
    disk.failing(
        (call, _) -> {
          if (call == FaultyDisk.Call.WRITE && Files.exists(sidecar)) {
            throw new IOException("No space left on device");
          }
        });
    try (LogSpool spool = open()) {
      spool.record(stored.id(), MessageState.DONE);
    }
    disk.failing((_, _) -> {});
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
    }
  }

  @Test
  void keepsADamagedSegmentAsItIsWhileThereIsNoRoomForACopy() throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    StoredMessage first;
    try (LogSpool spool = open()) {
      first = store(spool, "the first");
      store(spool, "the rotten");
      spool.writer().tick();
      copy(copy);
    }
    damage(copy, "the rotten");
    full();
    try (LogSpool spool =
        LogSpool.open(
            copy,
            disk,
            Clock.systemUTC(),
            new SimpleMeterRegistry(),
            new LogSpool.Options(1 << 20, false, new Random()))) {
      assertThat(Spools.recovered(spool)).containsExactly(first);
      assertThat(spool.quarantined()).isEqualTo(1);
      disk.failing((_, _) -> {});
      await()
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                spool.writer().tick();
                spool.record(first.id(), MessageState.DONE);
              });
      spool.housekeeper().round(0);
      assertThat(copy.resolve("segments/0000000001.log")).exists();
    }
    disk.space(new Disk.Space(1L << 30, 2L << 30));
    try (LogSpool spool = LogSpool.open(copy, new LocalDisk(), Clock.systemUTC())) {
      assertThat(spool.quarantined()).isEqualTo(1);
      assertThat(spool.foundMessages()).isFalse();
    }
    assertThat(copy.resolve("quarantine")).isNotEmptyDirectory();
  }

  private void full() {
    disk.space(new Disk.Space(0, 2L << 30));
    disk.failing(
        (call, _) -> {
          if (call == FaultyDisk.Call.WRITE || call == FaultyDisk.Call.CREATE) {
            throw new IOException("No space left on device");
          }
        });
  }

  @Test
  void copiesWhatIsLeftSoThatOneStuckMessagePinsNoSegment() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stuck = store(spool, "stuck");
      spool.record(stuck.id(), Spools.state(2, Set.of(0), 1, Instant.EPOCH));
      for (int i = 0; i < 30; i++) {
        spool.record(store(spool, "x".repeat(100_000)).id(), MessageState.DONE);
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
      StoredMessage stored = store(spool, "in a sector that answers later");
      for (int i = 0; i < 30; i++) {
        spool.record(store(spool, "x".repeat(100_000)).id(), MessageState.DONE);
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
      StoredMessage rotten = store(spool, "the rotten");
      fill(spool);
      store(spool, "y".repeat(100_000));
      fill(spool);
      damage(folder, "the rotten");
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
      spool.record(store(spool, "x".repeat(100_000)).id(), MessageState.DONE);
    }
  }

  @Test
  void takesNoOutcomeForStoredWhoseWriteMetADefect() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stored = store(spool, "there");
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
  void saysFullWhereTheSystemSpeaksAnotherLanguage() throws IOException {
    try (LogSpool spool = open()) {
      disk.space(new Disk.Space(0, 2L << 30));
      failOnce(
          FaultyDisk.Call.WRITE, "Auf dem Ger\u00e4t ist kein Speicherplatz mehr verf\u00fcgbar");
      // A notice: mail of clients would be refused before anything is written.
      try (Intake notice = spool.openNotice()) {
        assertThatThrownBy(() -> notice.commit(ENVELOPE)).isInstanceOf(SpoolFullException.class);
      }
      disk.space(new Disk.Space(1L << 30, 2L << 30));
      await().untilAsserted(() -> assertThat(spool.writable()).isTrue());
    }
  }

  @Test
  void refusesWhatComesAfterItWasClosed() throws IOException {
    LogSpool spool = open();
    Intake late = spool.open(0);
    StoredMessage stored = store(spool, "there");
    spool.close();
    assertThatThrownBy(() -> late.commit(ENVELOPE)).hasMessageContaining("closed");
    assertThatThrownBy(() -> spool.record(stored.id(), MessageState.DONE))
        .hasMessageContaining("closed");
    assertThatThrownBy(spool::sync).hasMessageContaining("closed");
  }

  private void copy(Path to) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(folder.relativize(file).toString()));
      }
    }
  }

  private static void damage(Path spool, String content) throws IOException {
    Path file = spool.resolve("segments/0000000001.log");
    int at = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(content);
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      access.write('#');
    }
  }
}
