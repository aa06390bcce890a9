package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.RecordedDisk.Op;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/** What must come before what, in the log and on the disk. */
class LogOrderTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope ENVELOPE =
      new Envelope(ANN, List.of(ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);

  private final RecordedDisk disk = new RecordedDisk(Map.of());

  private LogSpool start() throws IOException {
    LogSpool spool = CrashWorkload.open(disk, disk.ops.size());
    Spools.recovered(spool);
    return spool;
  }

  private static QueueId store(LogSpool spool) throws IOException {
    try (Intake intake = spool.open(0)) {
      intake.write(new byte[500], 0, 500);
      return intake.commit(ENVELOPE).id();
    }
  }

  private void move(LogSpool spool, QueueId id) throws IOException {
    Live live = Objects.requireNonNull(spool.index().get(id));
    new Mover(disk, spool.layout(), spool.index(), spool.writer(), new ReentrantLock())
        .move(live.segment, false);
  }

  private static List<QueueId> found(LogSpool spool) {
    List<QueueId> found = new ArrayList<>();
    spool.index().all().forEach(live -> found.add(live.id));
    return found;
  }

  @Test
  void aCopyDoesNotUndoTheOutcomeThatANoticeOfItsBatchTells() throws IOException {
    QueueId about;
    QueueId told;
    try (LogSpool spool = start()) {
      about = store(spool);
    }
    try (LogSpool spool = start();
        LogIntake notice = (LogIntake) spool.openNotice()) {
      notice.write(new byte[300], 0, 300);
      told = notice.id();
      MessageAppend waiting = notice.begin(ENVELOPE, spool.outcome(about, MessageState.DONE));
      move(spool, about);
      notice.finished(waiting, ENVELOPE);
    }
    try (LogSpool spool = start()) {
      assertThat(found(spool)).containsExactly(told);
    }
  }

  @Test
  void losesNeitherAMessageNorItsNoticeWhenThePowerFailsAfterAKillAndAStart() throws IOException {
    QueueId about;
    try (LogSpool spool = start()) {
      about = store(spool);
    }
    LogSpool killed = start();
    try (LogIntake notice = (LogIntake) killed.openNotice()) {
      notice.write(new byte[300], 0, 300);
      disk.fault =
          op -> {
            if (op == Op.Sync.class) {
              throw new Killed();
            }
          };
      assertThatThrownBy(() -> notice.commit(ENVELOPE, about, MessageState.DONE))
          .isInstanceOf(Killed.class);
      disk.fault = _ -> {};
      LogSpool next = start();
      assertThat(found(next)).as("as the kernel has it").containsExactly(notice.id());
      next.housekeeper().round(0);
      next.housekeeper().round(0);
      RecordedDisk left =
          new RecordedDisk(
              CrashImage.of(
                  Map.of(),
                  disk.ops,
                  disk.ops.size(),
                  CrashImage.Loss.EVERYTHING,
                  new Random(disk.ops.size())));
      try (LogSpool last = CrashWorkload.open(left, 1)) {
        assertThat(found(last)).containsExactly(notice.id());
        assertThat(last.quarantined()).isZero();
      }
    }
  }

  @Test
  void refusesToStartOnALogThatCantBeSynced() throws IOException {
    try (LogSpool spool = start()) {
      store(spool);
    }
    disk.fault =
        op -> {
          if (op == Op.Sync.class) {
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(this::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("0000000001.log can't be synced (Input/output error)");
  }

  @Test
  void anOutcomeNamesTheOriginalWhenTheSyncOfACopyFailed() throws IOException {
    QueueId about;
    try (LogSpool spool = start()) {
      about = store(spool);
    }
    LogSpool failing = start();
    long original = Objects.requireNonNull(failing.index().get(about)).segment.id;
    disk.fault =
        op -> {
          if (op == Op.Sync.class) {
            disk.fault = _ -> {};
            failing.record(about, MessageState.DONE);
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> move(failing, about)).hasMessageContaining("Input/output error");
    failing.close();
    try (LogSpool spool = start()) {
      assertThat(found(spool)).isEmpty();
      assertThat(spool.index().segments()).anyMatch(each -> each.needsTombstones(original));
    }
  }

  @Test
  void leavesNoFileOfASegmentThatCouldNotBegin() {
    Supply supply =
        new Supply(
            disk, new Layout(CrashWorkload.FOLDER), 16 << 10, new UUID(1, 1), 1, new Acceptance());
    disk.fault =
        op -> {
          if (op == Op.SyncFolder.class) {
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> supply.begin(null)).hasMessage("Input/output error");
    assertThat(disk.names).isEmpty();
  }

  @Test
  void refusesASegmentOfALaterVersionAndLeavesItThere() throws IOException {
    try (LogSpool spool = start()) {
      store(spool);
    }
    var name = new Layout(CrashWorkload.FOLDER).log(1);
    byte[] octets = Objects.requireNonNull(disk.names.get(name)).octets;
    ByteBuffer header = ByteBuffer.wrap(octets);
    header.putInt(8, 2);
    header.putInt(60, Checksum.plain(octets, 0, 60));
    assertThatThrownBy(this::start)
        .hasMessageContaining("0000000001.log is of version 2")
        .hasMessageContaining("use the version that wrote it");
    assertThat(disk.names).containsKey(name);
  }

  @Test
  void letsNoSegmentGoBeforeTheHandOver() throws IOException {
    QueueId id;
    try (LogSpool spool = start()) {
      id = store(spool);
    }
    try (LogSpool spool = CrashWorkload.open(disk, 5)) {
      spool.record(id, MessageState.DONE);
      spool.housekeeper().round(0);
      assertThat(spool.index().segment(1)).isNotNull();
      Spools.recovered(spool);
      spool.housekeeper().round(0);
      assertThat(spool.index().segment(1)).isNull();
    }
  }

  @Test
  void acceptsNothingAfterTheCutOfASegmentCouldNotBeSynced() throws IOException {
    LogSpool spool = start();
    store(spool);
    spool.housekeeper().round(Long.MAX_VALUE / 16); // makes a segment ready
    for (int i = 0; i < 40; i++) {
      store(spool);
    }
    boolean[] cut = {false};
    disk.fault =
        op -> {
          cut[0] |= op == Op.Truncate.class;
          if (cut[0] && op == Op.Sync.class) {
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> spool.housekeeper().round(0)).hasMessage("Input/output error");
    assertThat(spool.writable()).isFalse();
  }

  @Test
  void acceptsNothingAfterTheNameOfAPreparedSegmentCouldNotBeSynced() throws IOException {
    LogSpool spool = start();
    store(spool);
    disk.fault =
        op -> {
          if (op == Op.SyncFolder.class) {
            disk.fault = _ -> {};
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> spool.housekeeper().round(Long.MAX_VALUE / 16))
        .hasMessage("Input/output error");
    assertThat(spool.writable()).isFalse();
    assertThatThrownBy(() -> store(spool)).hasMessageContaining("no mail is accepted");
  }

  @Test
  void acceptsNothingAfterAnAbandonedSegmentsNameCouldNotBeSyncedAway() throws IOException {
    LogSpool spool = start();
    int[] failed = {0};
    disk.fault =
        op -> {
          if (op == Op.Write.class && failed[0] < 2) {
            failed[0]++; // the batch, then the header of the segment that was to follow
            throw new IOException("No space left on device");
          }
          if (op == Op.SyncFolder.class && failed[0] == 2) {
            disk.fault = _ -> {};
            throw new IOException("Input/output error");
          }
        };
    assertThatThrownBy(() -> store(spool)).isInstanceOf(SpoolFullException.class);
    assertThat(spool.writable()).isFalse();
  }

  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }
}
