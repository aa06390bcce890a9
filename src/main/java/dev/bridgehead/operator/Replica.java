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
  private static final Duration NEXT_START = Duration.ofSeconds(2);
  private static final Duration START_PATIENCE = Duration.ofSeconds(5);

  /** How the controllers are started with a client that is theirs. */
  @FunctionalInterface
  public interface Start extends Function<KubernetesClient, BridgeheadOperator> {}

  private final Start start;
  private final Closing closing = new Closing();
  private final @Nullable LeaseElection election; // null: alone
  private final KubernetesClient client;
  private final Thread starter = Thread.ofPlatform().name("controllers").unstarted(this::lead);
  private volatile @Nullable BridgeheadOperator controllers; // set by the starter

  private Replica(Config config, Start start, @Nullable Election asked) {
    this.start = start;
    this.election = asked == null ? null : asked.make(new Controllers(asked.end));
    Fence fence = election == null ? Fence.none() : election.fence();
    this.client = ApiServerClient.forControllers(config, new FencedWrites(fence));
  }

  /**
   * Where to stand for election.
   *
   * @param open a client without a fence, which sends each request once
   * @param namespace of the Lease
   * @param pod of this process
   * @param metrics take a gauge
   * @param end ends the process, whatever it is doing; told why
   */
  public record Election(
      KubernetesClient open,
      String namespace,
      String pod,
      MeterRegistry metrics,
      Consumer<String> end) {
    private LeaseElection make(Candidate candidate) {
      LeaseElection election =
          LeaseElection.of(open, namespace, LEASE, pod, LeaseElection.Terms.DEFAULT, candidate);
      Gauge.builder("bridgehead.operator.leader", election, e -> e.leads() ? 1 : 0)
          .description("1 where this replica leads, 0 where it stands by")
          .register(metrics);
      return election;
    }
  }

  /** Runs the controllers whoever else may do so, from now on. */
  public static Replica alone(Config config, Start start) {
    Replica replica = new Replica(config, start, null);
    replica.starter.start();
    return replica;
  }

  /** Stands for election, and returns at once. */
  public static Replica standing(Config config, Start start, Election election) {
    Replica replica = new Replica(config, start, election);
    Optional.ofNullable(replica.election).ifPresent(LeaseElection::begin);
    return replica;
  }

  private final class Controllers implements Candidate {
    private final Consumer<String> end;

    private Controllers(Consumer<String> end) {
      this.end = end;
    }

    @Override
    public void elected() {
      starter.start();
    }

    @Override
    public void deposed(String by) {
      end.accept("another replica leads: " + by);
    }
  }

  /** Starts the controllers, however often that takes. */
  private void lead() {
    boolean said = false;
    do {
      try {
        controllers = start.apply(client);
        LOG.info("The controllers run");
        return;
      } catch (OperatorException | KubernetesClientException e) {
        if (!said) {
          LOG.warn("The controllers can't start yet: {}", Failures.reason(e));
          said = true;
        }
      }
    } while (!closing.beginsWithin(NEXT_START));
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
    client.close();
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
