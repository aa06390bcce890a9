package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A million messages fit: what one of them costs, on the heap of this very process. */
class QueueMemoryTest {
  private static final int MESSAGES = 200_000;

  private final ManualClock clock = new ManualClock();
  private final AtomicInteger read = new AtomicInteger();

  private Queue queue(Delivery hop) {
    return new Queue(
        new CurrentConfig(QueueFixture.config(QueueFixture.DELIVERY, "postmaster: null")),
        new ForgetfulSpool(read),
        hop,
        address -> new Destination.Domain(address.domain()),
        clock,
        new SimpleMeterRegistry(),
        Runnable::run);
  }

  private static long used() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  void keepsAboutTwoHundredOctetsAMessageOfADeadDestination() {
    Queue queue = queue(new Answering(ScriptedDelivery.deferred(Reason.CONNECT)));
    queue.enqueue(Parcels.stored("dead.example", 0));
    queue.startDue();
    long before = used();
    for (int i = 1; i <= MESSAGES; i++) {
      queue.enqueue(Parcels.stored("dead.example", i));
    }
    queue.startDue();
    long each = (used() - before) / MESSAGES;
    assertThat(queue.queued()).isGreaterThan(MESSAGES);
    assertThat(each).isBetween(100L, 250L);
  }

  @Test
  void givesTheMemoryBackAndReadsEnvelopesWhenTheirTurnComes() {
    Queue queue = queue(new Answering(ScriptedDelivery.DELIVERED));
    long before = used();
    for (int i = 0; i < MESSAGES; i++) {
      queue.enqueue(Parcels.stored("one.example", i));
    }
    queue.startDue();
    assertThat(queue.queued()).isZero();
    assertThat(read).as("all but the first were not kept").hasValueGreaterThan(MESSAGES - 1000);
    // Threads that tests before this one left behind come to their end meanwhile.
    await().untilAsserted(() -> assertThat(used() - before).isLessThan(MESSAGES * 25L));
  }

  /** The same answer for everybody. */
  private record Answering(Outcome outcome) implements Delivery {
    @Override
    public List<Outcome> attempt(Attempt attempt) {
      return attempt.recipients().stream().map(_ -> outcome).toList();
    }

    @Override
    public void close() {}
  }

  /** Makes envelopes up when asked, and remembers nothing. */
  private record ForgetfulSpool(AtomicInteger read) implements Spool {
    @Override
    public Intake open(long declared) {
      throw new UnsupportedOperationException("nothing comes in");
    }

    @Override
    public Intake takeOver(long size, Instant arrived) {
      throw new UnsupportedOperationException("nothing comes in");
    }

    @Override
    public Intake openNotice() {
      throw new UnsupportedOperationException("nobody is told");
    }

    @Override
    public void recover(Consumer<StoredMessage> each) {}

    @Override
    public Envelope envelope(QueueId id) {
      read.incrementAndGet();
      return Parcels.stored("one.example", 1).envelope();
    }

    @Override
    public InputStream content(QueueId id) {
      return InputStream.nullInputStream();
    }

    @Override
    public void record(QueueId id, MessageState state) {}

    @Override
    public boolean failuresAreFinal() {
      return true;
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
  }
}
