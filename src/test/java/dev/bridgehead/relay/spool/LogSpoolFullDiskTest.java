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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a disk without room does to the spool, and what is kept for notices. */
class LogSpoolFullDiskTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope ENVELOPE =
      new Envelope(ANN, List.of(ANN, ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);

  private final Path folder;
  private final FaultyDisk disk = new FaultyDisk();

  LogSpoolFullDiskTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private LogSpool open() throws IOException {
    return Spools.byHand(folder, disk, 1 << 20);
  }

  @Test
  void saysFullAndAcceptsAgainWhenThereIsRoom() throws IOException {
    try (LogSpool spool = open()) {
      disk.failingOnce(FaultyDisk.Call.WRITE, "No space left on device");
      assertThatThrownBy(() -> Spools.store(spool, ENVELOPE, "first"))
          .isInstanceOf(SpoolFullException.class);
      assertThat(spool.writable()).isTrue();
      Spools.store(spool, ENVELOPE, "second");
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
  void keepsTheReserveFromMessagesThatWaitToBeWritten() throws IOException {
    disk.space(new Disk.Space((64 << 20) + (350 << 10), 2L << 30));
    AtomicLong millis = new AtomicLong();
    Clock running = // each look at the volume is a new one
        new Clock() {
          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return Instant.ofEpochMilli(millis.addAndGet(1000));
          }
        };
    LogSpool.Options byHand = new LogSpool.Options(1 << 20, false, new Random());
    try (LogSpool spool = LogSpool.open(folder, disk, running, new SimpleMeterRegistry(), byHand)) {
      List<LogIntake> waiting = new ArrayList<>();
      List<MessageAppend> appends = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        LogIntake intake = (LogIntake) spool.open(0);
        intake.write(new byte[100 << 10], 0, 100 << 10);
        appends.add(intake.begin(ENVELOPE, null));
        waiting.add(intake);
      }
      try (Intake late = spool.open(0)) {
        late.write(new byte[100 << 10], 0, 100 << 10);
        assertThatThrownBy(() -> late.commit(ENVELOPE)).isInstanceOf(SpoolFullException.class);
      }
      for (int i = 0; i < 3; i++) {
        waiting.get(i).finished(appends.get(i), ENVELOPE);
      }
      Spools.store(spool, ENVELOPE, new byte[100 << 10]); // the volume knows of them now
    }
  }

  @Test
  void goesOnInASegmentThatWentWhereAFullDiskHasNoRoomForAnother() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      for (int i = 0; i < 12; i++) {
        spool.record(Spools.store(spool, ENVELOPE, "x".repeat(100_000)).id(), MessageState.DONE);
      }
      stored = Spools.store(spool, ENVELOPE, "there before");
    }
    disk.space(new Disk.Space(0, 2L << 30));
    disk.failing(FaultyDisk.Call.CREATE, "No space left on device");
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(stored);
      await()
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                spool.housekeeper().round(0);
                spool.writer().tick();
                spool.record(stored.id(), MessageState.DONE);
              });
    }
  }

  @Test
  void beginsToCopyNoSegmentForWhichTheRoomWouldNotDo() throws IOException {
    try (LogSpool spool = open()) {
      for (int i = 0; i < 12; i++) {
        StoredMessage stored = Spools.store(spool, ENVELOPE, "x".repeat(100_000));
        if (i > 4) {
          spool.record(stored.id(), MessageState.DONE);
        }
      }
      Segment half = spool.index().segments().getFirst();
      disk.space(new Disk.Space((16 << 20) + (100 << 10), 2L << 30));
      await().until(() -> !spool.writable()); // now the volume was asked
      spool.housekeeper().round(0);
      assertThat(half.superseded).isFalse();
      disk.space(new Disk.Space((16 << 20) + (2 << 20), 2L << 30));
      await()
          .untilAsserted(
              () -> {
                spool.housekeeper().round(0);
                assertThat(folder.resolve("segments/0000000001.log")).doesNotExist();
              });
    }
  }

  @Test
  void refusesAtOnceWhatIsAnnouncedLargerThanTheRoom() throws IOException {
    disk.space(new Disk.Space((64 << 20) + (1 << 20), 2L << 30));
    try (LogSpool spool = open()) {
      assertThatThrownBy(() -> spool.open(2 << 20)).isInstanceOf(SpoolFullException.class);
      Spools.store(spool, ENVELOPE, "a small one");
    }
  }

  @Test
  void startsOnAFullDiskAndGoesOnWhenThereIsRoom() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = Spools.store(spool, ENVELOPE, "there before");
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
      stored = Spools.store(spool, ENVELOPE, "there before");
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
      first = Spools.store(spool, ENVELOPE, "the first");
      Spools.store(spool, ENVELOPE, "the rotten");
      spool.writer().tick();
      Spools.copy(folder, copy);
    }
    Spools.damage(copy, "the rotten");
    full();
    try (LogSpool spool = Spools.byHand(copy, disk, 1 << 20)) {
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

  @Test
  void copiesADamagedPartOnceThereIsRoomSoThatSegmentsGoWithoutARestart() throws IOException {
    Path copy = folder.resolveSibling(folder.getFileName() + "-killed");
    try (LogSpool spool = open()) {
      Spools.store(spool, ENVELOPE, "the first");
      Spools.store(spool, ENVELOPE, "the rotten");
      for (int i = 0; i < 12; i++) {
        spool.record(Spools.store(spool, ENVELOPE, "x".repeat(100_000)).id(), MessageState.DONE);
      }
      disk.failing(FaultyDisk.Call.DELETE, "Input/output error");
      assertThatThrownBy(() -> spool.housekeeper().round(0)).isInstanceOf(IOException.class);
      disk.failing((_, _) -> {});
      Spools.copy(folder, copy);
    }
    Files.deleteIfExists(copy.resolve("segments/0000000001.idx"));
    Spools.damage(copy, 1, "the rotten");
    full();
    try (LogSpool spool = Spools.byHand(copy, disk, 1 << 20)) {
      assertThat(Spools.recovered(spool)).hasSize(2);
      Segment half = spool.index().segments().getFirst();
      assertThat(half.held() && half.superseded).as("copied, and not to go").isTrue();
      disk.failing((_, _) -> {});
      disk.space(new Disk.Space(1L << 30, 2L << 30));
      await()
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                spool.writer().tick();
                spool.housekeeper().round(0);
                assertThat(copy.resolve("segments/0000000001.log")).doesNotExist();
              });
      assertThat(copy.resolve("quarantine")).isNotEmptyDirectory();
      assertThat(spool.quarantined()).isEqualTo(1);
    }
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
  void saysFullWhereTheSystemSpeaksAnotherLanguage() throws IOException {
    try (LogSpool spool = open()) {
      disk.space(new Disk.Space(0, 2L << 30));
      disk.failingOnce(
          FaultyDisk.Call.WRITE, "Auf dem Ger\u00e4t ist kein Speicherplatz mehr verf\u00fcgbar");
      // A notice: mail of clients would be refused before anything is written.
      try (Intake notice = spool.openNotice()) {
        assertThatThrownBy(() -> notice.commit(ENVELOPE)).isInstanceOf(SpoolFullException.class);
      }
      disk.space(new Disk.Space(1L << 30, 2L << 30));
      await().untilAsserted(() -> assertThat(spool.writable()).isTrue());
    }
  }
}
