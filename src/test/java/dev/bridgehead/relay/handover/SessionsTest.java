package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.handover.Sessions.Standing;
import java.security.SecureRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is of use once, and how much of it is remembered. */
class SessionsTest {
  private static final UUID SPOOL = new UUID(0, 1);

  private final Sessions sessions = new Sessions(new SecureRandom());

  private String begin(UUID spool) {
    String session = "nonce." + sessions.challenge(spool);
    assertThat(sessions.begin(spool, session)).isTrue();
    return session;
  }

  @Test
  void aChallengeIsOfUseOnceToEachRelay() {
    String first = begin(SPOOL);
    String second = begin(SPOOL);

    assertThat(sessions.begin(SPOOL, first)).isFalse();
    assertThat(sessions.begin(SPOOL, second)).isFalse();
    assertThat(sessions.begin(SPOOL, "nonce.")).isFalse();
    assertThat(sessions.isLatest(SPOOL, second)).isTrue();
    assertThat(sessions.isLatest(SPOOL, first)).isFalse();
    assertThat(sessions.begin(new UUID(0, 2), first)).as("of another relay").isTrue();
  }

  @Test
  void aChallengeIsNotOfUseAgainOnceItsRelayIsForgotten() {
    String old = begin(SPOOL);
    for (int i = 0; i < Sessions.MOST; i++) {
      String unused = begin(new UUID(1, i));
    }

    assertThat(sessions.isLatest(SPOOL, old)).isFalse();
    assertThat(sessions.begin(SPOOL, old)).isFalse();
    assertThat(sessions.isLatest(SPOOL, begin(SPOOL))).isTrue();
  }

  @Test
  void whoOnlyAsksTakesNoRoom() {
    String session = begin(SPOOL);
    for (int i = 0; i < 2 * Sessions.MOST; i++) {
      String unused = sessions.challenge(new UUID(1, i));
    }

    assertThat(sessions.isLatest(SPOOL, session)).isTrue();
  }

  @Test
  void aNumberCountsOnceInWhateverOrderTheyCome() {
    String session = begin(SPOOL);

    for (long number : new long[] {7, 3, 8, 100_000, 100_001, 99_999}) {
      assertThat(sessions.standing(SPOOL, session, number)).isEqualTo(Standing.NEW);
      assertThat(sessions.standing(SPOOL, session, number)).isEqualTo(Standing.SEEN);
    }
    assertThat(sessions.standing(SPOOL, session, 3)).isEqualTo(Standing.SEEN);
    long oldest = 100_001 - Sessions.WINDOW + 1;
    assertThat(sessions.standing(SPOOL, session, oldest - 1)).isEqualTo(Standing.SEEN);
    assertThat(sessions.standing(SPOOL, session, oldest)).isEqualTo(Standing.NEW);
    assertThat(sessions.standing(SPOOL, begin(SPOOL), oldest)).isEqualTo(Standing.NEW);
    assertThat(sessions.standing(SPOOL, session, 200_000)).isEqualTo(Standing.OVER);
  }

  @Test
  void everyNumberOfALongSessionIsNew() {
    String session = begin(SPOOL);

    for (long number = 1; number <= 3L * Sessions.WINDOW; number++) {
      assertThat(sessions.standing(SPOOL, session, number)).isEqualTo(Standing.NEW);
    }
  }
}
