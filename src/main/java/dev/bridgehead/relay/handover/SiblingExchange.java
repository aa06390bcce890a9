package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.queue.Queue;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.spool.Disk;
import dev.bridgehead.relay.spool.LogSpool;
import io.helidon.webserver.http.HttpService;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a relay has with the other pods of its bridgehead: it hands over to them while it is
 * drained, and takes over from them while it is not. Any thread.
 */
public final class SiblingExchange implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SiblingExchange.class);

  /** Of every relay's management API in a cluster. */
  private static final int PORT = 8080;

  /** So long at least a relay that says nothing is remembered: a long weekend, and its repair. */
  private static final Duration MEMORY = Duration.ofDays(5);

  private final Place me;
  private final CurrentConfig config;
  private final ConnectTo connectTo;
  private final Queue queue;
  private final TakeOver takeOver;
  private final SiblingServer server;
  private final HandOver handOver;
  private final UUID spool;

  /** Spools of which the log says, for this drain, that they are waited for. */
  private final Set<UUID> told = ConcurrentHashMap.newKeySet();

  /** Whether no client can bring anything any more. */
  private volatile BooleanSupplier closedToMail = () -> false;

  /**
   * What it works with.
   *
   * @param folder of the spool
   * @param connectTo where siblings are really connected; else by their names in DNS
   * @param pause before a sibling that failed is spoken to again; it grows
   * @param token of the bridgehead, by which siblings prove what they are; never shown
   */
  public record Setup(
      Place me,
      CurrentConfig config,
      LogSpool spool,
      Path folder,
      Disk disk,
      Queue queue,
      ConnectTo connectTo,
      Duration pause,
      Supplier<String> token,
      Clock clock) {}

  /**
   * Reads what earlier processes left open.
   *
   * @throws IOException where that can't be read
   */
  public SiblingExchange(Setup setup, MeterRegistry metrics) throws IOException {
    this.me = setup.me;
    this.config = setup.config;
    this.connectTo = setup.connectTo;
    this.queue = setup.queue;
    this.spool = setup.spool.uuid();
    Sessions sessions = new Sessions(new SecureRandom());
    this.takeOver =
        new TakeOver(
            me, sessions, setup.spool, queue.arrivals(), queue::enqueue, setup.clock, metrics);
    this.server = new SiblingServer(me, takeOver, sessions, setup.token, metrics);
    this.handOver =
        new HandOver(
            queue.departures(),
            new OfferedTo(setup.disk, setup.folder),
            new SiblingClient(me, setup.spool.uuid(), this::address, setup.token, metrics),
            this::targets,
            this::forgetOld,
            setup.pause,
            metrics);
  }

  /**
   * For a relay that is no pod, and has no siblings.
   *
   * @param folder of the spool
   * @throws OfferedElsewhereException where messages in it may lie at siblings too
   * @throws IOException where that can't be read
   */
  public static void requireNothingOffered(Disk disk, Path folder) throws IOException {
    new OfferedTo(disk, folder).requireNobody();
  }

  private URI address(Place sibling) {
    RelayConfig.Identity identity = config.get().identity();
    String name = sibling.host(identity.namespace(), identity.clusterDomain());
    Optional<ConnectTo.Target> target = connectTo.target(name, PORT);
    String host = target.map(ConnectTo.Target::host).orElse(name);
    int port = target.map(ConnectTo.Target::port).orElse(PORT);
    return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
  }

  private List<Place> targets() {
    Integer from = config.get().listening().drainFrom();
    return me.drains(from) && closedToMail.getAsBoolean() ? me.below(from) : List.of();
  }

  /**
   * A relay that was not there for so long may still come back with what it offered, and would
   * deliver again what was delivered here and forgotten: not before most of it has expired there.
   */
  private void forgetOld() {
    Duration expires = config.get().retry().expireAfter();
    try {
      int count = queue.arrivals().expire(expires.compareTo(MEMORY) > 0 ? expires : MEMORY);
      if (count > 0) {
        LOG.warn(
            "forgot where {} delivered messages came from: nobody asked for them in time", count);
      }
    } catch (IOException e) {
      LOG.warn("where messages came from can't be forgotten now: {}", e.toString());
    }
  }

  /** What siblings ask. */
  public HttpService service() {
    return server;
  }

  /** Why nothing that is found in the spool may be delivered yet; null where all of it may. */
  public @Nullable String inDoubt() {
    return handOver.inDoubt();
  }

  /**
   * Begins, once the queue knows what is in the spool.
   *
   * @param noMoreMail whether no client can bring anything any more
   */
  public void start(BooleanSupplier noMoreMail) {
    closedToMail = noMoreMail;
    LOG.info("{} has spool {}", me, spool);
    takeOver.recovered();
    handOver.start();
  }

  /** Takes nothing over from now on; when this returns, nothing is being taken. */
  public void closed(boolean closed) {
    takeOver.closed(closed);
    told.clear();
  }

  /** The configuration changed, or the last client has gone. */
  public void look() {
    handOver.look();
  }

  /** Whether nobody has to ask, or be asked, for any message. */
  public boolean settled() {
    Map<UUID, Integer> unconfirmed = queue.arrivals().unconfirmed();
    unconfirmed.forEach(this::tellOnce);
    return unconfirmed.isEmpty() && handOver.settled();
  }

  private void tellOnce(UUID spool, int count) {
    if (told.add(spool)) {
      LOG.info(
          "not empty before the pod with spool {} has confirmed {} messages that it handed over"
              + " here: it must run (its log names that spool)",
          spool,
          count);
    }
  }

  @Override
  public void close() {
    takeOver.closed(true);
    handOver.close();
  }
}
