package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private final Backlog backlog = new Backlog(200);
  private int made;

  private void add(String domain, int count) {
    for (int i = 0; i < count; i++) {
      backlog.add(parcel(domain, NOW));
    }
  }

  private Parcel parcel(String domain, Instant due) {
    Envelope envelope =
        new Envelope(
            null, List.of(new MailAddress("x", domain)), BodyType.SEVEN_BIT, false, NOW, false);
    QueueId id = new QueueId("%016d".formatted(made++));
    StoredMessage stored = new StoredMessage(id, envelope, 1, MessageState.fresh(envelope));
    return new Parcel(
        new QueuedMessage(stored), new Destination.Domain(domain), List.of(0), 0, due);
  }

  private List<Parcel> startAll() {
    List<Parcel> started = new ArrayList<>();
    for (Parcel next = backlog.start(NOW); next != null; next = backlog.start(NOW)) {
      started.add(next);
    }
    return started;
  }

  private static long of(List<Parcel> parcels, String domain) {
    return parcels.stream()
        .filter(parcel -> parcel.destination().equals(new Destination.Domain(domain)))
        .count();
  }

  @Test
  void startsNothingBeforeItsTime() {
    backlog.add(parcel("one.example", NOW.plusSeconds(5)));
    assertThat(backlog.start(NOW)).isNull();
    assertThat(backlog.nextDue()).isEqualTo(NOW.plusSeconds(5));
    assertThat(backlog.start(NOW.plusSeconds(5))).isNotNull();
  }

  @Test
  void opensAFewConnectionsAtFirstAndMoreWithEachSuccessUpToTwenty() {
    add("one.example", 200);
    List<Parcel> running = startAll();
    assertThat(running).hasSize(5);
    for (int i = 0; i < 15; i++) {
      backlog.finished(running.removeFirst(), Lane.HostState.ANSWERED);
      running.addAll(startAll());
    }
    assertThat(running).hasSize(20);
    backlog.finished(running.removeFirst(), Lane.HostState.ANSWERED);
    assertThat(startAll()).hasSize(1);
  }

  @Test
  void keepsOneAttemptForADestinationThatCanNotBeReached() {
    add("dead.example", 50);
    startAll().forEach(parcel -> backlog.finished(parcel, Lane.HostState.UNREACHABLE));
    List<Parcel> next = startAll();
    assertThat(next).hasSize(1);
    backlog.finished(next.getFirst(), Lane.HostState.ANSWERED);
    assertThat(startAll()).as("alive again").hasSize(2);
  }

  @Test
  void letsManyDeadDestinationsStopNobody() {
    for (int i = 0; i < 39; i++) {
      add("dead%d.example".formatted(i), 1000);
    }
    List<Parcel> hanging = startAll();
    assertThat(hanging).hasSize(39 * 5);
    add("alive.example", 10);
    assertThat(of(startAll(), "alive.example")).isEqualTo(5);
  }

  @Test
  void takesTurnsBetweenDestinations() {
    add("big.example", 1000);
    add("small.example", 3);
    List<Parcel> started = startAll();
    assertThat(started.subList(0, 6).stream().map(Parcel::destination).distinct()).hasSize(2);
    assertThat(of(started, "small.example")).isEqualTo(3);
  }

  @Test
  void runsNoMoreThanItMayAtATime() {
    for (int i = 0; i < 100; i++) {
      add("d%d.example".formatted(i), 5);
    }
    assertThat(startAll()).hasSize(200);
    assertThat(backlog.running()).isEqualTo(200);
  }

  @Test
  void givesBackEverythingThatIsNotRunning() {
    add("one.example", 10);
    backlog.add(parcel("two.example", NOW.plusSeconds(60)));
    List<Parcel> running = startAll();
    assertThat(backlog.drain()).hasSize(6).doesNotContainAnyElementsOf(running);
    running.forEach(parcel -> backlog.finished(parcel, Lane.HostState.ANSWERED));
    assertThat(startAll()).isEmpty();
    assertThat(backlog.running()).isZero();
  }
}
