package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.HotLoop;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A message's way through the queue's memory: lock, lane and heaps, without spool and network. */
public class LedgerBenchmark extends HotLoop {
  private static final long MINUTE = 60_000;
  private static final Instant ARRIVED = Instant.parse("2026-03-01T10:00:00Z");
  private static final Set<Integer> RECIPIENT = Set.of(0);

  /** Messages that are queued all the while, for the same destination. */
  @Param({"1", "100000"})
  int queued;

  private final Envelope envelope =
      new Envelope(
          new MailAddress("sender", "example.org"),
          List.of(new MailAddress("recipient", "one.example")),
          BodyType.SEVEN_BIT,
          false,
          ARRIVED,
          false);
  private final MessageState fresh = MessageState.fresh(envelope);
  private final Backlog backlog =
      new Backlog(200, new Terms(20, null, MINUTE, 5 * MINUTE, Long.MAX_VALUE / 4), new Random(1));
  private final Ledger ledger =
      new Ledger(backlog, each -> new Destination.Domain(each.domain()), () -> this.now);
  private long now = ARRIVED.toEpochMilli();
  private long made;

  @Setup
  public void queue() {
    for (int i = 0; i < queued; i++) {
      add();
    }
  }

  private void add() {
    QueueId id = new QueueId("%016d".formatted(made++));
    StoredMessage stored = new StoredMessage(id, envelope, 4096, fresh);
    ledger.locking(() -> ledger.admit(stored, false, Duration.ofHours(1)));
  }

  private Parcel start() {
    Parcel parcel = ledger.locked(() -> backlog.start(now));
    if (parcel == null) {
      throw new IllegalStateException("nothing may start");
    }
    return parcel;
  }

  private void end(Parcel parcel) {
    ledger.putBack(parcel, now);
    backlog.finished(parcel.lane(), Lane.Host.ANSWERED, null, now);
    ledger.tidy(parcel.message());
  }

  /** One comes in, the oldest is delivered. */
  @Benchmark
  public Object deliver() {
    add();
    Parcel parcel = start();
    ledger.locking(
        () -> {
          parcel.settle(RECIPIENT);
          end(parcel);
        });
    return parcel;
  }

  /** The oldest is put off behind all others, one a millisecond; the next one's time has come. */
  @Benchmark
  public Object defer() {
    now++;
    ledger.locking(() -> backlog.advance(now));
    Parcel parcel = start();
    ledger.locking(
        () -> {
          parcel.attempted(now + queued);
          end(parcel);
        });
    return parcel;
  }
}
