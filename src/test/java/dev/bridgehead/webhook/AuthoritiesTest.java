package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.webhook.Authorities.Lifetimes;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AuthoritiesTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Lifetimes LIFETIMES = Lifetimes.DEFAULT;
  private static final Duration OVERLAP = LIFETIMES.overlap();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Authorities first = Authorities.first(NOW, LIFETIMES, RANDOM);
  private final X509Certificate old = first.signing().certificate();

  @Test
  void stayAsTheyAreForTwoThirdsOfALife() {
    assertThat(step(first, NOW)).isSameAs(first);
    assertThat(step(first, NOW.plus(Duration.ofDays(243)))).isSameAs(first);
    assertThat(step(first, NOW.plus(Duration.ofDays(244)))).isNotSameAs(first);
  }

  @Test
  void trustTheNextOneBeforeItSignsAndTheOneBeforeForAWhileAfter() {
    Instant late = NOW.plus(Duration.ofDays(300));

    Authorities announced = step(first, late);
    assertThat(announced.signing()).isEqualTo(first.signing());
    X509Certificate next = announced.next().orElseThrow().authority().certificate();
    assertThat(announced.trusted()).containsExactly(old, next);

    assertThat(step(announced, late.plus(OVERLAP).minusSeconds(1))).isSameAs(announced);
    Authorities switched = step(announced, late.plus(OVERLAP));
    assertThat(switched.signing().certificate()).isEqualTo(next);
    assertThat(switched.trusted()).containsExactly(old, next);

    Instant end = late.plus(OVERLAP.multipliedBy(2));
    assertThat(step(switched, end.minusSeconds(1))).isSameAs(switched);
    assertThat(step(switched, end).trusted()).containsExactly(next);
  }

  @Test
  void waitWithSigningUntilTheApiServerWasTold() {
    Instant late = NOW.plus(Duration.ofDays(300));
    Authorities announced = step(first, late);

    Authorities waiting =
        announced.after(late.plus(OVERLAP.multipliedBy(9)), false, LIFETIMES, RANDOM);

    assertThat(waiting).isSameAs(announced);
  }

  @Test
  void beginAnewWhereNobodyWasThereInTime() {
    Authorities anew = step(first, NOW.plus(Duration.ofDays(366)));

    assertThat(anew.trusted()).hasSize(1).doesNotContain(old);
  }

  /** A node whose clock was wrong when it made it, and is right now. */
  @Test
  void beginAnewWhereTheOneThatSignsIsOfTheFuture() {
    Authorities future = Authorities.first(NOW.plus(Duration.ofDays(400)), LIFETIMES, RANDOM);

    Authorities anew = step(future, NOW);

    assertThat(anew.trusted()).hasSize(1).doesNotContain(future.signing().certificate());
    assertThat(ServerCertificate.validAt(anew.signing().certificate(), NOW)).isTrue();
  }

  @Test
  void bearClocksThatDifferByLessThanAnHour() {
    Instant behind = NOW.minus(Duration.ofMinutes(59));

    assertThat(step(first, behind)).isSameAs(first);
  }

  private static Authorities step(Authorities authorities, Instant now) {
    return authorities.after(now, true, LIFETIMES, RANDOM);
  }
}
