package dev.bridgehead.relay.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PasswordExchangesTest {
  private static final Users USERS = Accept.users("shop@example.com", "correct horse", "tim", "t");

  private static Turn plain(String message) {
    return Accept.play(
        Accept.exchange(Mechanism.PLAIN, USERS, null), List.of(message.replace('|', '\0')));
  }

  @ParameterizedTest
  @CsvSource({
    "|shop@example.com|correct horse, shop@example.com",
    "shop@example.com|shop@example.com|correct horse, shop@example.com",
    "|tim|t, tim",
  })
  void plainTakesTheRightPassword(String message, String user) {
    assertThat(plain(message)).isEqualTo(new Accepted(user));
  }

  @Test
  void passwordsAreComparedInOneForm() {
    assertThat(plain("|shop@example.com|correct\u00A0ho\u00ADrse"))
        .isEqualTo(new Accepted("shop@example.com"));
  }

  @ParameterizedTest
  @CsvSource({
    "|shop@example.com|wrong, shop@example.com, BAD_CREDENTIALS",
    "|nobody|correct horse, nobody, BAD_CREDENTIALS",
    "tim|shop@example.com|correct horse, shop@example.com, BAD_CREDENTIALS",
    "|SHOP@example.com|correct horse, SHOP@example.com, BAD_CREDENTIALS",
    "shop@example.com|correct horse, '', MALFORMED",
    "||shop@example.com|correct horse, '', MALFORMED",
    "|shop@example.com|correct horse|, '', MALFORMED",
    "|shop@example.com|, '', MALFORMED",
    "||correct horse, '', MALFORMED",
    "'', '', MALFORMED",
  })
  void plainRefusesAllElse(String message, String name, Reason reason) {
    assertThat(plain(message))
        .isInstanceOfSatisfying(
            Rejected.class,
            rejected -> {
              assertThat(rejected.why()).isEqualTo(reason);
              assertThat(rejected.name()).isEqualTo(name);
              assertThat(rejected.toString()).doesNotContain("correct", "wrong");
            });
  }

  @Test
  void plainRefusesWhatIsNoText() {
    Exchange exchange = Accept.exchange(Mechanism.PLAIN, USERS, null);
    byte[] latin1 = "\0tim\0m\u00fc".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(exchange.respond(latin1)).isEqualTo(new Rejected(Reason.MALFORMED, "", ""));
  }

  @Test
  void loginAsksForNameAndPassword() {
    Exchange exchange = Accept.exchange(Mechanism.LOGIN, USERS, null);

    assertThat(Accept.text(exchange.begin())).isEqualTo("Username:");
    assertThat(Accept.text(Accept.play(exchange, List.of("tim")))).isEqualTo("Password:");
    assertThat(Accept.play(exchange, List.of("t"))).isEqualTo(new Accepted("tim"));
  }

  @ParameterizedTest
  @CsvSource({"tim, x, BAD_CREDENTIALS", "tim, '', MALFORMED", "'', t, MALFORMED"})
  void loginRefusesAllElse(String name, String password, Reason reason) {
    Turn turn = Accept.play(Accept.exchange(Mechanism.LOGIN, USERS, null), List.of(name, password));

    assertThat(turn)
        .isInstanceOfSatisfying(Rejected.class, r -> assertThat(r.why()).isEqualTo(reason));
  }

  @Test
  void aNameThatThereIsNotHasTheSameSaltEveryTimeAndEverywhere() {
    Users here = Accept.users("a", "1", "b", "2");
    Users there = Accept.users("b", "2", "a", "1");

    assertThat(here.find("nobody").known()).isFalse();
    assertThat(here.find("nobody")).isEqualTo(there.find("nobody"));
    assertThat(here.find("nobody").password().salt())
        .hasSameSizeAs(here.find("a").password().salt())
        .isNotEqualTo(here.find("anybody").password().salt());
    assertThat(Accept.users("a", "3").find("nobody")).isNotEqualTo(here.find("nobody"));
  }

  @Test
  void aCheckThatWouldWaitTooLongIsPutOff() throws Exception {
    PasswordChecks checks = new PasswordChecks(1, Duration.ofMillis(1));
    Users slow = new Users(Map.of("tim", Scram.store("t", new byte[16], 600_000)));
    int clients = 4;
    CountDownLatch together = new CountDownLatch(clients);
    Callable<Turn> client =
        () -> {
          together.countDown();
          together.await();
          return checks.check(slow, "tim", "t");
        };
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Turn> all = new ArrayList<>();
      for (Future<Turn> turn : threads.invokeAll(Collections.nCopies(clients, client))) {
        all.add(turn.get());
      }
      assertThat(all).contains(new Accepted("tim"));
      assertThat(all)
          .filteredOn(Rejected.class::isInstance)
          .isNotEmpty()
          .allSatisfy(turn -> assertThat(((Rejected) turn).why()).isEqualTo(Reason.NOT_NOW));
    }
    assertThat(checks.check(slow, "tim", "t")).isEqualTo(new Accepted("tim"));
  }
}
