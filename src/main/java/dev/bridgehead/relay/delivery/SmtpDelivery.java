package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.relay.routing.Route;
import dev.bridgehead.relay.routing.Router;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers by SMTP to the next hops that the router names. Any number of threads may enter. */
public final class SmtpDelivery implements Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpDelivery.class);
  private static final EnhancedStatus LOCAL = new EnhancedStatus(4, 3, 0);

  private final Supplier<RelayConfig> configs;
  private final Router router;
  private final Timeouts timeouts;
  private final DeliveryMetrics metrics;
  private final TlsLayer tls = new TlsLayer();
  private final Set<SmtpConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public SmtpDelivery(
      Supplier<RelayConfig> configs, Router router, Timeouts timeouts, MeterRegistry registry) {
    this.configs = configs;
    this.router = router;
    this.timeouts = timeouts;
    this.metrics = new DeliveryMetrics(registry);
  }

  @Override
  public List<Outcome> attempt(Attempt attempt) {
    Timer.Sample started = Timer.start();
    try {
      return switch (router.route(attempt.destination())) {
        case Route.Refused(Diagnostic why) -> all(attempt, new Outcome.Failed(why));
        case Route.Unresolved(Diagnostic why) -> all(attempt, new Outcome.Deferred(why));
        case Route.Hops(List<NextHop> hops) -> new Errand(attempt, new Sessions(attempt)).run(hops);
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
    open.forEach(SmtpConnection::close);
  }

  private final class Sessions implements Errand.Sessions {
    private final Attempt attempt;

    Sessions(Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public SmtpConnection open(NextHop hop) throws SessionFailure {
      RelayConfig config = configs.get();
      Peer peer =
          new Peer(
              hop,
              config.identity().hostname(),
              config.outgoing().tls(),
              config.outgoing().caBundle());
      SessionLog log = new SessionLog(attempt.id(), hop);
      try {
        SmtpConnection connection = SmtpConnection.open(peer, tls, timeouts, log);
        router.answered(hop);
        metrics.opened();
        if (connection.peer().tls() != peer.tls()) {
          metrics.fellBack();
        }
        return track(connection);
      } catch (SessionFailure e) {
        if (e.dead()) {
          router.died(hop);
        }
        metrics.notOpened(e.why().reason());
        log.failed(e);
        throw e;
      }
    }

    private SmtpConnection track(SmtpConnection connection) {
      open.add(connection);
      connection.onClose(() -> open.remove(connection));
      if (closed) {
        connection.close();
      }
      return connection;
    }

    @Override
    public boolean closed() {
      return closed;
    }
  }
}
