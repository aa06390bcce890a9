package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.auth.Authenticator;
import dev.bridgehead.relay.auth.FailedLogins;
import dev.bridgehead.relay.auth.PasswordChecks;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig.Listening;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.subethamail.smtp.server.SMTPServer;
import org.subethamail.smtp.server.Session;
import org.subethamail.smtp.server.SessionHandler;

/**
 * The SMTP server: SubEthaSMTP accepts connections and gives each a virtual thread; what is spoken
 * on them is ours, from {@link SessionHandler#accept} on (docs/decisions/smtp-sessions.md).
 */
public final class SmtpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpServer.class);

  /** Room for sessions that only hear 421. */
  private static final int REFUSED_AT_A_TIME = 200;

  private static final int BACKLOG = 1024;
  private static final int FAREWELL_MILLIS = 1000;
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final CurrentConfig config;
  private final Surroundings around;
  private final Sessions sessions;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<SMTPServer> listeners = new CopyOnWriteArrayList<>();

  /**
   * Makes a server; {@link #start} lets it listen.
   *
   * @param accepted is handed every message once it is on disk, before the client hears 250
   */
  public SmtpServer(
      CurrentConfig config,
      Spool spool,
      Consumer<StoredMessage> accepted,
      Clock clock,
      MeterRegistry metrics) {
    this(config, spool, accepted, clock, metrics, SessionLimits.STANDARD);
  }

  SmtpServer(
      CurrentConfig config,
      Spool spool,
      Consumer<StoredMessage> accepted,
      Clock clock,
      MeterRegistry metrics,
      SessionLimits limits) {
    this.config = config;
    this.sessions = new Sessions(limits);
    ServerTls tls = new ServerTls(config, clock);
    this.around =
        new Surroundings(
            config,
            spool,
            accepted,
            clock,
            new SmtpMetrics(metrics, sessions::size, tls::expiry),
            tls,
            new Authenticator(PasswordChecks.forThisMachine(), clock, new SecureRandom()),
            new FailedLogins(System::nanoTime),
            new ClientRates(clock),
            limits);
  }

  /**
   * Binds the ports of the configuration and serves.
   *
   * @throws BindException where the port can't be had; the message says which, and what to do
   */
  public void start() throws IOException {
    Listening listening = config.get().listening();
    InboundTls tls = listening.tls();
    try {
      listen(listening.port(), listening.loopbackOnly(), false);
      if (tls != null && tls.implicitPort() != null) {
        listen(tls.implicitPort(), listening.loopbackOnly(), true);
      }
    } catch (IOException | RuntimeException failure) {
      listeners.forEach(SmtpServer::stop);
      throw failure;
    }
    Thread.ofVirtual().name("smtp-watch").start(this::watch);
  }

  private void listen(int port, boolean loopbackOnly, boolean implicitTls) throws IOException {
    SMTPServer.Builder builder =
        SMTPServer.port(port)
            .backlog(BACKLOG)
            .hostName(config.get().identity().hostname())
            .softwareName("Bridgehead")
            .maxConnections(around.limits().sessions() + REFUSED_AT_A_TIME)
            .serverThreadName("smtp-accept")
            .executorService(
                Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("smtp-", 0).factory()))
            .sessionHandler(new OwnSessions(implicitTls));
    if (loopbackOnly) {
      builder.bindAddress(InetAddress.getLoopbackAddress());
    }
    SMTPServer built = builder.build();
    try {
      built.start();
    } catch (RuntimeException wrapped) {
      throw cannotListen(port, implicitTls ? "tls.implicitPort" : "port", wrapped);
    }
    listeners.add(built);
    LOG.info(
        "listening for SMTP{} on port {}",
        implicitTls ? " over TLS" : "",
        built.getPortAllocated());
  }

  private static IOException cannotListen(int port, String field, RuntimeException wrapped) {
    if (!(wrapped.getCause() instanceof IOException cause)) {
      throw wrapped;
    }
    String reason = String.valueOf(cause.getMessage());
    String advice =
        reason.contains("ermission")
            ? "ports below 1024 need privileges here: choose another"
            : "stop what listens there, or choose another";
    BindException failure =
        new BindException(
            "cannot listen on port "
                + port
                + ": "
                + reason
                + ": "
                + advice
                + " (spec.bridgeheads[].virtualServer."
                + field
                + ")");
    failure.initCause(cause);
    return failure;
  }

  /** The port that is bound; differs from the configuration's where that is 0. */
  public int port() {
    return port(0);
  }

  /** The one with TLS from the first octet. */
  int implicitTlsPort() {
    return port(1);
  }

  private int port(int index) {
    if (listeners.size() <= index) {
      throw new IllegalStateException("the server does not listen");
    }
    return listeners.get(index).getPortAllocated();
  }

  /**
   * Ends all sessions: idle ones hear 421, those with a message under way finish it, within a
   * bound. What is not wholly received by then is not accepted, and no client is told it was.
   */
  @Override
  public void close() {
    if (listeners.isEmpty() || closed.getCount() == 0) {
      return;
    }
    turnAway();
    closed.countDown();
    listeners.forEach(SmtpServer::stop);
  }

  /**
   * Ends all sessions as {@link #close} does, but goes on listening: who comes hears 421, until
   * {@link #resume}. Before {@link #start}, that is so from the start.
   */
  public void turnAway() {
    sessions.close().forEach(SmtpSession::finish);
    if (!sessions.awaitEmpty(around.limits().close())) {
      List<SmtpSession> late = sessions.all();
      LOG.warn("{} SMTP sessions did not finish in time and are cut off", late.size());
      late.forEach(SmtpSession::abandon);
      sessions.awaitEmpty(LAST_WORDS);
    }
  }

  /** Serves clients again. */
  public void resume() {
    sessions.open();
  }

  /** Whether no session is open, which might still bring a message. */
  public boolean quiet() {
    return sessions.size() == 0;
  }

  /** SubEthaSMTP's stop closes what is left, and waits for its threads without a bound. */
  private static void stop(SMTPServer running) {
    try {
      if (!Thread.ofVirtual().name("smtp-stop").start(running::stop).join(LAST_WORDS)) {
        LOG.warn("SMTP sessions still hang; they end with the process");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends waits for clients that say nothing, and closes the sockets of those that take no replies,
   * until the server is closed.
   */
  private void watch() {
    try {
      long patience = around.limits().write().toMillis();
      while (!closed.await(around.limits().tick().toMillis(), TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        long before = now / 1_000_000 - patience;
        for (SmtpSession session : sessions.all()) {
          look(session, now, before);
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A fault with one must not leave all the others without time-outs. */
  private static void look(SmtpSession session, long now, long before) {
    try {
      Connection connection = session.connection();
      connection.expire(now);
      long since = connection.stalledSince();
      if (since != ReplyWriter.IDLE && since < before) {
        connection.cut();
      }
    } catch (RuntimeException fault) {
      LOG.error("fault while looking at a session", fault);
    }
  }

  /** Takes a session over from SubEthaSMTP, on its virtual thread, before anything is said. */
  private final class OwnSessions implements SessionHandler {
    private final boolean implicitTls;

    OwnSessions(boolean implicitTls) {
      this.implicitTls = implicitTls;
    }

    @Override
    public SessionAcceptance accept(Session session) {
      try {
        // Makes SubEthaSMTP's streams anew on this thread: those from the accept thread hold 16
        // KiB.
        session.setSocket(session.getSocket());
        // It has set a time-out for each read; ours are the watch's (see ClientInput).
        session.getSocket().setSoTimeout(0);
        converse(session.getSocket(), session.getRemoteAddress().getAddress());
      } catch (IOException gone) {
        LOG.debug("connection lost before the greeting: {}", gone.toString());
      }
      // The socket is closed by now, so nobody hears this: it only ends SubEthaSMTP's part.
      return SessionAcceptance.failure(421, "4.3.2 session is over");
    }

    private void converse(Socket socket, InetAddress peer) throws IOException {
      InetAddress address = client(socket, peer);
      if (address == null) {
        return;
      }
      Thread.currentThread().setName("smtp " + TraceFields.literal(address));
      socket.setTcpNoDelay(true);
      SmtpSession session = new SmtpSession(around, socket, address, implicitTls);
      Answer refusal = sessions.enter(session);
      if (refusal != null) {
        // Nobody watches it, and it must not stay longer than its farewell takes.
        socket.setSoTimeout(FAREWELL_MILLIS);
        session.refuse(refusal);
        return;
      }
      try {
        session.run();
      } finally {
        sessions.leave(session);
      }
    }

    /**
     * Who is at the other end: the peer, or who it says where it is trusted to say.
     *
     * @return null where that could not be found out; the connection is closed
     */
    private @Nullable InetAddress client(Socket socket, InetAddress peer) throws IOException {
      if (!config.get().access().trusts(peer)) {
        return peer;
      }
      try {
        return ProxyHeader.read(socket, peer, around.limits().proxyHeader());
      } catch (ProxyHeader.BrokenException broken) {
        around.metrics().refused(Refusal.PROXY_HEADER);
        LOG.info(
            "refused {} from {}, one of spec.service.proxyProtocol.trustedPeers: {}",
            Refusal.PROXY_HEADER.label(),
            TraceFields.literal(peer),
            broken.getMessage());
        socket.close();
        return null;
      } catch (IOException gone) {
        socket.close(); // or it would be told that its session is over
        throw gone;
      }
    }

    @Override
    public void onSessionEnd(Session session) {
      throw new IllegalStateException("no session is accepted, so none ends");
    }
  }
}
