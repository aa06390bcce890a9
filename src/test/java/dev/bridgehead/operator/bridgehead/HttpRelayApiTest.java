package dev.bridgehead.operator.bridgehead;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.operator.model.PodState;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpRelayApiTest {
  private static final String STATE =
      """
      {"pod": "c-edge-2", "hash": "abc", "generation": 3, "ready": true, "queued": 12,
       "oldest": "2026-01-01T00:00:00Z", "loops": ["a loop"], "unresolved": ["a name"],
       "refused": ["an address"],
       "deferral": {"messages": 10, "nextHop": "b.example", "reason": "auth", "status": "4.7.8",
                    "text": "b.example said: 535 5.7.8"}}
      """;

  @SuppressWarnings("NullAway.Init") // set before each test
  private HttpServer relay;

  private final List<String> shown = new CopyOnWriteArrayList<>();
  private volatile String answer = STATE;
  private volatile String knownToken = "token";

  /** False: whoever has the address now answers anybody, with this for a proof. */
  private volatile boolean strict = true;

  private volatile String forged = "";

  @BeforeEach
  void startRelay() throws IOException {
    relay = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    relay.createContext(
        "/v1/state",
        exchange -> {
          shown.addAll(
              exchange.getRequestHeaders().values().stream().map(Object::toString).toList());
          String question = exchange.getRequestHeaders().getFirst("Authorization");
          Optional<String> nonce =
              Stream.of("c-edge-1", "c-edge-2")
                  .flatMap(pod -> TokenProof.accepted(question, knownToken, pod).stream())
                  .findFirst();
          boolean known = nonce.isPresent() || !strict;
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          nonce.ifPresent(
              it ->
                  exchange
                      .getResponseHeaders()
                      .set(TokenProof.ANSWER_FIELD, TokenProof.answer(knownToken, it, body)));
          if (!strict) {
            exchange.getResponseHeaders().set(TokenProof.ANSWER_FIELD, forged);
          }
          exchange.sendResponseHeaders(known ? 200 : 401, known ? body.length : -1);
          if (known) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    relay.start();
  }

  @AfterEach
  void stopRelay() {
    relay.stop(0);
  }

  @Test
  void readsTheState() {
    assertThat(api().state("c-edge-2", "127.0.0.1", "token"))
        .contains(
            new PodState(
                "abc",
                3,
                true,
                12,
                "2026-01-01T00:00:00Z",
                0,
                List.of("a loop"),
                List.of("a name"),
                List.of("an address"),
                new Deferral(10L, "b.example", "auth", "4.7.8", "b.example said: 535 5.7.8"),
                PodState.Draining.NONE));
  }

  @Test
  void readsAnEmptyQueue() {
    answer =
        "{\"pod\":\"c-edge-2\",\"hash\":\"abc\",\"generation\":3,\"ready\":true,\"queued\":0,\"oldest\":null}";

    assertThat(api().state("c-edge-2", "127.0.0.1", "token"))
        .contains(
            new PodState(
                "abc",
                3,
                true,
                0,
                null,
                0,
                List.of(),
                List.of(),
                List.of(),
                null,
                PodState.Draining.NONE));
  }

  @Test
  void readsThatNamesWereNotLookedUpYet() {
    answer = STATE.replace("[\"a name\"]", "null");

    assertThat(api().state("c-edge-2", "127.0.0.1", "token"))
        .hasValueSatisfying(state -> assertThat(state.unresolved()).isNull());
  }

  @Test
  void readsHowManyMessagesAreDamaged() {
    answer =
        "{\"pod\":\"c-edge-2\",\"hash\":\"abc\",\"generation\":3,\"ready\":true,\"queued\":0,\"quarantined\":2}";

    assertThat(api().state("c-edge-2", "127.0.0.1", "token"))
        .contains(
            new PodState(
                "abc",
                3,
                true,
                0,
                null,
                2,
                List.of(),
                List.of(),
                List.of(),
                null,
                PodState.Draining.NONE));
  }

  @Test
  void takesNoLongerReasonThanAStatusHolds() {
    answer =
        STATE
            .replace("b.example said", "\uD83D\uDE00".repeat(10_000))
            .replace("\"b.example\"", "\"" + "n".repeat(10_000) + "\"");

    assertThat(api().state("c-edge-2", "127.0.0.1", "token").orElseThrow().deferral())
        .isEqualTo(new Deferral(10L, "n".repeat(253), "auth", "4.7.8", "\uD83D\uDE00".repeat(256)));
  }

  @Test
  void knowsNothingOfARelayThatRefusesTheToken() {
    assertThat(api().state("c-edge-2", "127.0.0.1", "other")).isEmpty();
  }

  @Test
  void showsTheTokenToNobodyAndBelievesNobodyWhoDoesNotKnowIt() {
    String token = "0123456789abcdef".repeat(4);
    strict = false;
    knownToken = "another";
    answer = STATE.replace("\"queued\": 12", "\"queued\": 0, \"drain\": \"empty\"");
    byte[] body = answer.getBytes(StandardCharsets.UTF_8);

    assertThat(api().state("c-edge-2", "127.0.0.1", token)).isEmpty();
    forged = TokenProof.answer(token, "0".repeat(32), body);
    assertThat(api().state("c-edge-2", "127.0.0.1", token)).as("of another question").isEmpty();
    assertThat(shown).isNotEmpty().noneMatch(field -> field.contains(token));
  }

  @Test
  void takesTheWordOfThePodThatWasAskedOnly() {
    answer = STATE.replace("\"queued\": 12", "\"queued\": 0, \"drain\": \"empty\"");

    assertThat(api().state("c-edge-2", "127.0.0.1", "token"))
        .hasValueSatisfying(state -> assertThat(state.drain()).isEqualTo(PodState.Draining.EMPTY));
    assertThat(api().state("c-edge-1", "127.0.0.1", "token"))
        .as("an address that c-edge-2 has now")
        .isEmpty();

    answer = answer.replace("\"pod\": \"c-edge-2\", ", "");

    assertThat(api().state("c-edge-2", "127.0.0.1", "token"))
        .as("one that does not say who it is")
        .isEmpty();
  }

  /** A node that is lost in the middle of an answer, or a stranger that has the address now. */
  @Test
  @Timeout(30)
  void waitsForNoAnswerThatDoesNotEnd() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(() -> beginToAnswer(silent));

      assertThat(new HttpRelayApi(silent.getLocalPort()).state("c-edge-2", "127.0.0.1", "token"))
          .isEmpty();
    }
  }

  private static void beginToAnswer(ServerSocket server) {
    try (Socket asked = server.accept()) {
      asked
          .getOutputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n{".getBytes(US_ASCII));
      asked.getInputStream().transferTo(OutputStream.nullOutputStream());
    } catch (IOException closed) {
      // the asker has had enough
    }
  }

  @Test
  void knowsNothingOfARelayThatIsNotThere() {
    int port = relay.getAddress().getPort();
    relay.stop(0);

    assertThat(new HttpRelayApi(port).state("c-edge-2", "127.0.0.1", "token")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "null",
        "{\"pod\":\"c-edge-2\",\"hash\":\"abc\"}",
        "{\"pod\":\"c-edge-2\",\"queued\":1}"
      })
  void knowsNothingOfAnAnswerThatIsNoState(String text) {
    answer = text;

    assertThat(api().state("c-edge-2", "127.0.0.1", "token")).isEmpty();
  }

  private HttpRelayApi api() {
    return new HttpRelayApi(relay.getAddress().getPort());
  }
}
