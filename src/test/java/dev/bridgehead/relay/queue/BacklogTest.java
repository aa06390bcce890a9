package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Lane.Host;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who may start, on a clock that the test owns. */
class BacklogTest {
  private static final long MINUTE = 60_000;
  private static final Terms TERMS = new Terms(20, null, MINUTE, 5 * MINUTE, 60 * MINUTE);

  private final Backlog backlog = new Backlog(200, TERMS, new Random(1));
  private long now = Instant.parse("2026-03-01T10:00:00Z").toEpochMilli();
  private int made;

  private void add(String domain, int count) {
    for (int i = 0; i < count; i++) {
      backlog.add(parcel(domain, now), now);
    }
  }

  private Parcel parcel(String domain, long due) {
    Envelope envelope =
        new Envelope(
            null,
            List.of(new MailAddress("x", domain)),
            BodyType.SEVEN_BIT,
            false,
            Instant.ofEpochMilli(now),
            false);
    QueueId id = new QueueId("%016d".formatted(made++));
    MessageState.Group group =
        new MessageState.Group(
            List.of(0), 0, Instant.ofEpochMilli(due), MessageState.Hold.NONE, false);
    StoredMessage stored = new StoredMessage(id, envelope, 1, new MessageState(List.of(group)));
    return Parcel.of(
        new QueuedMessage(stored), backlog.lane(new Destination.Domain(domain)), group);
  }

  private List<Parcel> startAll() {
    List<Parcel> started = new ArrayList<>();
    for (Parcel next = backlog.start(now); next != null; next = backlog.start(now)) {
      started.add(next);
    }
    return started;
  }

  private void after(long millis) {
    now += millis;
    backlog.advance(now);
  }

  /** An attempt ends, and its parcel leaves, or is due again in a day. */
  private void finish(Parcel parcel, Host host) {
    if (host == Host.ANSWERED) {
      backlog.drop(parcel, now);
    } else {
      parcel.attempted(now + 24 * 60 * MINUTE);
      backlog.put(parcel, now);
    }
    backlog.finished(parcel.lane(), host, null, now);
  }

  private static long of(List<Parcel> parcels, String domain) {
    return parcels.stream()
        .filter(parcel -> parcel.lane().destination().equals(new Destination.Domain(domain)))
        .count();
  }

  @Test
  void startsNothingBeforeItsTime() {
    backlog.add(parcel("one.example", now + 5000), now);
    assertThat(backlog.start(now)).isNull();
    assertThat(backlog.nextWake()).isEqualTo(now + 5000);
    after(5000);
    assertThat(backlog.start(now)).isNotNull();
  }

  @Test
  void opensAFewConnectionsAtFirstAndMoreWithEachSuccessUpToTheLimit() {
    add("one.example", 200);
    List<Parcel> running = startAll();
    assertThat(running).hasSize(5);
    for (int i = 0; i < 15; i++) {
      finish(running.removeFirst(), Host.ANSWERED);
      running.addAll(startAll());
    }
    assertThat(running).hasSize(20);
    finish(running.removeFirst(), Host.ANSWERED);
    assertThat(startAll()).hasSize(1);
  }

  @Test
  void takesALowerLimitOverWhileItRuns() {
    add("one.example", 50);
    List<Parcel> running = startAll();
    backlog.terms(new Terms(2, null, MINUTE, MINUTE, 60 * MINUTE), now);
    finish(running.removeFirst(), Host.ANSWERED);
    assertThat(startAll()).isEmpty();
    running.forEach(parcel -> finish(parcel, Host.ANSWERED));
    assertThat(startAll()).hasSize(2);
  }

  @Test
  void asksADeadHostOnceAnIntervalHoweverMuchIsQueuedForIt() {
    add("dead.example", 1000);
    startAll().forEach(parcel -> finish(parcel, Host.UNREACHABLE));
    assertThat(startAll()).as("left alone").isEmpty();
    int probes = 0;
    for (int second = 0; second < 3600; second++) {
      after(1000);
      for (Parcel probe : startAll()) {
        probes++;
        finish(probe, Host.UNREACHABLE);
      }
    }
    assertThat(probes).as("1, 2, 4 minutes, then every five").isBetween(12, 15);
  }

  @Test
  void growsAgainOneByOneWhenAHostIsBack() {
    add("dead.example", 50);
    startAll().forEach(parcel -> finish(parcel, Host.UNREACHABLE));
    after(MINUTE + MINUTE / 10);
    List<Parcel> probe = startAll();
    assertThat(probe).hasSize(1);
    finish(probe.getFirst(), Host.ANSWERED);
    List<Parcel> two = startAll();
    assertThat(two).hasSize(2);
    finish(two.getFirst(), Host.ANSWERED);
    assertThat(startAll()).hasSize(2);
  }

  @Test
  void takesOneBrokenSessionForTheMessagesFaultAndThreeForTheHosts() {
    add("flaky.example", 50);
    List<Parcel> running = startAll();
    finish(running.removeFirst(), Host.FALTERED);
    running.forEach(parcel -> finish(parcel, Host.ANSWERED));
    running = startAll();
    assertThat(running).as("not left alone").hasSize(5);
    running.forEach(parcel -> finish(parcel, Host.FALTERED));
    assertThat(startAll()).as("left alone").isEmpty();
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
  void givesProbesOfFailingHostsAQuarterOfTheRoomAtMost() {
    for (int i = 0; i < 300; i++) {
      add("dead%d.example".formatted(i), 1);
      startAll().forEach(parcel -> finish(parcel, Host.UNREACHABLE));
      add("dead%d.example".formatted(i), 1);
    }
    after(5 * MINUTE);
    assertThat(startAll()).as("all hang").hasSize(50);
    add("alive.example", 10);
    assertThat(of(startAll(), "alive.example")).isEqualTo(5);
  }

  @Test
  void takesTurnsBetweenDestinations() {
    add("big.example", 1000);
    add("small.example", 3);
    List<Parcel> started = startAll();
    assertThat(started.subList(0, 6).stream().map(Parcel::lane).distinct()).hasSize(2);
    assertThat(of(started, "small.example")).isEqualTo(3);
  }

  @Test
  void takesTheOldestOfADestinationFirst() {
    Parcel old = parcel("one.example", now + MINUTE);
    backlog.add(old, now);
    now += 1;
    add("one.example", 1);
    after(MINUTE);
    assertThat(backlog.start(now)).isSameAs(old);
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
  void keepsToTheRateOfADestination() {
    backlog.terms(new Terms(20, 600 / 60_000.0, MINUTE, MINUTE, 60 * MINUTE), now);
    add("limited.example", 5000);
    add("other.example", 3);
    int sent = 0;
    int others = 0;
    for (int tick = 0; tick < 6000; tick++) { // ten minutes
      List<Parcel> started = startAll();
      others += (int) of(started, "other.example");
      sent += (int) of(started, "limited.example");
      started.forEach(parcel -> finish(parcel, Host.ANSWERED));
      after(100);
    }
    assertThat(others).isEqualTo(3);
    assertThat(sent).isBetween(5_000 - 1, 5_000);
  }

  @Test
  void exceedsARateInNoMinute() {
    backlog.terms(new Terms(20, 60 / 60_000.0, MINUTE, MINUTE, 60 * MINUTE), now);
    add("limited.example", 500);
    List<Long> times = new ArrayList<>();
    for (int tick = 0; tick < 3000; tick++) {
      for (Parcel parcel : startAll()) {
        times.add(now);
        finish(parcel, Host.ANSWERED);
      }
      after(100);
    }
    for (int i = 61; i < times.size(); i++) {
      assertThat(times.get(i) - times.get(i - 61)).isGreaterThanOrEqualTo(MINUTE);
    }
    assertThat(times).hasSizeGreaterThan(290);
  }

  @Test
  void doesNotForgetARateWhileADestinationRests() {
    backlog.terms(
        new Terms(20, 1 / 600_000.0, MINUTE, MINUTE, 60 * MINUTE), now); // one in ten minutes
    int sent = 0;
    for (int minute = 0; minute < 60; minute++) {
      add("limited.example", 1);
      for (Parcel parcel : startAll()) {
        sent++;
        finish(parcel, Host.ANSWERED);
      }
      after(MINUTE);
    }
    assertThat(sent).isBetween(6, 7);
  }

  @Test
  void handsOverWhatExpiresWhileItsHostIsDeadWithoutAnAttempt() {
    add("dead.example", 100);
    int attempted = 0;
    for (int minute = 0; minute < 60; minute++) {
      for (Parcel parcel : startAll()) {
        attempted++;
        finish(parcel, Host.UNREACHABLE);
      }
      assertThat(backlog.expired(now)).isNull();
      after(MINUTE);
    }
    for (Parcel parcel : startAll()) {
      attempted++;
      finish(parcel, Host.UNREACHABLE);
    }
    after(1);
    int expired = 0;
    for (Parcel parcel = backlog.expired(now); parcel != null; parcel = backlog.expired(now)) {
      expired++;
      backlog.drop(parcel, now);
    }
    assertThat(attempted).isLessThan(25);
    assertThat(expired).isEqualTo(100 - attempted);
  }

  @Test
  void takesOutAnyParcelWhereverItIs() {
    Parcel waiting = parcel("one.example", now + MINUTE);
    Parcel ready = parcel("one.example", now);
    Parcel held = parcel("one.example", now);
    held.hold(MessageState.Hold.BY_HAND);
    for (Parcel parcel : List.of(waiting, ready, held)) {
      backlog.add(parcel, now);
      backlog.take(parcel, now);
      assertThat(parcel.state()).isEqualTo(Parcel.State.ACTIVE);
    }
    after(2 * MINUTE);
    assertThat(startAll()).isEmpty();
    assertThat(backlog.held()).isEmpty();
    assertThat(backlog.nextWake()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void forgetsADestinationThatHasHadNothingForAWhile() {
    add("one.example", 1);
    startAll().forEach(parcel -> finish(parcel, Host.ANSWERED));
    assertThat(backlog.lanes()).hasSize(1);
    after(6 * MINUTE);
    assertThat(backlog.lanes()).isEmpty();
  }

  private void allow(double perMinute) {
    backlog.terms(new Terms(20, perMinute / 60_000, MINUTE, 5 * MINUTE, 60 * MINUTE), now);
  }

  @Test
  void takesNothingOffTheRateWhereNothingWasSent() {
    allow(1);
    add("slow.example", 50);
    int looked = 0;
    for (Parcel next = backlog.start(now); next != null; next = backlog.start(now)) {
      looked++;
      finish(next, Host.UNTRIED);
    }
    assertThat(looked).as("all are found to go elsewhere, at once").isEqualTo(50);
    add("slow.example", 2);
    assertThat(startAll()).hasSize(1);
  }

  @Test
  void takesNothingOffTheRateWhereAHostWasRememberedNotToAnswer() {
    allow(1);
    add("dead.example", 2);
    List<Parcel> started = startAll();
    assertThat(started).hasSize(1);
    finish(started.getFirst(), Host.REMEMBERED);
    backlog.forgive(started.getFirst().lane(), now);
    assertThat(startAll()).as("the minute's one").hasSize(1);
  }

  @Test
  void leavesAHostAloneForNoLongerWhereItWasNotAsked() {
    add("dead.example", 50);
    startAll().forEach(parcel -> finish(parcel, Host.UNREACHABLE));
    for (int i = 0; i < 5; i++) {
      after(MINUTE + MINUTE / 10);
      List<Parcel> probe = startAll();
      assertThat(probe).as("probe %d", i).hasSize(1);
      finish(probe.getFirst(), Host.REMEMBERED);
      assertThat(startAll()).as("left alone").isEmpty();
    }
  }

  @Test
  void waitsNoLongerThoughTheClockWasSetBack() {
    backlog.add(parcel("one.example", now + 10 * MINUTE), now);
    backlog.add(parcel("two.example", now + 20 * MINUTE), now);
    after(MINUTE);
    now -= 600 * MINUTE;
    backlog.advance(now);
    assertThat(backlog.nextWake()).isEqualTo(now + 9 * MINUTE);
    after(9 * MINUTE);
    assertThat(startAll()).hasSize(1);
    after(10 * MINUTE);
    assertThat(startAll()).hasSize(1);
  }

  @Test
  void asksADeadHostInTimeThoughTheClockWasSetBack() {
    add("dead.example", 50);
    startAll().forEach(parcel -> finish(parcel, Host.UNREACHABLE));
    after(1);
    now -= 600 * MINUTE;
    backlog.advance(now);
    after(5 * MINUTE + 5 * MINUTE / 10);
    assertThat(startAll()).hasSize(1);
  }
}
