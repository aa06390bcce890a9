package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.delivery.RecipientResult.Refused;
import dev.bridgehead.relay.delivery.RecipientResult.Settled;
import dev.bridgehead.relay.delivery.RecipientResult.Surplus;
import dev.bridgehead.relay.delivery.RecipientResult.Unserved;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.NextHop;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One attempt on its way from next hop to next hop. Used once, by one thread. */
final class Errand {
  private static final EnhancedStatus BAD_RECIPIENT = new EnhancedStatus(5, 1, 3);
  private static final EnhancedStatus BAD_SENDER = new EnhancedStatus(5, 1, 7);
  private static final EnhancedStatus LOST = new EnhancedStatus(4, 4, 2);

  private final List<MailAddress> recipients;
  private final Parcel parcel;
  private final Attempt.Progress progress;
  private final Sessions sessions;
  private final Tally tally;

  /** Sessions with next hops. */
  interface Sessions {
    /** One that is kept with a next hop of the first choice; null where there is none. */
    @Nullable SmtpConnection kept();

    /** The next hops in the order in which to open sessions. */
    List<NextHop> order();

    /** One that is kept with this next hop, else a new one. */
    SmtpConnection open(NextHop hop) throws SessionFailure;

    /**
     * Takes back one that is still good.
     *
     * @param clean a transaction has just left it as it was before
     */
    void done(SmtpConnection connection, boolean clean);

    /** There are no other next hops, which can't be asked at present. */
    boolean whole();

    /** No more are to be opened. */
    boolean closed();
  }

  Errand(Attempt attempt, Sessions sessions) {
    this.recipients = attempt.recipients();
    this.parcel = new Parcel(attempt.envelope(), attempt.size(), attempt.content());
    this.progress = attempt.progress();
    this.sessions = sessions;
    this.tally = new Tally(recipients.size());
    screen(attempt.envelope().reversePath() instanceof MailAddress from && !speakable(from));
  }

  /** What can't stand in a command is nobody's address. */
  private void screen(boolean badSender) {
    for (int i = 0; i < recipients.size(); i++) {
      if (badSender) {
        fail(i, BAD_SENDER, "the sender's address has control characters");
      } else if (!speakable(recipients.get(i))) {
        fail(i, BAD_RECIPIENT, "the address has control characters");
      }
    }
  }

  private static boolean speakable(MailAddress address) {
    return address.toString().chars().noneMatch(c -> c < ' ' || c == 0x7f);
  }

  private void fail(int recipient, EnhancedStatus status, String text) {
    tally.settle(
        recipient, new Outcome.Failed(new Diagnostic(Reason.LOCAL, status, text, null, null)));
  }

  /** One outcome per recipient, in their order. */
  List<Outcome> run() {
    NextHop visited = visitKept();
    List<NextHop> order = more() ? sessions.order() : List.of();
    for (NextHop hop : order) {
      if (!more()) {
        break;
      }
      if (!hop.equals(visited)) {
        visit(hop);
      }
    }
    return tally.outcomes(sessions.whole() && !sessions.closed());
  }

  private boolean more() {
    return tally.anyOpen() && !sessions.closed();
  }

  /** The next hop whose kept session was used; null where none was of use. */
  private @Nullable NextHop visitKept() {
    while (more()) {
      SmtpConnection kept = sessions.kept();
      if (kept == null) {
        return null;
      }
      if (use(kept, tally.open())) {
        return kept.asked().hop();
      }
    }
    return null;
  }

  private void visit(NextHop hop) {
    List<Integer> open = tally.open();
    try {
      while (!use(sessions.open(hop), open)) {
        // It was kept too long. Another one, kept or new, takes its place: there is an end to them.
        continue;
      }
    } catch (SessionFailure e) {
      open.forEach(recipient -> tally.note(recipient, e.why()));
    }
  }

  /** Serves all; false where the session was found dead before anything had happened. */
  private boolean use(SmtpConnection connection, List<Integer> open) {
    End end = End.BROKEN;
    try {
      end = serve(connection, fit(connection, open));
    } finally {
      switch (end) {
        case CLEAN -> sessions.done(connection, true);
        case DIRTY -> sessions.done(connection, false);
        case BROKEN, DEAD -> connection.close();
      }
    }
    return end != End.DEAD;
  }

  /** Fails those whom this peer can't be told of; the others' mail goes. */
  private Deque<Integer> fit(SmtpConnection connection, List<Integer> open) {
    Deque<Integer> fit = new ArrayDeque<>();
    for (int recipient : open) {
      Diagnostic unfit =
          Parcel.unfit(connection.peer(), connection.capabilities(), recipients.get(recipient));
      if (unfit == null) {
        fit.add(recipient);
      } else {
        tally.settle(recipient, new Outcome.Failed(unfit));
      }
    }
    return fit;
  }

  /** How a session was left. */
  private enum End {
    CLEAN,
    DIRTY,
    BROKEN,
    DEAD
  }

  /** As many transactions as it takes. */
  private End serve(SmtpConnection connection, Deque<Integer> waiting) {
    boolean dirty = false;
    while (!waiting.isEmpty()) {
      if (dirty && !reset(connection, waiting)) {
        return End.BROKEN;
      }
      List<Integer> batch = new ArrayList<>();
      while (!waiting.isEmpty() && batch.size() < Transaction.MAX_RECIPIENTS) {
        batch.add(waiting.removeFirst());
      }
      Transaction transaction =
          new Transaction(connection, parcel, batch.stream().map(recipients::get).toList());
      List<RecipientResult> results = transaction.run();
      if (transaction.foundConnectionDead()) {
        return End.DEAD;
      }
      for (int i = 0; i < batch.size(); i++) {
        take(batch.get(i), results.get(i), waiting);
      }
      report(batch, results);
      if (!transaction.leavesConnectionUsable()) {
        Diagnostic why = lost(connection, results);
        waiting.forEach(recipient -> tally.note(recipient, why));
        return End.BROKEN;
      }
      dirty = transaction.leavesConnectionDirty();
    }
    return dirty ? End.DIRTY : End.CLEAN;
  }

  /** Why those still waiting are not served either. */
  private static Diagnostic lost(SmtpConnection connection, List<RecipientResult> results) {
    return switch (results.getLast()) {
      case Unserved(Diagnostic why) -> why;
      case Settled(Outcome.Deferred(Diagnostic why)) -> why;
      default ->
          connection
              .peer()
              .here(Reason.CONNECTION_LOST, LOST, "the session ended before its turn", null);
    };
  }

  private void take(int recipient, RecipientResult result, Deque<Integer> waiting) {
    switch (result) {
      case Settled(Outcome outcome) -> tally.settle(recipient, outcome);
      case Refused(Diagnostic why) -> tally.refuse(recipient, why);
      case Unserved(Diagnostic why) -> tally.note(recipient, why);
      case Surplus(Diagnostic why) -> {
        tally.note(recipient, why);
        waiting.addLast(recipient);
      }
    }
  }

  /** Where nobody is left the attempt's end says the same in a moment. */
  private void report(List<Integer> batch, List<RecipientResult> results) {
    if (!tally.anyOpen()) {
      return;
    }
    Map<Integer, Outcome.Delivered> delivered = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      if (results.get(i) instanceof Settled(Outcome.Delivered outcome)) {
        delivered.put(batch.get(i), outcome);
      }
    }
    if (!delivered.isEmpty()) {
      progress.delivered(delivered);
    }
  }

  private boolean reset(SmtpConnection connection, Deque<Integer> waiting) {
    Diagnostic why;
    try {
      var reply = connection.exchange(Command.of("RSET"));
      if (reply.positive()) {
        return true;
      }
      why = connection.peer().said(Reason.REPLY, LOST, "RSET", reply);
    } catch (IOException e) {
      why = connection.peer().broke(LOST, "lost during RSET", e);
    }
    for (int recipient : waiting) {
      tally.note(recipient, why);
    }
    return false;
  }
}
