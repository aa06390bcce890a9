package dev.bridgehead.relay.handover;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.bridgehead.relay.handover.Impostor.Answer;
import dev.bridgehead.relay.handover.Impostor.Heard;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Selection;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * Who has a sibling's address and everything but the token, or stands between two siblings: it gets
 * no token, reads no mail, and has none lost or stored twice.
 */
class ImpostorTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Place GIVER = new Place("test-edge", 2);

  /** Whose address the impostor has. */
  private static final Place TAKEN = Taker.PLACE;

  private static final Place HONEST = new Place("test-edge", 1);

  /** Octets, with all that may be on its way. */
  private static final long WHAT_KERNELS_BUFFER = 8 << 20;

  private static final String WORDS = "words that nobody else may read";
  private static final String CONTENT = "Subject: x\r\n\r\n" + (WORDS + "\r\n").repeat(1000);

  private final QueueOnDisk storage;
  private final Taker taker;
  private final Taker itself;
  private final Taker honest;
  private final Impostor impostor;
  private final MeterRegistry metrics = new SimpleMeterRegistry();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.bridgehead.relay.handover");

  ImpostorTest(@TempDir Path folder) throws IOException {
    storage = new QueueOnDisk(folder.resolve("giver"));
    taker = taker(folder, TAKEN);
    honest = taker(folder, HONEST);
    itself = taker(folder, GIVER);
    impostor = new Impostor(_ -> new Answer(200, "", ""));
  }

  private static Taker taker(Path folder, Place place) throws IOException {
    QueueOnDisk queue = new QueueOnDisk(folder.resolve(place.toString()));
    return new Taker(place, queue, queue.queue::enqueue);
  }

  @BeforeEach
  void readTheLog() {
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void close() throws IOException {
    logger.detachAppender(lines);
    impostor.close();
    taker.close();
    honest.close();
    itself.close();
    storage.close();
  }

  private HandOver handOverTo(Place... targets) throws IOException {
    HandOver handOver =
        new HandOver(
            storage.queue.departures(),
            new OfferedTo(storage.disk, storage.folder),
            new SiblingClient(
                GIVER,
                storage.spool.uuid(),
                place -> place.equals(TAKEN) ? impostor.address() : honest.address(),
                () -> Taker.TOKEN,
                metrics),
            () -> List.of(targets),
            () -> {},
            PAUSE,
            metrics);
    handOver.start();
    return handOver;
  }

  private List<String> accept(int count) throws IOException {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(storage.accept("b", CONTENT).id().toString());
    }
    return ids;
  }

  private static List<String> queued(QueueOnDisk at) throws IOException {
    List<String> ids = new ArrayList<>();
    at.queue.tools().list(Selection.ALL, 1000, (entry, _) -> ids.add(entry.id().toString()));
    return ids;
  }

  private static void assertWhole(QueueOnDisk at) throws IOException {
    for (String id : queued(at)) {
      try (InputStream in = at.spool.content(new QueueId(id))) {
        assertThat(new String(in.readAllBytes(), ISO_8859_1)).isEqualTo(CONTENT);
      }
    }
  }

  private double unproven(MeterRegistry at, String peer) {
    return at.get("bridgehead.unproven.siblings").tag("peer", peer).counter().count();
  }

  private void assertLearntNothing() {
    assertThat(impostor.heard)
        .isNotEmpty()
        .allSatisfy(each -> assertThat(each.all()).doesNotContain(Taker.TOKEN, WORDS, "example"));
  }

  private Answer forward(Heard request) throws Exception {
    return impostor.pass(request, taker.address());
  }

  private static String swapped(String path) {
    return path.replace("/" + TAKEN + "/" + GIVER + "/", "/" + GIVER + "/" + TAKEN + "/");
  }

  /** Whatever an impostor may answer to the first question. */
  static Stream<String> hellos() {
    return Stream.of("nothing", "a nonce", "a false proof", "reflected", "another's", "an error");
  }

  private Answer hello(String how, Heard request) throws Exception {
    return switch (how) {
      case "nothing" -> new Answer(200, "", "");
      case "a nonce" -> new Answer(200, "0".repeat(32), "");
      case "a false proof" -> new Answer(200, "0".repeat(32), "0".repeat(64));
      case "reflected" ->
          impostor.pass(request.withPath(swapped(request.path())), itself.address());
      case "another's" ->
          impostor.pass(
              request.withPath(request.path().replace("/" + TAKEN + "/", "/" + HONEST + "/")),
              honest.address());
      default -> new Answer(401, "Authorization: Bearer TOKEN", "");
    };
  }

  @ParameterizedTest
  @MethodSource("hellos")
  @DisplayName("case 29: an impostor at a sibling's address gets no mail and no token")
  void getsNothingWhereItCantProveItself(String how) throws Exception {
    List<String> ids = accept(5);
    impostor.behaviour = request -> hello(how, request);

    try (HandOver unused = handOverTo(TAKEN)) {
      await().atMost(SOON).until(() -> impostor.heard.size() >= 4);

      assertThat(impostor.heard).allMatch(Heard::isHello);
      assertThat(impostor.answers)
          .allMatch(each -> each.status() == 200 && !each.proof().isEmpty());
      assertLearntNothing();
      assertThat(queued(storage)).containsExactlyInAnyOrderElementsOf(ids);
      assertThat(unproven(metrics, "receiver")).isGreaterThanOrEqualTo(3);
      assertThat(lines.list)
          .filteredOn(each -> each.getLevel() == Level.WARN)
          .extracting(ILoggingEvent::getFormattedMessage)
          .containsExactly(
              "test-edge-0: who answers at "
                  + impostor.address()
                  + " does not prove that it knows the token: nothing is handed over to it");
    }
  }

  @Test
  void keepsNothingFromGoingToAnotherSibling() throws Exception {
    accept(20);

    try (HandOver handOver = handOverTo(TAKEN, HONEST)) {
      await().atMost(SOON).until(() -> honest.storage.queue.queued() == 20);
      await().atMost(SOON).until(handOver::settled);
    }
    assertThat(queued(storage)).isEmpty();
    assertWhole(honest.storage);
    assertLearntNothing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"has none", "has all", "a false proof", "the proof of the hello"})
  void takesNoMailOutOfTheQueueByALieAboutASession(String how) throws Exception {
    List<String> ids = accept(5);
    AtomicReference<String> proof = new AtomicReference<>("");
    impostor.behaviour =
        request -> {
          if (request.isHello()) {
            Answer hello = forward(request);
            proof.set(how.equals("the proof of the hello") ? hello.proof() : "");
            return hello;
          }
          String all = String.join("", ids.stream().map(id -> id + " " + id + "\n").toList());
          return switch (how) {
            case "has all" -> new Answer(200, all, "");
            case "a false proof" -> new Answer(200, all, "0".repeat(64));
            default -> new Answer(200, how.equals("has none") ? "" : all, proof.get());
          };
        };

    try (HandOver unused = handOverTo(TAKEN)) {
      await().atMost(SOON).until(() -> impostor.heard.stream().filter(Heard::isBegin).count() >= 3);

      assertThat(impostor.heard).noneMatch(Heard::isOffer);
      assertThat(queued(storage)).containsExactlyInAnyOrderElementsOf(ids);
      assertLearntNothing();
    }
    assertThat(queued(taker.storage)).isEmpty();
  }

  @Test
  void hasNothingReadOfAnAnswerWithoutAProof() throws Exception {
    List<String> ids = accept(1);
    impostor.behaviour = request -> request.isHello() ? forward(request) : Impostor.ENDLESS;

    try (HandOver unused = handOverTo(TAKEN)) {
      await().atMost(SOON).until(() -> impostor.heard.stream().filter(Heard::isBegin).count() >= 3);

      long begun = impostor.heard.stream().filter(Heard::isBegin).count();
      assertThat(impostor.poured.get()).isLessThan(begun * WHAT_KERNELS_BUFFER);
      assertThat(unproven(metrics, "receiver")).isGreaterThanOrEqualTo(2);
      assertThat(queued(storage)).containsExactlyElementsOf(ids);
    }
  }

  /** What is said of a message by who did not store it, or by who did and is not believed. */
  static Stream<Map.Entry<String, Boolean>> outcomes() {
    return Stream.of("no proof", "a false proof", "another message's proof", "refused, no proof")
        .flatMap(how -> Stream.of(Map.entry(how, false), Map.entry(how, true)));
  }

  private Answer outcome(String how, Heard request, Answer before) {
    return switch (how) {
      case "no proof" -> new Answer(200, request.id() + "\n", "");
      case "a false proof" -> new Answer(200, request.id() + "\n", "0".repeat(64));
      case "another message's proof" -> before;
      default -> new Answer(503, "it is full\n", "");
    };
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void neitherLosesNorDoublesAMessageByALieAboutIt(Map.Entry<String, Boolean> lie)
      throws Exception {
    accept(1);
    AtomicReference<Answer> before = new AtomicReference<>(new Answer(200, "", ""));
    AtomicInteger lies = new AtomicInteger();
    impostor.behaviour =
        request -> {
          if (request.isOffer() && before.get().proof().isEmpty()) {
            before.set(forward(request));
            return before.get();
          }
          if (request.isOffer() && lies.getAndIncrement() < 3) {
            if (lie.getValue()) {
              Answer unused = forward(request);
            }
            return outcome(lie.getKey(), request, before.get());
          }
          return forward(request);
        };

    try (HandOver handOver = handOverTo(TAKEN)) {
      await().atMost(SOON).until(() -> taker.storage.queue.queued() == 1);
      accept(1);
      handOver.look();
      await().atMost(SOON).until(() -> queued(storage).isEmpty());
      await().atMost(SOON).until(handOver::settled);
    }
    assertThat(lies.get()).isPositive();
    assertThat(queued(taker.storage)).hasSize(2);
    assertWhole(taker.storage);
    assertLearntNothing();
  }

  @Test
  void hasNothingStoredAgainBySayingAgainWhatItHeard() throws Exception {
    accept(5);
    List<Integer> atOnce = new CopyOnWriteArrayList<>();
    impostor.behaviour =
        request -> {
          Answer answer = forward(request);
          if (!request.isHello() && !request.isBegin()) {
            atOnce.add(forward(request).status());
          }
          return answer;
        };
    try (HandOver handOver = handOverTo(TAKEN)) {
      await().atMost(SOON).until(() -> taker.storage.queue.queued() == 5);
      await().atMost(SOON).until(handOver::settled);
    }
    assertThat(taker.storage.queue.arrivals().unconfirmed()).isEmpty(); // it knows no origin
    List<Heard> all = List.copyOf(impostor.heard);
    assertThat(all).anyMatch(Heard::isOffer).anyMatch(Heard::isBegin);
    assertThat(atOnce).hasSizeGreaterThan(5).containsOnly(401);
    assertThat(unproven(taker.metrics, "sender")).isEqualTo(atOnce.size());

    for (Heard each : all) {
      Answer answer = forward(each);
      if (!each.isHello()) {
        assertThat(answer.status()).as("%s %s", each.method(), each.path()).isIn(401, 410);
      }
    }
    assertThat(queued(taker.storage)).hasSize(5);
    assertThat(lines.list)
        .filteredOn(each -> each.getFormattedMessage().contains("did not prove"))
        .hasSize(1);
    assertLearntNothing();
  }

  @ParameterizedTest
  @ValueSource(strings = {"an octet", "cut", "longer", "id", "another body", "method"})
  void changesNoMessageOnItsWay(String how) throws Exception {
    accept(2);
    AtomicInteger changed = new AtomicInteger();
    AtomicReference<byte[]> other = new AtomicReference<>(new byte[0]);
    impostor.behaviour =
        request -> {
          byte[] body = request.body();
          if (!request.isOffer() || changed.getAndIncrement() >= 3) {
            return forward(request);
          }
          return switch (how) {
            case "an octet" -> {
              byte[] flipped = body.clone();
              flipped[flipped.length - 5] ^= 1;
              yield forward(request.withBody(flipped));
            }
            case "cut" -> forward(request.withBody(Arrays.copyOf(body, body.length - 5)));
            case "longer" -> forward(request.withBody(Arrays.copyOf(body, body.length + 5)));
            case "id" ->
                forward(request.withPath(request.path().replace(request.id(), "0123456789ABCDEF")));
            case "another body" -> forward(request.withBody(other.getAndSet(body)));
            default ->
                forward(
                    new Heard(
                        "POST", request.path(), request.authorization(), request.fields(), body));
          };
        };

    try (HandOver handOver = handOverTo(TAKEN)) {
      await().atMost(SOON).until(() -> queued(storage).isEmpty());
      await().atMost(SOON).until(handOver::settled);
    }
    assertThat(changed.get()).isPositive();
    assertThat(queued(taker.storage)).hasSize(2);
    assertWhole(taker.storage);
  }

  @Test
  void hearsNothingAndChangesNothingWithoutAProof() throws Exception {
    TestSender sender = new TestSender(taker::address, TAKEN.toString(), Taker.TOKEN);
    try (sender) {
      TestSender.Begun begun = sender.begin();
      TestSender.Message message = TestSender.message(QueueOnDisk.envelope("b"), CONTENT);
      String id = "0123456789ABCDEF";
      assertThat(sender.offer(begun.session(), id, message).statusCode()).isEqualTo(200);
      String session = sender.path("/" + begun.session());
      byte[] ids = (id + "\n").getBytes(ISO_8859_1);
      for (String authorization :
          List.of(
              "",
              "Bearer " + Taker.TOKEN,
              SiblingRequest.SCHEME + " 9.0.0." + "0".repeat(64) + "." + "0".repeat(64))) {
        assertThat(sender.send("POST", session, authorization, new byte[0]).statusCode())
            .isEqualTo(401);
        assertThat(
                sender
                    .send("PUT", session + "/" + id, authorization, message.content())
                    .statusCode())
            .isEqualTo(401);
        assertThat(sender.send("POST", session + "/confirmed", authorization, ids).statusCode())
            .isEqualTo(401);
        assertThat(sender.send("DELETE", session, authorization, new byte[0]).statusCode())
            .isEqualTo(401);
      }
      assertThat(sender.begin().list()).startsWith(id);
      assertThat(taker.storage.queue.arrivals().unconfirmed()).hasSize(1);
    }
  }
}
