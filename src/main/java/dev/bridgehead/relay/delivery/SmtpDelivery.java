package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.oauth.AccessTokens;
import dev.bridgehead.relay.policy.Ground;
import dev.bridgehead.relay.policy.TlsFault;
import dev.bridgehead.relay.policy.TlsPolicies;
import dev.bridgehead.relay.policy.TlsPolicy;
import dev.bridgehead.relay.policy.TlsPolicy.Forbidden;
import dev.bridgehead.relay.policy.TlsPolicy.Permitted;
import dev.bridgehead.relay.routing.Located;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.relay.routing.Route;
import dev.bridgehead.relay.routing.Router;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers by SMTP to the next hops that the router names. Any number of threads may enter. */
public final class SmtpDelivery implements Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpDelivery.class);
  private static final EnhancedStatus LOCAL = new EnhancedStatus(4, 3, 0);
  private static final EnhancedStatus STOPPING = new EnhancedStatus(4, 3, 2);

  private final Supplier<RelayConfig> configs;
  private final Router router;
  private final TlsPolicies policies;
  private final Timeouts timeouts;
  private final DeliveryMetrics metrics;
  private final SmtpConnection.Means means;
  private final KeptSessions kept;
  private final Set<Tracked> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public SmtpDelivery(
      Supplier<RelayConfig> configs,
      Router router,
      TlsPolicies policies,
      Timeouts timeouts,
      MeterRegistry registry) {
    this.configs = configs;
    this.router = router;
    this.policies = policies;
    this.timeouts = timeouts;
    this.means =
        new SmtpConnection.Means(
            new TlsLayer(), new Logins(new SecureRandom(), new AccessTokens(registry)));
    this.kept = new KeptSessions(timeouts.kept());
    this.metrics = new DeliveryMetrics(registry, kept::count);
  }

  @Override
  public List<Outcome> attempt(Attempt attempt) {
    Timer.Sample started = Timer.start();
    try {
      return switch (router.route(attempt.destination())) {
        case Route.Refused(Diagnostic why) -> all(attempt, new Outcome.Failed(why));
        case Route.Unresolved(Diagnostic why) -> all(attempt, new Outcome.Deferred(why));
        case Route.Hops hops -> new Errand(attempt, new Sessions(attempt, hops)).run();
      };
    } catch (RuntimeException e) {
      // A defect of ours must not lose mail: the message stays queued.
      LOG.atError().addKeyValue("id", attempt.id()).setCause(e).log("the attempt broke off");
      String text = "internal error: " + Peer.text(e);
      return all(
          attempt, new Outcome.Deferred(new Diagnostic(Reason.LOCAL, LOCAL, text, null, null)));
    } finally {
      started.stop(metrics.attempts());
    }
  }

  private static List<Outcome> all(Attempt attempt, Outcome outcome) {
    return Collections.nCopies(attempt.recipients().size(), outcome);
  }

  /** Breaks off what is under way: those attempts end as deferred. */
  @Override
  public void close() {
    closed = true;
    kept.close();
    open.forEach(SmtpDelivery::breakOff);
  }

  private static void breakOff(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.warn("a connection can't be closed: {}", e.toString());
    }
  }

  /** Known from before it connects until it is closed, so that any stage can be broken off. */
  private Socket tracked() {
    Tracked socket = new Tracked();
    open.add(socket);
    if (closed) {
      breakOff(socket);
    }
    return socket;
  }

  private final class Tracked extends Socket {
    @Override
    public void close() throws IOException {
      open.remove(this);
      super.close();
    }
  }

  private final class Sessions implements Errand.Sessions {
    private final Attempt attempt;
    private final Route.Hops route;
    private final TlsRequirement asked;
    private final Map<Decision, TlsPolicy> decided = new HashMap<>();

    /** What a policy is for. */
    private record Decision(Located host, TlsRequirement asked) {}

    Sessions(Attempt attempt, Route.Hops route) {
      this.attempt = attempt;
      this.asked = attempt.envelope().tls();
      this.route = route;
    }

    @Override
    public @Nullable SmtpConnection kept() {
      return kept(route.firstChoice(), asked);
    }

    private @Nullable SmtpConnection kept(List<NextHop> hops, TlsRequirement wanted) {
      List<Peer> peers = new ArrayList<>();
      for (NextHop hop : hops) {
        if (kept.any(hop) && policy(hop, wanted) instanceof Permitted permitted) {
          peers.add(peer(hop, permitted));
        }
      }
      SmtpConnection connection = peers.isEmpty() ? null : kept.take(peers);
      if (connection != null) {
        connection.resume(new SessionLog(attempt.id(), connection.peer().hop()));
        metrics.reused();
      }
      return connection;
    }

    @Override
    public List<NextHop> order() {
      return router.inTurn(route);
    }

    @Override
    public SmtpConnection open(NextHop hop) throws SessionFailure {
      try {
        return open(hop, asked);
      } catch (SessionFailure e) {
        if (e.fault() == null || !dispensable()) {
          throw e;
        }
        return open(hop, TlsRequirement.UNSPECIFIED);
      }
    }

    /** RFC 8689 §5: a notice is not lost for a host that does not offer REQUIRETLS. */
    private boolean dispensable() {
      return asked == TlsRequirement.REQUIRED && attempt.envelope().reversePath() == null;
    }

    private SmtpConnection open(NextHop hop, TlsRequirement wanted) throws SessionFailure {
      SmtpConnection known = kept(List.of(hop), wanted);
      return known == null ? open(hop, policy(hop, wanted)) : known;
    }

    /** A host's addresses have one in common, decided once for the attempt. */
    private TlsPolicy policy(NextHop hop, TlsRequirement wanted) {
      return decided.computeIfAbsent(
          new Decision(hop.located(), wanted),
          _ -> policies.of(hop, route.origin(), configs.get().outgoing().tls(), wanted));
    }

    private Peer peer(NextHop hop, Permitted policy) {
      RelayConfig config = configs.get();
      return new Peer(
          hop,
          config.identity().hostname(),
          policy.demand(),
          config.outgoing().caBundle(),
          config.outgoing().clientCertificate());
    }

    private SmtpConnection open(NextHop hop, TlsPolicy policy) throws SessionFailure {
      SessionLog log = new SessionLog(attempt.id(), hop);
      try {
        SmtpConnection connection = open(hop, policy, log);
        router.answered(hop);
        metrics.opened();
        metrics.secured(policy.ground(), connection);
        if (!connection.peer().equals(connection.asked())) {
          metrics.fellBack();
        }
        log.opened(connection, policy);
        return connection;
      } catch (SessionFailure e) {
        if (closed) { // our own doing, whatever it looks like
          throw new SessionFailure(
              new Diagnostic(
                  Reason.LOCAL,
                  STOPPING,
                  hop + ": broken off: this relay is stopping",
                  hop.host(),
                  null),
              false);
        }
        if (e.dead()) {
          router.died(hop);
        }
        metrics.notOpened(e.why().reason());
        TlsFault fault = e.fault();
        if (fault != null) {
          metrics.notSecured(policy.ground(), fault);
        }
        log.failed(e, policy);
        throw e;
      }
    }

    private SmtpConnection open(NextHop hop, TlsPolicy policy, SessionLog log)
        throws SessionFailure {
      return switch (policy) {
        case Permitted permitted ->
            SmtpConnection.open(
                peer(hop, permitted), means, timeouts, log, SmtpDelivery.this::tracked);
        case Forbidden forbidden ->
            throw NoTls.forbidden(hop, forbidden, policy.ground() == Ground.REQUIRETLS);
      };
    }

    @Override
    public void done(SmtpConnection connection, boolean clean) {
      if (!clean || !kept.keep(connection)) {
        connection.leave();
      }
    }

    @Override
    public boolean whole() {
      return route.whole();
    }

    @Override
    public boolean closed() {
      return closed;
    }
  }
}
