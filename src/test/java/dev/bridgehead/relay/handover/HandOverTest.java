package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Selection;
import dev.bridgehead.relay.spool.Spools;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay that hands over does where something of its own fails. */
class HandOverTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final URI NOBODY = URI.create("http://127.0.0.1:1");
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Taker taker;
  private final QueueOnDisk storage;
  private final AtomicInteger rounds = new AtomicInteger();
  private volatile boolean away;
  private volatile Runnable afterTaking = () -> {};
  private Runnable housekeeping = () -> {};
  private Supplier<String> token = () -> Taker.TOKEN;

  HandOverTest(@TempDir Path folder) throws IOException {
    QueueOnDisk taken = new QueueOnDisk(folder.resolve("taker"));
    this.taker =
        new Taker(
            taken,
            stored -> {
              taken.queue.enqueue(stored);
              afterTaking.run();
            });
    this.storage = new QueueOnDisk(folder.resolve("giver"));
  }

  @AfterEach
  void close() throws IOException {
    taker.close();
    storage.close();
  }

  private HandOver handOver() throws IOException {
    return new HandOver(
        storage.queue.departures(),
        new OfferedTo(storage.disk, storage.folder),
        new SiblingClient(
            new Place("test-edge", 1),
            storage.spool.uuid(),
            _ -> away ? NOBODY : taker.address(),
            () -> token.get(),
            new SimpleMeterRegistry()),
        () -> List.of(Taker.PLACE),
        () -> {
          rounds.incrementAndGet();
          housekeeping.run();
        },
        PAUSE,
        new SimpleMeterRegistry());
  }

  private List<String> left() throws IOException {
    List<String> left = new ArrayList<>();
    storage.queue.tools().list(Selection.ALL, 100, (entry, _) -> left.add(entry.id().toString()));
    return left;
  }

  @Test
  void neverOffersAMessageThatCantBeReadAndHandsTheOthersOver() throws IOException {
    String large = "a rotten one\r\n" + "0123456789\r\n".repeat(20_000);
    QueueId rotten = storage.accept("rotten", large).id();
    Spools.damage(storage.folder, "a rotten one");
    for (int i = 0; i < 100; i++) {
      storage.accept("sound-" + i, "Subject: x\r\n\r\nx\r\n");
    }

    try (HandOver handOver = handOver()) {
      handOver.start();

      await().atMost(SOON).until(() -> taker.storage.queue.queued() == 100);
      int then = rounds.get();
      await().atMost(SOON).until(() -> rounds.get() > then + 5);
      assertThat(left()).containsExactly(rotten.toString());
      assertThat(taker.asked).noneMatch(each -> each.endsWith("/" + rotten));
      assertThat(handOver.settled()).isTrue();
    }
  }

  @Test
  void goesOnAfterAnErrorInOneRound() throws IOException {
    storage.accept("b", "Subject: x\r\n\r\nx\r\n");
    housekeeping =
        () -> {
          if (rounds.get() == 1) {
            throw new AssertionError("a defect");
          }
        };

    try (HandOver handOver = handOver()) {
      handOver.start();

      await().atMost(SOON).until(() -> taker.storage.queue.queued() == 1);
      assertThat(left()).isEmpty();
    }
  }

  @Test
  void asksForAMessageWhoseOfferBrokeOffWithAnError() throws IOException {
    storage.accept("b", "Subject: x\r\n\r\nx\r\n");
    AtomicInteger asked = new AtomicInteger();
    token =
        () -> {
          if (asked.incrementAndGet() == 2) { // after the session has begun
            throw new AssertionError("a defect");
          }
          return Taker.TOKEN;
        };

    try (HandOver handOver = handOver()) {
      handOver.start();

      await().atMost(SOON).until(() -> taker.storage.queue.queued() == 1);
      await().atMost(SOON).until(handOver::settled);
      assertThat(left()).isEmpty();
      assertThat(taker.begun()).isGreaterThan(1);
    }
  }

  @Test
  void isNotSettledBeforeItsSiblingHasConfirmedWhatItTookHoweverLongThatOneIsAway()
      throws IOException {
    storage.accept("b", "Subject: x\r\n\r\nx\r\n");
    afterTaking = () -> away = true; // the answer still comes
    try (HandOver handOver = handOver()) {
      handOver.start();

      await().atMost(SOON).until(() -> left().isEmpty());
      await().during(Duration.ofSeconds(1)).atMost(SOON).until(() -> !handOver.settled());
      assertThat(taker.storage.queue.arrivals().unconfirmed())
          .containsExactly(Map.entry(storage.spool.uuid(), 1));

      away = false;
      await().atMost(SOON).until(handOver::settled);
      assertThat(taker.storage.queue.arrivals().unconfirmed()).isEmpty();
    }
  }

  @Test
  void waitsWhileItsSiblingKnowsAnotherTokenAndGoesOnByItself() throws IOException {
    String id = storage.accept("b", "Subject: x\r\n\r\nx\r\n").id().toString();
    AtomicReference<String> known = new AtomicReference<>("one of yesterday");
    token = known::get;
    try (HandOver handOver = handOver()) {
      handOver.start();
      await().atMost(SOON).until(() -> taker.asked.size() > 3);
      assertThat(taker.asked).allMatch(each -> each.startsWith("GET "));
      assertThat(left()).containsExactly(id);

      known.set(""); // as before the first configuration
      int then = rounds.get();
      await().atMost(SOON).until(() -> rounds.get() > then + 2);

      known.set(Taker.TOKEN);
      await().atMost(SOON).until(() -> left().isEmpty());
      assertThat(taker.storage.queue.queued()).isOne();
    }
  }

  @Test
  void isNotKeptFromOneSiblingByOthersThatHang() throws IOException {
    storage.accept("b", "Subject: x\r\n\r\nx\r\n");
    List<Place> places = List.of(new Place("test-edge", 7), new Place("test-edge", 8), Taker.PLACE);
    try (ServerSocket hangs = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI silent = URI.create("http://127.0.0.1:" + hangs.getLocalPort());
      try (HandOver handOver =
          new HandOver(
              storage.queue.departures(),
              new OfferedTo(storage.disk, storage.folder),
              new SiblingClient(
                  new Place("test-edge", 9),
                  storage.spool.uuid(),
                  place -> place.equals(Taker.PLACE) ? taker.address() : silent,
                  () -> Taker.TOKEN,
                  new SimpleMeterRegistry()),
              () -> places,
              () -> {},
              PAUSE,
              new SimpleMeterRegistry())) {
        handOver.start();

        await().atMost(Duration.ofSeconds(10)).until(() -> taker.storage.queue.queued() == 1);
        await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> taker.storage.queue.arrivals().unconfirmed().isEmpty());
      }
    }
  }
}
