package dev.bridgehead.operator;

import dev.bridgehead.operator.election.Candidate;
import dev.bridgehead.operator.election.Fence;
import dev.bridgehead.operator.election.FencedWrites;
import dev.bridgehead.operator.election.LeaseElection;
import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.operator.kube.Failures;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.OperatorException;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica of the operator: stands by until it is elected, then runs the controllers until it is
 * stopped, or another one leads. The elector's thread tells, a thread of its own starts the
 * controllers, a shutdown hook stops it.
 */
public final class Replica implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);
  private static final String LEASE = "bridgehead";
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);
  private static final Duration LEFT_OUT_LOOK = Duration.ofSeconds(15);
  private static final Duration START_PATIENCE = Duration.ofSeconds(5);

  /** How the controllers are started with a client that is theirs. */
  @FunctionalInterface
  public interface Start extends Function<KubernetesClient, BridgeheadOperator> {}

  private final Config config;
  private final Start start;
  private final Consumer<String> end;
  private final Closing closing = new Closing();
  private final @Nullable LeaseElection election; // null: alone
  private final Thread starter = Thread.ofPlatform().name("controllers").unstarted(this::lead);
  private volatile @Nullable KubernetesClient client; // set by the starter
  private volatile @Nullable BridgeheadOperator controllers; // set by the starter

  private Replica(Config config, Start start, Consumer<String> end, @Nullable Election asked) {
    this.config = config;
    this.start = start;
    this.end = end;
    this.election = asked == null ? null : asked.make(new Controllers());
  }

  /**
   * Where to stand for election.
   *
   * @param open a client without a fence, which sends each request once
   * @param namespace of the Lease
   * @param pod of this process
   * @param metrics take a gauge
   */
  public record Election(
      KubernetesClient open, String namespace, String pod, MeterRegistry metrics) {
    private LeaseElection make(Candidate candidate) {
      return LeaseElection.of(open, namespace, LEASE, pod, LeaseElection.Terms.DEFAULT, candidate);
    }
  }

  /**
   * Runs the controllers whoever else may do so, from now on.
   *
   * @param end ends the process, whatever it is doing; told why
   */
  public static Replica alone(Config config, Start start, Consumer<String> end) {
    Replica replica = new Replica(config, start, end, null);
    replica.starter.start();
    return replica;
  }

  /**
   * Stands for election, and returns at once.
   *
   * @param end ends the process, whatever it is doing; told why
   */
  public static Replica standing(
      Config config, Start start, Consumer<String> end, Election election) {
    Replica replica = new Replica(config, start, end, election);
    Gauge.builder("bridgehead.operator.leader", replica, r -> r.leads() && r.active() ? 1 : 0)
        .description("1 where this replica leads and its controllers run, 0 where it stands by")
        .register(election.metrics());
    Optional.ofNullable(replica.election).ifPresent(LeaseElection::begin);
    return replica;
  }

  private final class Controllers implements Candidate {
    @Override
    public void elected() {
      starter.start();
    }

    @Override
    public void deposed(String by) {
      end.accept("another replica leads: " + by);
    }

    @Override
    public void failed(String why) {
      end.accept(why);
    }
  }

  /** Starts the controllers, and again where there is more for them to do. */
  private void lead() {
    try {
      start();
      BridgeheadOperator running = controllers;
      while (running != null && running.leavesOut() && !closing.beginsWithin(LEFT_OUT_LOOK)) {
        if (couldServeMore(running)) {
          running.stop();
          closeClient();
          start();
          running = controllers;
        }
      }
    } catch (RuntimeException | Error e) {
      // A fault of ours. Who leads and controls nothing would keep others from it, unseen.
      LOG.error("The controllers can't start", e);
      end.accept("the controllers can't start: " + e);
    }
  }

  /** However often that takes. */
  private void start() {
    String said = "";
    Duration pause = FIRST_PAUSE;
    String why = startOnce();
    while (!why.isEmpty()) {
      if (!why.equals(said)) {
        LOG.warn("The controllers can't start yet: {}", why);
      }
      said = why;
      if (closing.beginsWithin(pause)) {
        return;
      }
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
      why = startOnce();
    }
  }

  private static boolean couldServeMore(BridgeheadOperator running) {
    try {
      return running.couldServeMore();
    } catch (KubernetesClientException e) {
      return false; // the API server is away, or busy: the next look will tell
    }
  }

  /**
   * With a client of its own: what a start that failed has begun, watches first of all, ends with
   * it.
   *
   * @return why not yet; empty where they run
   */
  private String startOnce() {
    Fence fence = election == null ? Fence.none() : election.fence();
    KubernetesClient fenced = ApiServerClient.forControllers(config, new FencedWrites(fence));
    try {
      controllers = start.apply(fenced);
      client = fenced;
      LOG.info("The controllers run");
      return "";
    } catch (OperatorException | KubernetesClientException e) {
      fenced.close();
      return Failures.reason(e);
    }
  }

  /** Whether it was elected and may write; always where it runs alone. */
  public boolean leads() {
    return election == null || election.leads();
  }

  /** Whether the controllers have started. */
  public boolean active() {
    BridgeheadOperator running = controllers;
    return running != null && running.ready();
  }

  /** Whether a restart would not help. */
  public boolean live() {
    BridgeheadOperator running = controllers;
    return (running == null || running.live()) && (election == null || election.runs());
  }

  /**
   * Stops the controllers and gives the Lease back. Where a reconciliation doesn't end in time, the
   * Lease is left to run out: something could still be written.
   */
  @Override
  public void close() {
    closing.begin();
    boolean quiet = started();
    BridgeheadOperator running = controllers;
    if (running != null) {
      quiet &= running.stop();
    }
    if (election != null) {
      election.close();
      if (quiet) {
        election.release();
      }
    }
    closeClient();
  }

  private void closeClient() {
    KubernetesClient used = client;
    if (used != null) {
      used.close();
    }
  }

  /** Whether no start is under way any more. */
  private boolean started() {
    try {
      starter.join(START_PATIENCE.toMillis());
      return !starter.isAlive();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
