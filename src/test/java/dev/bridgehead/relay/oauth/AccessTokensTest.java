package dev.bridgehead.relay.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bridgehead.manifest.TokenGrant;
import dev.bridgehead.relay.oauth.TokenServer.Asked;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a token endpoint that speaks HTTPS. */
class AccessTokensTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // which may overflow
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final TokenServer server = TokenServer.giving(3600);
  private final AccessTokens tokens = new AccessTokens(metrics, Duration.ofSeconds(20), now::get);

  AccessTokensTest() throws IOException {}

  @AfterEach
  void close() {
    server.close();
  }

  private TokenGrant client(String secret) {
    return grant(server.address(), "relay", secret, null, null);
  }

  private TokenGrant refreshing(@Nullable String secret) {
    return grant(server.address(), "relay", secret, "refresh-1", null);
  }

  private static TokenGrant grant(
      URI endpoint,
      String id,
      @Nullable String secret,
      @Nullable String refreshToken,
      @Nullable String scope) {
    return new TokenGrant(endpoint, id, secret, refreshToken, scope, List.of(TokenServer.root()));
  }

  private void after(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private String failure(TokenGrant grant) {
    return failure(tokens, grant);
  }

  private static String failure(AccessTokens tokens, TokenGrant grant) {
    NoTokenException e = catchThrowableOfType(NoTokenException.class, () -> tokens.token(grant));
    return String.valueOf(e.getMessage());
  }

  private double counted(String result) {
    return metrics.get("bridgehead.access.tokens").tag("result", result).counter().count();
  }

  @Test
  void asksWithTheClientsOwnCredentialsWhereThereIsNoRefreshToken() throws Exception {
    TokenGrant grant = grant(server.address(), "re:lay", "s+1/ü", null, "https://mail/.default");

    assertThat(tokens.token(grant)).isEqualTo("token-1");

    String basic =
        URLEncoder.encode("re:lay", StandardCharsets.UTF_8)
            + ":"
            + URLEncoder.encode("s+1/ü", StandardCharsets.UTF_8);
    assertThat(server.asked())
        .containsExactly(
            new Asked(
                "Basic " + Base64.getEncoder().encodeToString(basic.getBytes()),
                "grant_type=client_credentials&scope=https%3A%2F%2Fmail%2F.default"));
  }

  @Test
  void asksWithARefreshTokenAsAPublicClientToo() throws Exception {
    assertThat(tokens.token(refreshing(null))).isEqualTo("token-1");
    assertThat(server.asked())
        .containsExactly(
            new Asked("", "grant_type=refresh_token&refresh_token=refresh-1&client_id=relay"));
  }

  @Test
  void asksOnceForAllWhoNeedOneAtATime() throws Exception {
    CountDownLatch there = new CountDownLatch(1);
    server.answer(
        exchange -> {
          there.await();
          TokenServer.answering(200, TokenServer.token("one", 3600)).to(exchange);
        });
    Callable<String> need = () -> tokens.token(client("s"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> all =
          IntStream.range(0, 20).mapToObj(i -> threads.submit(need)).toList();
      there.countDown();
      for (Future<String> each : all) {
        assertThat(each.get()).isEqualTo("one");
      }
    }
    assertThat(server.asked()).hasSize(1);
    assertThat(counted("given")).isOne();
  }

  @Test
  void keepsTokensOfDifferentGrantsApart() throws Exception {
    assertThat(tokens.token(client("old"))).isEqualTo("token-1");
    assertThat(tokens.token(client("new"))).isEqualTo("token-2");
    assertThat(tokens.token(client("old"))).isEqualTo("token-1");
  }

  @Test
  void renewsAMinuteBeforeTheEnd() throws Exception {
    assertThat(tokens.token(client("s"))).isEqualTo("token-1");
    after(Duration.ofSeconds(3539));
    assertThat(tokens.token(client("s"))).isEqualTo("token-1");
    after(Duration.ofSeconds(1));
    assertThat(tokens.token(client("s"))).isEqualTo("token-2");
  }

  @Test
  void usesUpATokenWhileNoOtherIsGiven() throws Exception {
    assertThat(tokens.token(client("s"))).isEqualTo("token-1");
    server.answer(TokenServer.answering(503, ""));
    after(Duration.ofSeconds(3550));
    assertThat(tokens.token(client("s"))).isEqualTo("token-1");
    assertThat(server.asked()).hasSize(2);
    after(Duration.ofSeconds(50));
    assertThat(failure(client("s"))).isEqualTo(server.address() + " answers 503");
  }

  @Test
  void asksAgainAfterAFailureButNotAtOnce() throws Exception {
    server.answer(TokenServer.answering(500, "{}"));
    assertThat(failure(client("s"))).endsWith("answers 500");
    assertThat(failure(client("s"))).endsWith("answers 500");
    assertThat(server.asked()).hasSize(1);
    server.answer(TokenServer.answering(200, TokenServer.token("late", 60)));
    after(Duration.ofSeconds(15));
    assertThat(tokens.token(client("s"))).isEqualTo("late");
    assertThat(counted("failed")).isOne();
  }

  @Test
  void asksForAnotherWhereASmartHostRefusedOne() throws Exception {
    assertThat(tokens.token(client("s"))).isEqualTo("token-1");
    tokens.refused(client("s"));
    assertThat(tokens.token(client("s"))).as("given just now").isEqualTo("token-1");
    after(Duration.ofSeconds(15));
    tokens.refused(client("s"));
    assertThat(tokens.token(client("s"))).isEqualTo("token-2");
  }

  @Test
  void goesOnWithTheRefreshTokenThatReplacedTheFirst() throws Exception {
    server.answer(
        TokenServer.answering(
            200,
            "{\"token_type\":\"bearer\",\"access_token\":\"a\",\"refresh_token\":\"refresh-2\"}"));
    assertThat(tokens.token(refreshing("s"))).isEqualTo("a");
    after(Duration.ofSeconds(300)); // for as long as the server doesn't say
    assertThat(tokens.token(refreshing("s"))).isEqualTo("a");
    assertThat(server.asked())
        .extracting(Asked::form)
        .containsExactly(
            "grant_type=refresh_token&refresh_token=refresh-1",
            "grant_type=refresh_token&refresh_token=refresh-2");
  }

  @Test
  void tellsManyTheErrorAndTheLogWhatTheServerSaysOfIt() {
    server.answer(
        TokenServer.answering(
            400,
            "{\"error\":\"invalid_grant\",\"error_description\":\"AADSTS70008: expired\\r\\nTrace\"}"));
    NoTokenException e =
        catchThrowableOfType(NoTokenException.class, () -> tokens.token(client("s")));
    assertThat(e).hasMessage(server.address() + " answers 400 invalid_grant");

    assertThatThrownBy(() -> new TokenEndpoint(Duration.ofSeconds(10)).ask(client("s"), null))
        .isInstanceOfSatisfying(
            NoTokenException.class,
            fresh -> assertThat(fresh.detail()).isEqualTo("AADSTS70008: expired Trace"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"access_token\":\"a\"}|gives a token that is no bearer token",
        "{\"access_token\":\"a\",\"token_type\":\"mac\"}|gives a token that is no bearer token",
        "{\"token_type\":\"bearer\"}|answers 200 without an access_token that can be sent",
        "{\"token_type\":\"bearer\",\"access_token\":\"a\\u0001b\"}|answers 200 without an access_token that can be sent",
        "[]|answers 200 without an access_token that can be sent",
        "<html>|answers 200 without an access_token that can be sent",
        "''|answers 200 without an access_token that can be sent"
      })
  void takesNothingForATokenThatIsNone(String answer, String why) {
    server.answer(TokenServer.answering(200, answer));
    assertThat(failure(client("s"))).isEqualTo(server.address() + " " + why);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 307, 308})
  void followsNoRedirect(int status) {
    server.answer(
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(status, -1);
        });
    assertThat(failure(client("s"))).endsWith("answers " + status);
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void readsNoEndlessAnswer() {
    server.answer(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          byte[] blanks = " ".repeat(8192).getBytes();
          for (int i = 0; i < 10; i++) {
            exchange.getResponseBody().write(blanks);
          }
        });
    assertThat(failure(client("s"))).contains("can't be asked");
  }

  @Test
  void waitsForNoServerThatSaysNothing() {
    CountDownLatch over = new CountDownLatch(1);
    server.answer(exchange -> over.await());
    AccessTokens impatient = new AccessTokens(metrics, Duration.ofMillis(300), now::get);
    assertThat(failure(impatient, client("s"))).contains("has not answered within");
    over.countDown();
  }

  @Test
  void saysNothingToAServerThatIsNotCertified() {
    TokenGrant system = new TokenGrant(server.address(), "relay", "s", null, null, List.of());
    assertThat(failure(system)).contains("can't be asked").contains("certification path");
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void tellsThatNobodyListens() throws Exception {
    URI gone = server.address();
    server.close();
    assertThat(failure(grant(gone, "relay", "s", null, null)))
        .isEqualTo(gone + " can't be asked: connection refused");
  }

  @Test
  void showsNoSecretInItsText() {
    assertThat(grant(server.address(), "relay", "hush", "mum", null).toString())
        .doesNotContain("hush")
        .doesNotContain("mum");
  }
}
