package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogSpoolTest {
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00.123Z");
  private static final byte[] CONTENT =
      "Subject: hello\r\n\r\nworld\r\n".getBytes(StandardCharsets.UTF_8);
  private static final MailAddress ODD = new MailAddress("\"a  b ü\"", "[IPv6:2001:db8::1]");
  private static final MailAddress ANN = new MailAddress("Ann", "example.com");

  private final Path folder;
  private final FaultyDisk disk = new FaultyDisk();

  LogSpoolTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private LogSpool open() throws IOException {
    return LogSpool.open(folder, disk, Clock.systemUTC());
  }

  /** With segments of a megabyte and no threads: the test says when house is kept. */
  private LogSpool openByHand() throws IOException {
    return Spools.byHand(folder, disk, 1 << 20);
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

  private static byte[] contentOf(LogSpool spool, StoredMessage message) throws IOException {
    try (InputStream in = spool.content(message.id())) {
      return in.readAllBytes();
    }
  }

  private static byte[] octets(int size, long seed) {
    byte[] octets = new byte[size];
    new Random(seed).nextBytes(octets);
    return octets;
  }

  private List<String> files(String below) throws IOException {
    try (Stream<Path> entries = Files.list(folder.resolve(below))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void givesBackWhatWasCommittedAfterARestart() throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = Spools.store(spool, envelope(ODD, ANN), CONTENT);
      assertThat(contentOf(spool, stored)).isEqualTo(CONTENT);
      assertThat(spool.envelope(stored.id())).isEqualTo(stored.envelope());
    }
    try (LogSpool spool = open()) {
      assertThat(spool.foundMessages()).isTrue();
      assertThat(Spools.recovered(spool)).containsExactly(stored);
      assertThat(contentOf(spool, stored)).isEqualTo(CONTENT);
      assertThat(spool.envelope(stored.id())).isEqualTo(stored.envelope());
      assertThat(spool.bytes()).isGreaterThan(CONTENT.length);
      assertThat(spool.liveBytes()).isGreaterThan(CONTENT.length);
    }
  }

  @Test
  void keepsEverythingThatAnEnvelopeSays() throws IOException {
    Envelope full =
        new Envelope(
            null,
            List.of(ODD, ANN),
            BodyType.SEVEN_BIT,
            false,
            ARRIVED,
            true,
            new DsnParameters(
                DsnParameters.Return.HDRS,
                "QQ+2B314159",
                List.of(
                    new DsnParameters.ForRecipient(Set.of(), "rfc822;odd@example.org"),
                    new DsnParameters.ForRecipient(
                        Set.of(DsnParameters.Notify.SUCCESS, DsnParameters.Notify.DELAY), null))));
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = Spools.store(spool, full, CONTENT);
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(stored);
    }
  }

  @Test
  void keepsContentsOfAnySizeAndAnyOctets() throws IOException {
    Random random = new Random(4);
    List<StoredMessage> stored = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    try (LogSpool spool = open()) {
      for (int size : new int[] {0, 1, 8191, 8192, 40_000, 131_071, 131_072, 131_073, 5_000_000}) {
        byte[] content = octets(size, size);
        try (Intake intake = spool.open(random.nextBoolean() ? size : 0)) {
          for (int at = 0; at < size; ) {
            int length = Math.min(size - at, 1 + random.nextInt(40_000));
            intake.write(content, at, length);
            at += length;
          }
          assertThat(intake.size()).isEqualTo(size);
          stored.add(intake.commit(envelope(ANN)));
        }
        contents.add(content);
        assertThat(stored.getLast().size()).isEqualTo(size);
        assertThat(contentOf(spool, stored.getLast())).isEqualTo(content);
      }
      assertThat(files("bodies")).as("larger than 128 KiB").hasSize(3);
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactlyElementsOf(stored);
      for (int i = 0; i < stored.size(); i++) {
        assertThat(contentOf(spool, stored.get(i))).isEqualTo(contents.get(i));
      }
    }
  }

  @Test
  void syncsOnceForASmallMessage() throws IOException {
    try (LogSpool spool = openByHand()) {
      disk.calls().clear();
      Spools.store(spool, envelope(ANN), CONTENT);
      assertThat(disk.calls()).containsExactly(FaultyDisk.Call.WRITE, FaultyDisk.Call.SYNC);
    }
  }

  @Test
  void syncsALargeContentAndItsNameBeforeTheRecordThatNamesIt() throws IOException {
    try (LogSpool spool = openByHand()) {
      disk.calls().clear();
      try (Intake intake = spool.open(200_000)) {
        intake.write(octets(200_000, 1), 0, 200_000);
        intake.commit(envelope(ANN));
      }
      assertThat(disk.calls())
          .containsExactly(
              FaultyDisk.Call.CREATE,
              FaultyDisk.Call.WRITE,
              FaultyDisk.Call.SYNC,
              FaultyDisk.Call.SYNC_FOLDER,
              FaultyDisk.Call.WRITE,
              FaultyDisk.Call.SYNC);
    }
  }

  @Test
  void writesAnOutcomeWithoutASyncAndSyncsItWithTheNextMessage() throws IOException {
    try (LogSpool spool = openByHand()) {
      StoredMessage first = Spools.store(spool, envelope(ANN), CONTENT);
      disk.calls().clear();
      spool.record(first.id(), MessageState.DONE);
      assertThat(disk.calls()).containsExactly(FaultyDisk.Call.WRITE);
      Spools.store(spool, envelope(ANN), CONTENT);
      assertThat(disk.calls())
          .containsExactly(FaultyDisk.Call.WRITE, FaultyDisk.Call.WRITE, FaultyDisk.Call.SYNC);
    }
  }

  @Test
  void leavesNothingBehindOfAnIntakeThatWasClosed() throws IOException {
    try (LogSpool spool = open()) {
      try (Intake intake = spool.open(0)) {
        intake.write(octets(200_000, 1), 0, 200_000);
        assertThat(files("bodies")).hasSize(1);
      }
      assertThat(files("bodies")).isEmpty();
      assertThat(spool.liveBytes()).isZero();
    }
  }

  @Test
  void removesAtTheStartWhatACrashLeftOfAnIntake() throws IOException {
    open().close();
    Files.writeString(folder.resolve("bodies/0000000000000001.body"), "half a mess");
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
      assertThat(files("bodies")).isEmpty();
    }
  }

  @Test
  void remembersSettledRecipientsAndTheNextAttempt() throws IOException {
    Instant next = ARRIVED.plusSeconds(60);
    try (LogSpool spool = open()) {
      StoredMessage stored = Spools.store(spool, envelope(ODD, ANN), CONTENT);
      spool.record(stored.id(), Spools.state(2, Set.of(), 2, ARRIVED));
      spool.record(stored.id(), Spools.state(2, Set.of(1), 3, next));
    }
    try (LogSpool spool = open()) {
      StoredMessage stored = Spools.recovered(spool).getFirst();
      assertThat(stored.state()).isEqualTo(Spools.state(2, Set.of(1), 3, next));
    }
  }

  @Test
  void removesAMessageWithTheLastRecipient() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stored = Spools.store(spool, envelope(ODD, ANN), CONTENT);
      spool.record(stored.id(), Spools.state(2, Set.of(1), 1, ARRIVED));
      spool.record(stored.id(), MessageState.DONE);
      assertThat(spool.liveBytes()).isZero();
      assertThatThrownBy(() -> spool.content(stored.id())).hasMessageContaining("no message");
      assertThatThrownBy(() -> spool.record(stored.id(), MessageState.DONE))
          .hasMessageContaining("no message");
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
      assertThat(spool.foundMessages()).isFalse();
    }
  }

  @Test
  void storesANoticeTogetherWithWhatItTellsOf() throws IOException {
    StoredMessage notice;
    QueueId failed;
    try (LogSpool spool = open()) {
      failed = Spools.store(spool, envelope(ODD, ANN), CONTENT).id();
      try (Intake intake = spool.openNotice()) {
        intake.write(CONTENT, 0, CONTENT.length);
        notice = intake.commit(envelope(ANN), failed, MessageState.DONE);
      }
      try (Intake intake = spool.openNotice()) {
        assertThatThrownBy(() -> intake.commit(envelope(ANN), failed, MessageState.DONE))
            .hasMessageContaining("is gone");
      }
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(notice);
    }
  }

  @Test
  void removesABodyWithItsMessage() throws IOException {
    try (LogSpool spool = openByHand()) {
      StoredMessage stored = Spools.store(spool, envelope(ANN), octets(300_000, 1));
      spool.record(stored.id(), MessageState.DONE);
      spool.housekeeper().round(0);
      assertThat(files("bodies")).as("its outcome may not be on disk yet").hasSize(1);
      spool.sync();
      spool.housekeeper().round(0);
      assertThat(files("bodies")).isEmpty();
    }
  }

  @Test
  void namesMessagesByTimeOfArrival() {
    QueueIds earlier = new QueueIds(Clock.fixed(ARRIVED, java.time.ZoneOffset.UTC), new Random(1));
    QueueIds later =
        new QueueIds(Clock.fixed(ARRIVED.plusMillis(1), java.time.ZoneOffset.UTC), new Random(2));
    assertThat(earlier.next()).isLessThan(later.next());
    assertThat(earlier.next()).isNotEqualTo(earlier.next());
  }

  @Test
  void givesBackWhatWasCommittedInALanguageWithDigitsOfItsOwn() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.of("fa", "IR"));
    try {
      StoredMessage stored;
      try (LogSpool spool = open()) {
        stored = Spools.store(spool, envelope(ANN), CONTENT);
      }
      try (LogSpool spool = open()) {
        assertThat(Spools.recovered(spool)).containsExactly(stored);
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void refusesASecondRelayInTheSameFolder() throws IOException {
    try (LogSpool first = open()) {
      assertThat(Spools.recovered(first)).isEmpty();
      assertThatThrownBy(this::open)
          .isInstanceOf(FolderInUseException.class)
          .hasMessageContaining(folder + " is in use by another relay");
    }
    open().close();
  }

  @Test
  void doesNotPassOverMessagesInTheFormOfAnEarlierVersion() throws IOException {
    Files.createDirectories(folder.resolve("messages"));
    Files.writeString(folder.resolve("messages/0000000000000001.msg"), "a message");
    assertThatThrownBy(this::open)
        .hasMessageContaining(
            folder.resolve("messages") + " holds messages in the form of an earlier version");
  }

  @Test
  void readsAMessageThatIsDamagedAsFarAsItMayAndNeverItsEnd() throws IOException {
    try (LogSpool spool = open()) {
      for (int size : new int[] {CONTENT.length, 100_000, 300_000}) {
        StoredMessage stored = Spools.store(spool, envelope(ANN), octets(size, size));
        Spools.damage(folder, octets(size, size));
        assertThatThrownBy(() -> contentOf(spool, stored)).hasMessageContaining("checksum");
      }
    }
  }
}
