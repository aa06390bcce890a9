package dev.bridgehead.operator.election;

import dev.bridgehead.operator.kube.ApiServerClient;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One replica, with clocks that a test moves, and without its thread unless the test begins it. */
final class Contender implements Candidate, Interceptor {
  final TwoClocks clocks = new TwoClocks();
  final AtomicInteger elections = new AtomicInteger();
  final KubernetesClient client;
  final LeaseElection election;

  /** Whether no request of its own gets through. */
  volatile boolean cut;

  /** Whether it fails when it is elected. */
  volatile boolean faulty;

  volatile @Nullable String deposedBy;
  volatile @Nullable String failure;

  private final Config config;
  private final String namespace;

  Contender(Config config, String namespace, String lease, String run, LeaseElection.Terms terms) {
    this.config = config;
    this.namespace = namespace;
    client = ApiServerClient.sendingOnce(config, this);
    election =
        new LeaseElection(
            new LeaseStore(client, namespace, lease, run, Clock.systemUTC()), terms, this, clocks);
  }

  void look() {
    election.round();
  }

  boolean leads() {
    return election.leads();
  }

  void write(String name) {
    try (KubernetesClient fenced =
        ApiServerClient.sendingOnce(config, new FencedWrites(election.fence()))) {
      fenced
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName(name)
                  .endMetadata()
                  .build())
          .serverSideApply();
    }
  }

  @Override
  public void elected() {
    elections.incrementAndGet();
    if (faulty) {
      throw new LinkageError("as a test wants it");
    }
  }

  @Override
  public void deposed(String by) {
    deposedBy = by;
  }

  @Override
  public void failed(String why) {
    failure = why;
  }

  @Override
  public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
    if (cut) {
      throw new KubernetesClientException("no way to the API server");
    }
  }
}
