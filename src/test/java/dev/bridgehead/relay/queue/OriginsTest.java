package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How long it is remembered where messages came from. */
class OriginsTest {
  private static final Duration WEEK = Duration.ofDays(7);
  private static final UUID GONE = UUID.fromString("6d5e2f3a-0000-4000-8000-000000000001");
  private static final UUID ASKING = UUID.fromString("6d5e2f3a-0000-4000-8000-000000000002");

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Origins origins = new Origins(nanos::get);

  private QueuedMessage taken(UUID spool, String id) {
    Origin origin = new Origin(spool, new QueueId(id), Instant.EPOCH);
    Envelope envelope =
        new Envelope(SENDER, List.of(ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false)
            .from(origin);
    QueuedMessage message =
        new QueuedMessage(
            new StoredMessage(origin.id(), envelope, 0, MessageState.fresh(envelope)));
    origins.add(message, origin);
    return message;
  }

  @Test
  void isCountedFromWhenARelayHandedOverOrAskedLast() {
    QueuedMessage gone = taken(GONE, "0123456789ABCDEF");
    QueuedMessage asked = taken(ASKING, "0123456789ABCDEG");
    nanos.addAndGet(WEEK.toNanos() - 1);
    assertThat(origins.silentFor(WEEK)).isEmpty();

    assertThat(origins.askedBy(ASKING)).containsValue(asked);
    nanos.addAndGet(1);
    assertThat(origins.silentFor(WEEK)).containsExactly(gone);

    nanos.addAndGet(WEEK.toNanos() - 2);
    QueuedMessage another = taken(ASKING, "0123456789ABCDEH");
    nanos.addAndGet(1);
    assertThat(origins.silentFor(WEEK)).containsExactly(gone);
    nanos.addAndGet(WEEK.toNanos());
    assertThat(origins.silentFor(WEEK)).containsExactlyInAnyOrder(gone, asked, another);
  }
}
