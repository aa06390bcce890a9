package dev.bridgehead.relay.delivery;

import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.policy.TlsDemand;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * A session with a next hop, up to where transactions can begin: connected, greeted, introduced,
 * encrypted and authenticated as asked. Used by one thread; {@link #close} by any.
 */
final class SmtpConnection implements Closeable {
  private static final EnhancedStatus NO_ANSWER = new EnhancedStatus(4, 4, 1);
  private static final EnhancedStatus BAD_CONNECTION = new EnhancedStatus(4, 4, 2);
  private static final EnhancedStatus NOT_ACCEPTING = new EnhancedStatus(4, 3, 2);

  private final Peer asked;
  private final Peer peer;
  private final Wire wire;
  private final Timeouts timeouts;
  private final long opened = Deadlines.now();
  private Transcript transcript;
  private Capabilities capabilities = Capabilities.NONE;
  private boolean encrypted;

  /** As long as the peer has said nothing inside TLS: it may refuse what it got. */
  private ClientIdentity.Answer unjudged = ClientIdentity.Answer.UNASKED;

  private int messages;
  private boolean unproven;

  private SmtpConnection(
      Peer asked, Peer peer, Wire wire, Timeouts timeouts, Transcript transcript) {
    this.asked = asked;
    this.peer = peer;
    this.wire = wire;
    this.timeouts = timeouts;
    this.transcript = transcript;
  }

  /** What sessions of one relay have in common. */
  record Means(TlsLayer tls, Logins logins) {}

  /**
   * Opens a session.
   *
   * @param sockets gives one socket per try, each to be closed by this connection, or by its giver
   *     to break off what is under way
   * @throws SessionFailure where none comes about, whatever the peer does
   */
  static SmtpConnection open(
      Peer peer, Means means, Timeouts timeouts, Transcript transcript, Supplier<Socket> sockets)
      throws SessionFailure {
    try {
      return openOnce(peer, peer, means, timeouts, transcript, sockets.get());
    } catch (HandshakeFailure e) {
      boolean mayFallBack =
          peer.tls() instanceof TlsDemand.Opportunistic
              && !peer.hop().implicitTls()
              && !e.meddled();
      if (!mayFallBack) {
        throw NoTls.handshake(peer, e.fault(), Peer.text(e));
      }
      transcript.warned("TLS failed (" + Peer.text(e) + "); once more without");
      try {
        return openOnce(peer, peer.plain(), means, timeouts, transcript, sockets.get());
      } catch (HandshakeFailure again) {
        // There is none without TLS; if it ever happens, it costs this attempt only.
        throw NoTls.handshake(peer, again.fault(), Peer.text(again));
      }
    }
  }

  private static SmtpConnection openOnce(
      Peer asked, Peer peer, Means means, Timeouts timeouts, Transcript transcript, Socket socket)
      throws SessionFailure, HandshakeFailure {
    Wire wire = connect(peer, timeouts, transcript, socket);
    SmtpConnection connection = new SmtpConnection(asked, peer, wire, timeouts, transcript);
    boolean done = false;
    try (Wire.Guard _ = connection.wire.guard(timeouts.transaction())) {
      connection.introduce(means);
      done = true;
      return connection;
    } finally {
      if (!done) {
        connection.close();
      }
    }
  }

  private static Wire connect(Peer peer, Timeouts timeouts, Transcript transcript, Socket socket)
      throws SessionFailure {
    try {
      return Wire.connect(socket, peer.hop().address(), timeouts.connect(), transcript);
    } catch (IOException e) {
      String text = e instanceof ConnectException ? Peer.text(e) : "can't connect: " + Peer.text(e);
      throw new SessionFailure(peer.here(Reason.CONNECT, NO_ANSWER, text, null), true);
    }
  }

  private void introduce(Means means) throws SessionFailure, HandshakeFailure {
    if (peer.hop().implicitTls()) {
      encrypt(means.tls());
    }
    greeting();
    ehlo();
    if (!encrypted && !(peer.tls() instanceof TlsDemand.Never)) {
      startTls(means.tls());
    }
    if (peer.tls().requireTls() && !capabilities.requireTls()) {
      leave();
      throw NoTls.notPassedOn(peer);
    }
    Credentials credentials = peer.hop().credentials();
    if (credentials != null) {
      authenticate(means.logins(), credentials);
    }
  }

  private void greeting() throws SessionFailure, HandshakeFailure {
    Reply reply;
    try {
      reply = wire.read(timeouts.greeting());
      unjudged = ClientIdentity.Answer.UNASKED;
    } catch (IOException e) {
      requireNotRefused(e);
      throw new SessionFailure(
          peer.broke(BAD_CONNECTION, "no greeting", e), e instanceof SocketTimeoutException);
    }
    if (!reply.positive()) {
      leave();
      throw new SessionFailure(
          peer.said(Reason.GREETING, NOT_ACCEPTING, "the connection", reply), false);
    }
  }

  private void ehlo() throws SessionFailure, HandshakeFailure {
    Reply reply = command(Command.of("EHLO " + peer.ehloName()), "EHLO");
    if (reply.positive()) {
      capabilities = Capabilities.of(reply);
      return;
    }
    capabilities = Capabilities.NONE;
    // RFC 5321 §3.2: a server that doesn't know EHLO is greeted with HELO.
    if (reply.permanentFailure()) {
      reply = command(Command.of("HELO " + peer.ehloName()), "HELO");
    }
    if (!reply.positive()) {
      leave();
      throw new SessionFailure(peer.said(Reason.GREETING, NOT_ACCEPTING, "EHLO", reply), false);
    }
  }

  private void startTls(TlsLayer tls) throws SessionFailure, HandshakeFailure {
    boolean needed = !peer.tls().allowsPlaintext();
    if (!capabilities.startTls()) {
      if (needed) {
        leave();
        throw NoTls.notOffered(peer);
      }
      return;
    }
    Reply reply = command(Command.of("STARTTLS"), "STARTTLS");
    if (!reply.positive()) {
      if (needed) {
        leave();
        throw NoTls.refused(peer, reply);
      }
      transcript.warned("STARTTLS was refused; going on without");
      return;
    }
    refuseInjected();
    encrypt(tls);
    // RFC 3207 §4.2: what was said before TLS is forgotten.
    capabilities = Capabilities.NONE;
    ehlo();
  }

  /**
   * A TLS server doesn't speak first: whatever lies here came from someone on the way, to be taken
   * for replies inside TLS (CVE-2021-22947).
   */
  private void refuseInjected() throws HandshakeFailure, SessionFailure {
    try {
      if (wire.hasLeftovers()) {
        throw HandshakeFailure.injected();
      }
    } catch (HandshakeFailure e) {
      throw e;
    } catch (IOException e) {
      throw new SessionFailure(peer.broke(BAD_CONNECTION, "STARTTLS", e), false);
    }
  }

  private void encrypt(TlsLayer tls) throws HandshakeFailure {
    try (Wire.Guard _ = wire.guard(timeouts.tls())) {
      TlsLayer.Secured secured = tls.handshake(wire.raw(), peer);
      wire.upgrade(secured.socket());
      encrypted = true;
      unjudged = secured.answer();
      SSLSession session = secured.socket().getSession();
      transcript.noted(
          "TLS: %s, %s%s%s"
              .formatted(
                  session.getProtocol(),
                  session.getCipherSuite(),
                  peer.tls().proves() ? ", verified" : "",
                  unjudged == ClientIdentity.Answer.SHOWN ? ", client certificate shown" : ""));
    } catch (IOException e) {
      throw HandshakeFailure.of(e);
    }
  }

  /**
   * In TLS 1.3 a peer judges the client's certificate when the client's handshake is over (RFC 8446
   * §4.4.2.4): the alert, or what is left of it on a connection that is reset, comes where a reply
   * should.
   */
  private void requireNotRefused(IOException e) throws HandshakeFailure {
    boolean refused = e instanceof SSLException || e instanceof SocketException;
    if (refused && unjudged != ClientIdentity.Answer.UNASKED) {
      throw HandshakeFailure.of(unjudged.explain(e));
    }
  }

  private void authenticate(Logins logins, Credentials credentials) throws SessionFailure {
    try {
      new Authentication(peer, logins, this::exchange).run(encrypted, capabilities, credentials);
    } catch (SessionFailure e) {
      leave();
      throw e;
    } catch (IOException e) {
      throw new SessionFailure(peer.broke(BAD_CONNECTION, "AUTH", e), false);
    }
  }

  private Reply command(Command command, String stage) throws SessionFailure, HandshakeFailure {
    try {
      Reply reply = exchange(command);
      unjudged = ClientIdentity.Answer.UNASKED;
      return reply;
    } catch (IOException e) {
      requireNotRefused(e);
      throw new SessionFailure(peer.broke(BAD_CONNECTION, "no reply to " + stage, e), false);
    }
  }

  /** Sends one command and reads its reply. */
  Reply exchange(Command command) throws IOException {
    send(List.of(command));
    return read(timeouts.command());
  }

  void send(List<Command> commands) throws IOException {
    wire.send(timeouts.command(), commands);
  }

  Reply read(Duration timeout) throws IOException {
    return wire.read(timeout);
  }

  /** Fails where the peer has answered more than it was asked. */
  void requireInStep() throws ProtocolFault {
    wire.requireInStep();
  }

  void write(byte[] octets, int length) throws IOException {
    wire.write(timeouts.dataBlock(), octets, length);
  }

  /** Closes the connection when the time is up, unless the guard is closed before. */
  Wire.Guard guard(Duration timeout) {
    return wire.guard(timeout);
  }

  Transcript transcript() {
    return transcript;
  }

  Peer peer() {
    return peer;
  }

  Timeouts timeouts() {
    return timeouts;
  }

  boolean encrypted() {
    return encrypted;
  }

  /** Takes no advantage of PIPELINING. */
  void waitForEachReply() {
    capabilities = capabilities.withoutPipelining();
  }

  Capabilities capabilities() {
    return capabilities;
  }

  /** Goes on with another message, whose commands and replies another transcript is told of. */
  void resume(Transcript next) {
    transcript = next;
    wire.transcript(next);
    unproven = true;
  }

  /** Kept since its last message, and not heard of since then. */
  boolean unproven() {
    return unproven;
  }

  void proven() {
    unproven = false;
  }

  /** A transaction is over. */
  void transacted() {
    messages++;
  }

  /** Transactions so far. */
  int messages() {
    return messages;
  }

  /** When it was begun, on the clock of {@link Deadlines}. */
  long opened() {
    return opened;
  }

  /** The peer as it was asked for, though TLS may not have come about. */
  Peer asked() {
    return asked;
  }

  /** Whether the peer has said nothing that it wasn't asked for. Does not wait. */
  boolean quiet() {
    try {
      return !wire.hasLeftovers();
    } catch (IOException e) {
      transcript.noted("lost while it was kept: " + Peer.text(e));
      return false;
    }
  }

  /** Takes leave and closes; nobody waits for what the peer says to it. */
  void leave() {
    try {
      wire.send(timeouts.quit(), List.of(Command.of("QUIT")));
    } catch (IOException e) {
      transcript.noted("the peer left before QUIT: " + Peer.text(e));
    }
    close();
  }

  /** Takes leave, hears the reply if it comes soon, and closes. */
  void quit() {
    try {
      wire.send(timeouts.quit(), List.of(Command.of("QUIT")));
      wire.read(timeouts.quit());
    } catch (IOException e) {
      transcript.noted("the peer left without a reply to QUIT: " + Peer.text(e));
    }
    close();
  }

  @Override
  public void close() {
    wire.close();
  }
}
