package dev.bridgehead.webhook;

import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the API server, on a thread of its own that is given up after two seconds. */
final class ClusterServiceAddresses implements ServiceAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterServiceAddresses.class);

  /** Well below the five seconds that the API server waits for the webhook. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Answered by the API server from memory: a moment old is good enough. */
  private static final ListOptions FROM_MEMORY =
      new ListOptionsBuilder().withResourceVersion("0").build();

  private final KubernetesClient client;

  ClusterServiceAddresses(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public List<InetAddress> of(String namespace, Set<String> serviceNames) {
    FutureTask<List<InetAddress>> lookUp =
        new FutureTask<>(
            () ->
                client.services().inNamespace(namespace).list(FROM_MEMORY).getItems().stream()
                    .filter(service -> serviceNames.contains(service.getMetadata().getName()))
                    .flatMap(ClusterServiceAddresses::addresses)
                    .distinct()
                    .toList());
    Thread thread = Thread.ofVirtual().name("service-addresses").start(lookUp);
    try {
      return lookUp.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.warn(
          "The Services of {} were not read within {}; judged without their addresses",
          namespace,
          PATIENCE);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof KubernetesClientException)) {
        throw new IllegalStateException(e.getCause());
      }
      LOG.warn(
          "The Services of {} can't be read; judged without their addresses: {}",
          namespace,
          e.getCause().getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      thread.interrupt();
    }
    return List.of();
  }

  private static Stream<InetAddress> addresses(Service service) {
    List<String> texts = new ArrayList<>();
    if (service.getSpec() != null) {
      texts.addAll(orNone(service.getSpec().getClusterIPs()));
      texts.addAll(orNone(service.getSpec().getExternalIPs()));
    }
    if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
      orNone(service.getStatus().getLoadBalancer().getIngress()).stream()
          .map(LoadBalancerIngress::getIp)
          .forEach(texts::add);
    }
    return texts.stream().flatMap(ClusterServiceAddresses::literal);
  }

  /** "None" of a headless Service and "" are no addresses. */
  private static Stream<InetAddress> literal(@Nullable String text) {
    if (text == null || text.isEmpty() || text.equals("None")) {
      return Stream.empty();
    }
    try {
      return Stream.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      LOG.warn("A Service has the address {}, which is none", text);
      return Stream.empty();
    }
  }

  private static <T> List<T> orNone(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }
}
