package dev.bridgehead.relay;

import dev.bridgehead.dns.DnsResolver;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.delivery.MaildirDelivery;
import dev.bridgehead.relay.delivery.SmtpDelivery;
import dev.bridgehead.relay.delivery.Timeouts;
import dev.bridgehead.relay.handover.Place;
import dev.bridgehead.relay.handover.SiblingExchange;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.management.DrainState;
import dev.bridgehead.relay.management.ManagementServer;
import dev.bridgehead.relay.management.QueueApi;
import dev.bridgehead.relay.management.RelayState;
import dev.bridgehead.relay.policy.TlsPolicies;
import dev.bridgehead.relay.queue.Destinations;
import dev.bridgehead.relay.queue.Queue;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.routing.ElapsedTime;
import dev.bridgehead.relay.routing.NameWatch;
import dev.bridgehead.relay.routing.NamedHosts;
import dev.bridgehead.relay.routing.OwnAddresses;
import dev.bridgehead.relay.routing.Router;
import dev.bridgehead.relay.smtp.SmtpServer;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.SpoolFullException;
import dev.bridgehead.relay.sts.KeptPolicies;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One relay: {@code smtp → spool → queue → delivery}, started from the disk outwards and stopped
 * from the clients inwards.
 */
public final class Relay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /** Attempts under way may finish so long; then they are broken off, and made again at a start. */
  private static final Duration LAST_ATTEMPTS = Duration.ofSeconds(10);

  private static final Duration BROKEN_OFF = Duration.ofSeconds(2);

  private final CurrentConfig config;
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ExecutorService attempts =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("attempt-", 0).factory());
  private final LogSpool spool;
  private final Router router;
  private final KeptPolicies sts;
  private final TlsPolicies policies;
  private final NameWatch names;
  private final Delivery delivery;
  private final Queue queue;
  private final SmtpServer smtp;
  private final ManagementServer management;
  private final @Nullable String pod;
  private final @Nullable Place place;
  private final @Nullable SiblingExchange siblings;
  private final Draining draining;
  private final Emptiness empty;
  private volatile boolean started;

  private Relay(RelaySetup setup) throws IOException {
    Clock clock = Clock.systemUTC();
    config = setup.config();
    pod = setup.pod().name();
    place = Place.of(pod).orElse(null);
    spool = LogSpool.open(setup.data().resolve("spool"), new LocalDisk(), clock, metrics);
    try {
      checkRoom(setup.needsRoom());
      DnsResolver dns = new DnsResolver(setup.dns());
      OwnAddresses own = OwnAddresses.ofThisMachine();
      ElapsedTime elapsed = new ElapsedTime();
      sts =
          KeptPolicies.in(
              setup.data().resolve("mta-sts"),
              new LocalDisk(),
              KeptPolicies.Sources.of(
                  dns, new NamedHosts(config, dns, setup.connectTo(), own, elapsed)),
              clock,
              metrics);
      policies = new TlsPolicies(dns, sts);
      router = new Router(config, dns, setup.connectTo(), own, new SecureRandom(), elapsed);
      names = new NameWatch(router, config);
      delivery = delivery(setup.capture(), clock);
      queue = new Queue(config, spool, delivery, destinations(), clock, metrics, attempts);
      smtp = new SmtpServer(config, spool, queue::enqueue, clock, metrics);
      siblings = siblings(setup, clock);
      empty =
          new Emptiness(
              smtp::quiet, () -> siblings == null || siblings.settled(), queue::queued, spool);
      draining =
          new Draining(this::drains, smtp::turnAway, smtp::resume, siblings, setup.pod().grace());
      management = management(setup.management());
    } catch (IOException | RuntimeException e) {
      spool.close();
      throw e;
    }
    Gauge.builder("bridgehead.spool.quarantined.messages", spool, LogSpool::quarantined)
        .description("Damaged parts of the spool that were set aside and need a person")
        .register(metrics);
    config.onChange(Relay::reportChange);
    config.onChange((before, now) -> draining.look());
    config.onChange((before, now) -> names.look());
  }

  private @Nullable SiblingExchange siblings(RelaySetup setup, Clock clock) throws IOException {
    Path folder = setup.data().resolve("spool");
    if (place == null) {
      SiblingExchange.requireNothingOffered(new LocalDisk(), folder);
      return null;
    }
    return new SiblingExchange(
        new SiblingExchange.Setup(
            place,
            config,
            spool,
            folder,
            new LocalDisk(),
            queue,
            setup.connectTo(),
            setup.pod().siblingPause(),
            setup.management().token(),
            clock),
        metrics);
  }

  private void checkRoom(boolean needed) throws IOException {
    try {
      spool.requireRoom();
    } catch (SpoolFullException e) {
      if (needed && !spool.foundMessages()) {
        throw e;
      }
      LOG.warn("no mail is accepted for now: {}", e.getMessage());
    }
  }

  private Destinations destinations() {
    return new Destinations() {
      @Override
      public Destination of(MailAddress recipient) {
        return router.destination(recipient);
      }

      @Override
      public void forgetDeadHosts() {
        router.forgetDeadHosts();
      }
    };
  }

  private Delivery delivery(@Nullable Path capture, Clock clock) throws IOException {
    return capture == null
        ? new SmtpDelivery(config, router, policies, Timeouts.STANDARD, metrics)
        : new MaildirDelivery(capture, clock);
  }

  private ManagementServer management(RelaySetup.Management setup) throws IOException {
    return ManagementServer.start(
        setup.address(),
        setup.port(),
        new ManagementServer.Answers(
            queue::alive,
            this::ready,
            this::state,
            setup.token(),
            pod,
            metrics,
            new QueueApi(queue.tools(), spool::bytes),
            siblings == null ? null : siblings.service()));
  }

  /**
   * Starts a relay. When this returns, it accepts mail; a draining one answers 421, and delivers
   * what it has.
   *
   * @throws IOException with what is wrong and what to do: a port that is taken, a folder that is
   *     in use or can't be written
   */
  public static Relay start(RelaySetup setup) throws IOException {
    Relay relay = new Relay(setup);
    try {
      relay.queue.recover(relay.siblings == null ? null : relay.siblings.inDoubt());
      relay.draining.start();
      relay.smtp.start();
      if (relay.siblings != null) {
        relay.siblings.start(() -> relay.draining.phase() == Draining.Phase.CLOSED);
      }
      relay.names.start();
      relay.sts.start();
      relay.started = true;
      // Last: deliveries of a long queue leave little of the machine to a relay that still starts.
      relay.queue.start();
      return relay;
    } catch (IOException | RuntimeException e) {
      relay.close();
      throw e;
    }
  }

  /** The port that clients connect to. */
  public int smtpPort() {
    return smtp.port();
  }

  public int managementPort() {
    return management.port();
  }

  public PrometheusMeterRegistry metrics() {
    return metrics;
  }

  private boolean ready() {
    return started && !drains() && draining.phase() == Draining.Phase.NONE && spool.writable();
  }

  /** Without a place only the end of the whole bridgehead is meant. */
  private boolean drains() {
    Integer from = config.get().listening().drainFrom();
    return place == null ? from != null && from == 0 : place.drains(from);
  }

  private RelayState state() {
    RelayConfig current = config.get();
    DrainState drain = drain(); // before the count: what is empty then has none
    return new RelayState(
        pod,
        current.identity().hash(),
        current.identity().generation(),
        ready(),
        queue.queued(),
        spool.quarantined(),
        queue.oldest(),
        drain,
        router.loops(),
        names.unresolved(),
        router.refused(),
        queue.tools().commonestDeferral());
  }

  private DrainState drain() {
    return switch (draining.phase()) {
      case NONE -> drains() ? DrainState.ACCEPTING : DrainState.NONE;
      case ACCEPTING -> DrainState.ACCEPTING;
      case CLOSED -> drains() && empty.reached() ? DrainState.EMPTY : DrainState.DRAINING;
    };
  }

  private static void reportChange(RelayConfig before, RelayConfig now) {
    LOG.atInfo()
        .addKeyValue("generation", now.identity().generation())
        .addKeyValue("hash", now.identity().hash())
        .log("configuration taken over");
    if (before.listening().port() != now.listening().port()
        || before.listening().loopbackOnly() != now.listening().loopbackOnly()
        || !Objects.equals(implicitPort(before), implicitPort(now))) {
      LOG.warn("the port to listen on changed: that takes effect at the next start");
    }
  }

  private static @Nullable Integer implicitPort(RelayConfig config) {
    InboundTls tls = config.listening().tls();
    return tls == null ? null : tls.implicitPort();
  }

  /** Lets clients and attempts finish what is under way, within bounds. What is queued stays. */
  @Override
  public void close() {
    started = false;
    names.close();
    sts.close();
    draining.close();
    smtp.close();
    if (siblings != null) {
      siblings.close();
    }
    try {
      queue.stop(LAST_ATTEMPTS);
      delivery.close();
      queue.stop(BROKEN_OFF);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    attempts.shutdownNow();
    management.close();
    try {
      spool.close();
    } catch (IOException e) {
      LOG.warn("the spool's lock can't be released; it ends with the process: {}", e.toString());
    }
  }
}
