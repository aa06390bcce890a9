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
import dev.bridgehead.relay.mail.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One MAIL, some RCPT, one DATA. Every recipient gets a result, whatever the peer does; used once,
 * by one thread.
 */
final class Transaction {
  /** RFC 5321 §4.5.3.1.8: every server takes as many. */
  static final int MAX_RECIPIENTS = 100;

  private static final EnhancedStatus REFUSED = new EnhancedStatus(4, 0, 0);
  private static final EnhancedStatus REJECTED = new EnhancedStatus(5, 0, 0);
  private static final EnhancedStatus LOST = new EnhancedStatus(4, 4, 2);
  private static final EnhancedStatus LOCAL = new EnhancedStatus(4, 3, 0);
  private static final int CLOSING = 421;
  private static final int GO_AHEAD = 354;

  private final SmtpConnection connection;
  private final Peer peer;
  private final Parcel parcel;
  private final List<MailAddress> recipients;
  private final @Nullable RecipientResult[] results;
  private boolean usable = true;
  private boolean needsReset = true;
  private boolean stale;

  /**
   * @param recipients 1 to {@link #MAX_RECIPIENTS}
   */
  Transaction(SmtpConnection connection, Parcel parcel, List<MailAddress> recipients) {
    this.connection = connection;
    this.peer = connection.peer();
    this.parcel = parcel;
    this.recipients = recipients;
    this.results = new RecipientResult[recipients.size()];
  }

  /** Whether the connection can take another transaction. */
  boolean leavesConnectionUsable() {
    return usable;
  }

  /** Whether that one must begin with RSET. */
  boolean leavesConnectionDirty() {
    return needsReset;
  }

  /**
   * Whether a kept connection turned out to be dead before MAIL was answered: nothing has happened,
   * and the results mean nothing.
   */
  boolean foundConnectionDead() {
    return stale;
  }

  /** Runs it; one result per recipient, in their order. */
  List<RecipientResult> run() {
    try (Wire.Guard _ = connection.guard(connection.timeouts().transactionOf(parcel.size()))) {
      Diagnostic unfit = parcel.unfit(peer, connection.capabilities());
      if (unfit != null) {
        needsReset = false;
        settleOpen(new Settled(new Outcome.Failed(unfit)));
      } else {
        converse();
      }
    } catch (IOException e) {
      // Ours alone: what the peer breaks is dealt with where it breaks.
      usable = false;
      settleOpen(new Settled(new Outcome.Deferred(unreadable(e))));
    }
    if (anyAccepted()) {
      settleOpen(new Unserved(lost("the session", new ProtocolFault("no result"))));
    }
    List<RecipientResult> all = new ArrayList<>();
    for (RecipientResult result : results) {
      if (result != null) {
        all.add(result);
      }
    }
    connection.transacted();
    return all;
  }

  private void converse() throws IOException {
    byte[] whole = parcel.whole();
    if (whole != null) {
      converse(stream -> stream.copy(whole));
      return;
    }
    try (InputStream content = parcel.open()) {
      converse(stream -> stream.copy(content));
    }
  }

  private void converse(Content content) throws IOException {
    Capabilities peers = connection.capabilities();
    List<Command> commands = new ArrayList<>(recipients.size() + 2);
    commands.add(parcel.mail(peer, peers, recipients));
    recipients.forEach(recipient -> commands.add(parcel.rcpt(peers, recipient)));
    commands.add(Command.of("DATA"));
    boolean ready =
        peers.pipelining() ? send(commands) && pipelined() : oneByOne(new ArrayDeque<>(commands));
    if (ready) {
      transmit(content);
    }
  }

  /** RFC 2920: all replies are read, whatever the first ones say. Whether content is awaited. */
  private boolean pipelined() {
    Reply mail = read("MAIL");
    if (mail == null) {
      return false;
    }
    boolean begun = judgeMail(mail);
    for (int i = 0; i < recipients.size() && usable; i++) {
      Reply reply = read("RCPT");
      if (reply != null && begun) {
        judgeRcpt(i, reply);
      }
    }
    Reply data = usable ? read("DATA", connection.timeouts().dataInitiation()) : null;
    return data != null && judgeData(data);
  }

  private boolean oneByOne(Deque<Command> commands) {
    Reply reply = send(List.of(commands.removeFirst())) ? read("MAIL") : null;
    if (reply == null || !judgeMail(reply)) {
      return false;
    }
    for (int i = 0; i < recipients.size() && usable; i++) {
      Reply answer = send(List.of(commands.removeFirst())) ? read("RCPT") : null;
      if (answer != null) {
        judgeRcpt(i, answer);
      }
    }
    if (!usable || !anyAccepted()) {
      return false;
    }
    Reply go =
        send(List.of(commands.removeFirst()))
            ? read("DATA", connection.timeouts().dataInitiation())
            : null;
    return go != null && judgeData(go);
  }

  private boolean judgeMail(Reply reply) {
    stale = closes(reply) && connection.unproven();
    connection.proven();
    if (reply.positive()) {
      return true;
    }
    refuse("MAIL", reply);
    return false;
  }

  private void judgeRcpt(int index, Reply reply) {
    if (reply.positive()) {
      return;
    }
    if (closes(reply) || outOfStep(reply)) {
      refuse("RCPT", reply);
    } else if (anyAcceptedBefore(index) && tooMany(reply)) {
      results[index] = new Surplus(peer.said(Reason.REPLY, REFUSED, "RCPT", reply));
    } else {
      results[index] = verdict("RCPT", reply);
    }
  }

  /** 452 and 552 mean "too many" unless the enhanced status speaks of the mailbox. */
  private static boolean tooMany(Reply reply) {
    EnhancedStatus status = reply.status();
    boolean mailbox = status != null && (status.subject() == 1 || status.subject() == 2);
    return (reply.code() == 452 || reply.code() == 552) && !mailbox;
  }

  private boolean judgeData(Reply reply) {
    if (reply.code() == GO_AHEAD) {
      return true;
    }
    if (anyAccepted()) {
      refuse("DATA", reply);
    } else if (closes(reply)) {
      usable = false;
    }
    return false;
  }

  /** Writes a content. */
  @FunctionalInterface
  private interface Content {
    void writeTo(ContentStream stream) throws IOException;
  }

  private void transmit(Content content) throws IOException {
    if (!anyAccepted()) {
      endUnwanted();
      return;
    }
    ContentStream stream = new ContentStream(connection::write, parcel.size());
    try {
      connection.requireInStep();
      content.writeTo(stream);
      stream.end();
    } catch (ContentStream.Unreadable e) {
      // Without the final dot the peer must forget what it got (RFC 5321 §4.1.1.4).
      connection.close();
      throw e;
    } catch (ProtocolFault e) {
      usable = false;
      settleOpen(new Unserved(lost("DATA", e)));
      return;
    } catch (IOException e) {
      // The final dot is last in its block: where that could not be handed over, none was sent.
      lostWhileSending(e);
      return;
    }
    judgeEnd();
  }

  private void judgeEnd() {
    Reply reply;
    try {
      reply = connection.read(connection.timeouts().dataTermination());
      if (!reply.positive() && outOfStep(reply)) {
        throw new ProtocolFault("an unexpected reply to the final dot: " + reply.code());
      }
    } catch (IOException e) {
      usable = false;
      // RFC 1047: it may have been taken. Another host now would make the duplicate certain.
      connection.transcript().warned("no reply after the final dot: possible duplicate");
      settleOpen(new Settled(new Outcome.Deferred(uncertain(e))));
      return;
    }
    if (reply.positive()) {
      needsReset = false;
      boolean reports = connection.capabilities().dsn();
      settleOpen(new Settled(new Outcome.Delivered(peer.hop().host(), Peer.brief(reply), reports)));
    } else {
      needsReset = false;
      refuse("the end of the message", reply);
    }
  }

  /** A peer may say why it hangs up while content is still on its way. */
  private void lostWhileSending(IOException why) {
    try {
      Reply reply = connection.read(connection.timeouts().quit());
      if (reply.code() >= 400) {
        refuse("DATA", reply);
        usable = false;
        return;
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
    usable = false;
    settleOpen(new Unserved(lost("sending the message", why)));
  }

  /** RFC 2920 §3.1: DATA was pipelined and accepted, though no recipient was. */
  private void endUnwanted() {
    try {
      byte[] dot = {'.', '\r', '\n'};
      connection.write(dot, dot.length);
      connection.read(connection.timeouts().dataTermination());
    } catch (IOException e) {
      usable = false;
    }
  }

  /** A refusal of everything that is still open. */
  private void refuse(String command, Reply reply) {
    if (closes(reply)) {
      usable = false;
      settleOpen(new Unserved(peer.said(Reason.REPLY, REFUSED, command, reply)));
    } else if (outOfStep(reply)) {
      usable = false;
      settleOpen(
          new Unserved(lost(command, new ProtocolFault("an unexpected reply: " + reply.code()))));
    } else {
      settleOpen(verdict(command, reply));
    }
  }

  private RecipientResult verdict(String command, Reply reply) {
    return reply.permanentFailure()
        ? new Settled(new Outcome.Failed(peer.said(Reason.REPLY, REJECTED, command, reply)))
        : new Refused(peer.said(Reason.REPLY, REFUSED, command, reply));
  }

  private static boolean closes(Reply reply) {
    return reply.code() == CLOSING;
  }

  /** 2xx or 3xx, where neither is the answer that leads on: the peer has lost count. */
  private static boolean outOfStep(Reply reply) {
    return reply.code() < 400;
  }

  private boolean anyAccepted() {
    return anyAcceptedBefore(results.length);
  }

  /** Accepted are those that no reply has settled. */
  private boolean anyAcceptedBefore(int end) {
    for (int i = 0; i < end; i++) {
      if (results[i] == null) {
        return true;
      }
    }
    return false;
  }

  private void settleOpen(RecipientResult result) {
    for (int i = 0; i < results.length; i++) {
      if (results[i] == null) {
        results[i] = result;
      }
    }
  }

  private boolean send(List<Command> commands) {
    try {
      connection.send(commands);
      return true;
    } catch (IOException e) {
      usable = false;
      stale = foundDead(e);
      settleOpen(new Unserved(lost(commands.getFirst().line().substring(0, 4), e)));
      return false;
    }
  }

  private @Nullable Reply read(String command) {
    return read(command, connection.timeouts().command());
  }

  private @Nullable Reply read(String command, Duration timeout) {
    try {
      return connection.read(timeout);
    } catch (IOException e) {
      usable = false;
      stale = foundDead(e);
      settleOpen(new Unserved(lost(command, e)));
      return null;
    }
  }

  /** A peer that says nothing, or nonsense, is not gone. */
  private boolean foundDead(IOException why) {
    return connection.unproven()
        && !(why instanceof SocketTimeoutException || why instanceof ProtocolFault);
  }

  private Diagnostic lost(String stage, IOException why) {
    return peer.broke(LOST, "lost during " + stage, why);
  }

  private Diagnostic uncertain(IOException why) {
    return peer.broke(LOST, "no reply after the final dot", why);
  }

  private Diagnostic unreadable(IOException why) {
    return new Diagnostic(Reason.LOCAL, LOCAL, Peer.text(why), null, null);
  }
}
