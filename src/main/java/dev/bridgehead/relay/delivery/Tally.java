package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an attempt has come to so far, recipient by recipient. Used by one thread. */
final class Tally {
  /** After so many sessions with a 4xx for it, a recipient waits for the next attempt. */
  private static final int MAX_REFUSALS = 2;

  private static final Diagnostic NOT_TRIED =
      new Diagnostic(
          Reason.LOCAL, new EnhancedStatus(4, 4, 0), "no next hop was tried", null, null);

  private final @Nullable Outcome[] settled;
  private final @Nullable Diagnostic[] last;
  private final @Nullable Diagnostic[] hopeless;
  private final int[] refusals;

  Tally(int recipients) {
    settled = new Outcome[recipients];
    last = new Diagnostic[recipients];
    hopeless = new Diagnostic[recipients];
    refusals = new int[recipients];
  }

  /** Recipients for whom another host may be asked. */
  List<Integer> open() {
    List<Integer> open = new ArrayList<>(settled.length);
    for (int i = 0; i < settled.length; i++) {
      if (open(i)) {
        open.add(i);
      }
    }
    return open;
  }

  boolean anyOpen() {
    for (int i = 0; i < settled.length; i++) {
      if (open(i)) {
        return true;
      }
    }
    return false;
  }

  private boolean open(int recipient) {
    return settled[recipient] == null && refusals[recipient] < MAX_REFUSALS;
  }

  void settle(int recipient, Outcome outcome) {
    settled[recipient] = outcome;
  }

  /** A 4xx. */
  void refuse(int recipient, Diagnostic why) {
    last[recipient] = why;
    refusals[recipient]++;
  }

  /**
   * No session, or none that came so far. What a host said is not forgotten for another one that
   * can't be reached: that would make all of them look dead. Where its status is permanent that
   * host will not do tomorrow either, but another one may.
   */
  void note(int recipient, Diagnostic why) {
    if (why.status().klass() == 5) {
      hopeless[recipient] = why;
      return;
    }
    Diagnostic before = last[recipient];
    if (refusals[recipient] == 0 && (before == null || reached(why) >= reached(before))) {
      last[recipient] = why;
    }
  }

  /** How far an attempt got that ended so. */
  private static int reached(Diagnostic why) {
    return switch (why.reason()) {
      case REPLY -> 2;
      case CONNECTION_LOST, TIMEOUT -> 1;
      case CONNECT,
          DEAD_HOST,
          GREETING,
          TLS,
          AUTH,
          DNS,
          NULL_MX,
          LOOP,
          EXPIRED,
          UNSUPPORTED,
          REQUIRETLS,
          LOCAL ->
          0;
    };
  }

  /**
   * One outcome per recipient. What is still open is deferred, unless there is no hope.
   *
   * @param allAsked every host that there is was asked
   */
  List<Outcome> outcomes(boolean allAsked) {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < settled.length; i++) {
      Outcome outcome = settled[i];
      outcomes.add(outcome != null ? outcome : outcome(last[i], hopeless[i], allAsked));
    }
    return outcomes;
  }

  private static Outcome outcome(
      @Nullable Diagnostic last, @Nullable Diagnostic hopeless, boolean allAsked) {
    if (last != null || hopeless == null) {
      return new Deferred(last == null ? NOT_TRIED : last);
    }
    return allAsked ? new Failed(hopeless) : new Deferred(forNow(hopeless));
  }

  private static Diagnostic forNow(Diagnostic why) {
    EnhancedStatus status = why.status();
    return new Diagnostic(
        why.reason(),
        new EnhancedStatus(4, status.subject(), status.detail()),
        why.text(),
        why.remoteMta(),
        why.reply());
  }
}
