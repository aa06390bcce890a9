package dev.bridgehead.relay.handover;

import dev.bridgehead.manifest.TokenProof;
import java.security.SecureRandom;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The latest session of each relay that hands over here, and what makes the next one new: a
 * challenge, which is of use once. Only a relay that proved to know the token takes room, and there
 * is a bound to that too. Any thread.
 *
 * <p>A session's name is the sender's nonce, a dot, and the challenge it was given.
 */
final class Sessions {
  /** Relays that are remembered; one more ends the session that was unused for longest. */
  static final int MOST = 1024;

  /** A request so many numbers late is taken for one that came twice. */
  static final int WINDOW = 1 << 14;

  private final SecureRandom random;
  private final Map<UUID, Session> latest = new LinkedHashMap<>(16, 0.75f, true);

  /** The challenge of a relay without a session. */
  private String first;

  Sessions(SecureRandom random) {
    this.random = random;
    this.first = TokenProof.nonce(random);
  }

  /** How a request stands to the latest session. */
  enum Standing {
    /** Of that session, and the first of its number. */
    NEW,
    /** Of that session, and it was there before, or is too late to tell. */
    SEEN,
    /** Of another session. */
    OVER
  }

  private static final class Session {
    final String name;
    final String nextChallenge;
    private final BitSet seen = new BitSet();
    private long highest;

    Session(String name, String nextChallenge) {
      this.name = name;
      this.nextChallenge = nextChallenge;
    }

    boolean firstOf(long number) {
      if (number <= highest - WINDOW) {
        return false;
      }
      for (long passed = Math.max(highest, number - WINDOW); passed < number; passed++) {
        seen.clear(slot(passed + 1));
      }
      highest = Math.max(highest, number);
      boolean before = seen.get(slot(number));
      seen.set(slot(number));
      return !before;
    }

    private static int slot(long number) {
      return (int) (number % WINDOW);
    }
  }

  /** What the next session of this relay must answer to. */
  synchronized String challenge(UUID spool) {
    Session session = latest.get(spool);
    return session == null ? first : session.nextChallenge;
  }

  /**
   * Ends the relay's session and begins another.
   *
   * @return false where its challenge was used before, or is none: nothing is changed
   */
  synchronized boolean begin(UUID spool, String name) {
    if (!name.endsWith("." + challenge(spool))) {
      return false;
    }
    latest.put(spool, new Session(name, TokenProof.nonce(random)));
    if (latest.size() > MOST) {
      latest.remove(latest.keySet().iterator().next());
      first = TokenProof.nonce(random); // it may have begun with the old one
    }
    return true;
  }

  /** Takes note of a request's number. */
  synchronized Standing standing(UUID spool, String name, long number) {
    Session session = latest.get(spool);
    if (session == null || !session.name.equals(name)) {
      return Standing.OVER;
    }
    return session.firstOf(number) ? Standing.NEW : Standing.SEEN;
  }

  synchronized boolean isLatest(UUID spool, String name) {
    @Nullable Session session = latest.get(spool);
    return session != null && session.name.equals(name);
  }
}
