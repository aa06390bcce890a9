package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSpoolTest {
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00.123Z");
  private static final byte[] CONTENT =
      "Subject: hello\r\n\r\nworld\r\n".getBytes(StandardCharsets.UTF_8);
  private static final MailAddress ODD = new MailAddress("\"a  b ü\"", "[IPv6:2001:db8::1]");
  private static final MailAddress ANN = new MailAddress("Ann", "example.com");

  private final Path folder;
  private final FaultyDisk disk = new FaultyDisk();

  FileSpoolTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private FileSpool open() throws IOException {
    return FileSpool.open(folder, disk, Clock.systemUTC());
  }

  private static Envelope envelope(MailAddress... recipients) {
    return new Envelope(
        new MailAddress("sender", "example.org"),
        List.of(recipients),
        BodyType.EIGHT_BIT_MIME,
        true,
        ARRIVED,
        false);
  }

  private static StoredMessage store(FileSpool spool, byte[] content, Envelope envelope)
      throws IOException {
    try (Intake intake = spool.open(0)) {
      intake.write(content, 0, content.length);
      return intake.commit(envelope);
    }
  }

  private static byte[] contentOf(FileSpool spool, StoredMessage message) throws IOException {
    try (InputStream in = spool.content(message.id())) {
      return in.readAllBytes();
    }
  }

  private List<String> files(String below) throws IOException {
    try (Stream<Path> entries = Files.list(folder.resolve(below))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void givesBackWhatWasCommittedAfterARestart() throws IOException {
    StoredMessage stored;
    try (FileSpool spool = open()) {
      stored = store(spool, CONTENT, envelope(ODD, ANN));
      assertThat(contentOf(spool, stored)).isEqualTo(CONTENT);
    }
    try (FileSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(stored);
      assertThat(contentOf(spool, stored)).isEqualTo(CONTENT);
      assertThat(spool.bytes()).isGreaterThan(CONTENT.length);
    }
  }

  @Test
  void keepsContentsOfAnySizeAndAnyOctets() throws IOException {
    Random random = new Random(4);
    try (FileSpool spool = open()) {
      for (int size : new int[] {0, 1, 16383, 16384, 16385, 5_000_000}) {
        byte[] content = new byte[size];
        random.nextBytes(content);
        StoredMessage stored;
        try (Intake intake = spool.open(0)) {
          for (int at = 0; at < size; ) {
            int length = Math.min(size - at, 1 + random.nextInt(40_000));
            intake.write(content, at, length);
            at += length;
          }
          assertThat(intake.size()).isEqualTo(size);
          stored = intake.commit(envelope(ANN));
        }
        assertThat(stored.size()).isEqualTo(size);
        assertThat(contentOf(spool, stored)).isEqualTo(content);
      }
    }
  }

  @Test
  void syncsContentThenNameBeforeCommitReturns() throws IOException {
    try (FileSpool spool = open()) {
      disk.calls().clear();
      store(spool, CONTENT, envelope(ANN));
      assertThat(disk.calls())
          .containsExactly(
              FaultyDisk.Call.CREATE,
              FaultyDisk.Call.WRITE,
              FaultyDisk.Call.WRITE,
              FaultyDisk.Call.SYNC,
              FaultyDisk.Call.RENAME,
              FaultyDisk.Call.SYNC_FOLDER);
    }
  }

  @Test
  void leavesNothingBehindOfAnIntakeThatWasClosed() throws IOException {
    try (FileSpool spool = open()) {
      try (Intake intake = spool.open(0)) {
        intake.write(CONTENT, 0, CONTENT.length);
      }
      assertThat(files("incoming")).isEmpty();
      assertThat(files("messages")).isEmpty();
    }
  }

  @Test
  void removesAtTheStartWhatACrashLeftOfAnIntake() throws IOException {
    open().close();
    Files.writeString(folder.resolve("incoming/0000000000000001.msg"), "half a mess");
    try (FileSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
      assertThat(files("incoming")).isEmpty();
    }
  }

  @Test
  void remembersSettledRecipientsAndTheNextAttempt() throws IOException {
    Instant next = ARRIVED.plusSeconds(60);
    try (FileSpool spool = open()) {
      StoredMessage stored = store(spool, CONTENT, envelope(ODD, ANN));
      spool.record(stored.id(), Spools.state(2, Set.of(1), 3, next));
    }
    try (FileSpool spool = open()) {
      StoredMessage stored = Spools.recovered(spool).getFirst();
      assertThat(Spools.settled(stored)).containsExactly(1);
      assertThat(stored.state().open().getFirst().attempts()).isEqualTo(3);
      assertThat(stored.state().open().getFirst().due()).isEqualTo(next);
    }
  }

  @Test
  void removesAMessageWithTheLastRecipient() throws IOException {
    try (FileSpool spool = open()) {
      StoredMessage stored = store(spool, CONTENT, envelope(ODD, ANN));
      spool.record(stored.id(), Spools.state(2, Set.of(1), 1, ARRIVED));
      spool.record(stored.id(), MessageState.DONE);
      assertThat(files("messages")).isEmpty();
      assertThat(spool.bytes()).isZero();
    }
  }

  @Test
  void namesMessagesByTimeOfArrival() throws IOException {
    QueueIds earlier = new QueueIds(Clock.fixed(ARRIVED, java.time.ZoneOffset.UTC), new Random(1));
    QueueIds later =
        new QueueIds(Clock.fixed(ARRIVED.plusMillis(1), java.time.ZoneOffset.UTC), new Random(2));
    assertThat(earlier.next()).isLessThan(later.next());
    assertThat(earlier.next()).isNotEqualTo(earlier.next());
  }

  @Test
  void acceptsNothingAfterAFailedSync() throws IOException {
    try (FileSpool spool = open();
        Intake intake = spool.open(0)) {
      intake.write(CONTENT, 0, CONTENT.length);
      disk.failing(FaultyDisk.Call.SYNC, "Input/output error");
      assertThatThrownBy(() -> intake.commit(envelope(ANN))).hasMessage("Input/output error");
      disk.failing((_, _) -> {});
      assertThatThrownBy(() -> intake.commit(envelope(ANN))).hasMessageContaining("FAILED");
    }
    assertThat(files("incoming")).isEmpty();
    assertThat(files("messages")).isEmpty();
  }

  @Test
  void takesAMessageBackWhenItsNameCanNotBeSynced() throws IOException {
    try (FileSpool spool = open()) {
      disk.failing(FaultyDisk.Call.SYNC_FOLDER, "Input/output error");
      assertThatThrownBy(() -> store(spool, CONTENT, envelope(ANN)))
          .isNotInstanceOf(SpoolFullException.class);
      assertThat(files("messages")).isEmpty();
    }
  }

  @Test
  void saysFullWhenOnlyTheReserveIsLeftAndStillTakesNotices() throws IOException {
    try (FileSpool spool = open()) {
      disk.space(new Disk.Space(10 << 20, 2L << 30));
      assertThatThrownBy(() -> spool.open(0))
          .isInstanceOf(SpoolFullException.class)
          .hasMessageContaining("10240 KiB left");
      try (Intake notice = spool.openNotice()) {
        notice.write(CONTENT, 0, CONTENT.length);
        notice.commit(envelope(ANN));
      }
      assertThat(files("messages")).hasSize(1);
    }
  }

  @Test
  void saysFullWhenTheDiskFillsUpMeanwhile() throws IOException {
    try (FileSpool spool = open()) {
      disk.failing(FaultyDisk.Call.WRITE, "No space left on device");
      assertThatThrownBy(() -> store(spool, CONTENT, envelope(ANN)))
          .isInstanceOf(SpoolFullException.class);
      disk.failing((_, _) -> {});
      try (Intake intake = spool.open(0)) {
        disk.space(new Disk.Space(10 << 20, 2L << 30));
        byte[] much = new byte[5 << 20];
        assertThatThrownBy(() -> intake.write(much, 0, much.length))
            .isInstanceOf(SpoolFullException.class);
      }
      assertThat(files("incoming")).isEmpty();
    }
  }

  @Test
  void keepsTheOldStateWhenTheNewOneCanNotBeWritten() throws IOException {
    try (FileSpool spool = open()) {
      StoredMessage stored = store(spool, CONTENT, envelope(ODD, ANN));
      spool.record(stored.id(), Spools.state(2, Set.of(), 1, ARRIVED.plusSeconds(1)));
      for (FaultyDisk.Call call :
          List.of(FaultyDisk.Call.CREATE, FaultyDisk.Call.WRITE, FaultyDisk.Call.SYNC)) {
        disk.failing(call, "Input/output error");
        assertThatThrownBy(
                () ->
                    spool.record(stored.id(), Spools.state(2, Set.of(), 2, ARRIVED.plusSeconds(2))))
            .isInstanceOf(IOException.class);
      }
      disk.failing((_, _) -> {});
    }
    try (FileSpool spool = open()) {
      assertThat(Spools.recovered(spool).getFirst().state().open().getFirst().attempts())
          .isEqualTo(1);
    }
  }

  @Test
  void setsADamagedMessageAsideAndStartsWithTheOthers() throws IOException {
    StoredMessage good;
    StoredMessage torn;
    StoredMessage rotten;
    try (FileSpool spool = open()) {
      good = store(spool, CONTENT, envelope(ANN));
      torn = store(spool, CONTENT, envelope(ANN));
      rotten = store(spool, CONTENT, envelope(ANN));
    }
    shorten(torn);
    try (RandomAccessFile file = new RandomAccessFile(path(rotten).toFile(), "rw")) {
      file.seek(file.length() - MessageFile.FOOTER_OCTETS - 3);
      file.write('#');
    }
    try (FileSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(good);
      assertThat(files("quarantine"))
          .containsExactlyInAnyOrder(torn.id() + ".msg", rotten.id() + ".msg");
      assertThat(spool.quarantined()).isEqualTo(2);
    }
    try (FileSpool spool = open()) {
      assertThat(spool.quarantined()).as("still there after another start").isEqualTo(2);
    }
  }

  @Test
  void givesBackWhatWasCommittedInALanguageWithDigitsOfItsOwn() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("fa", "IR"));
    try {
      StoredMessage stored;
      try (FileSpool spool = open()) {
        stored = store(spool, CONTENT, envelope(ANN));
      }
      try (FileSpool spool = open()) {
        assertThat(Spools.recovered(spool)).containsExactly(stored);
        assertThat(contentOf(spool, stored)).isEqualTo(CONTENT);
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void deliversToEverybodyWhenTheStateIsDamaged() throws IOException {
    StoredMessage stored;
    try (FileSpool spool = open()) {
      stored = store(spool, CONTENT, envelope(ODD, ANN));
      spool.record(stored.id(), Spools.state(2, Set.of(1), 3, ARRIVED));
    }
    Files.writeString(folder.resolve("messages/" + stored.id() + ".state"), "attempts 3 next");
    try (FileSpool spool = open()) {
      assertThat(Spools.settled(Spools.recovered(spool).getFirst())).isEmpty();
      assertThat(files("quarantine")).containsExactly(stored.id() + ".state");
    }
  }

  @Test
  void neverHandsOutTheEndOfARottenContent() throws IOException {
    try (FileSpool spool = open()) {
      StoredMessage stored = store(spool, CONTENT, envelope(ANN));
      try (RandomAccessFile file = new RandomAccessFile(path(stored).toFile(), "rw")) {
        file.seek(3);
        file.write('#');
      }
      assertThatThrownBy(() -> contentOf(spool, stored)).hasMessageContaining("checksum");
    }
  }

  @Test
  void refusesASecondRelayInTheSameFolder() throws IOException {
    try (FileSpool first = open()) {
      assertThat(Spools.recovered(first)).isEmpty();
      assertThatThrownBy(this::open)
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining(folder + " is in use by another relay");
    }
    open().close();
  }

  private Path path(StoredMessage message) {
    return folder.resolve("messages/" + message.id() + ".msg");
  }

  private void shorten(StoredMessage message) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path(message).toFile(), "rw")) {
      file.setLength(file.length() - 5);
    }
  }
}
