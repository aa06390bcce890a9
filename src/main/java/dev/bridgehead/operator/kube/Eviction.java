package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import java.net.HttpURLConnection;

/**
 * Asks for the end of one pod by the Eviction API, which heeds disruption budgets; a plain deletion
 * would not.
 */
public final class Eviction {
  private static final int TOO_MANY_REQUESTS = 429;

  private Eviction() {}

  /** What the API server answered. */
  public sealed interface Answer permits Granted, Refused, Gone {}

  /** The pod is on its way out. */
  public record Granted() implements Answer {}

  /**
   * A disruption budget forbids it for now.
   *
   * @param why in the API server's words
   */
  public record Refused(String why) implements Answer {}

  /** It had gone already, or another is in its place. */
  public record Gone() implements Answer {}

  /**
   * Asks once. A refusal is an answer here: the client's own patience with a busy API server, which
   * answers with the same status, would only hold the controller up.
   *
   * @param seen the pod; its uid makes sure that no other is ended
   */
  public static Answer evict(KubernetesClient client, Pod seen) {
    String namespace = seen.getMetadata().getNamespace();
    String name = seen.getMetadata().getName();
    io.fabric8.kubernetes.api.model.policy.v1.Eviction eviction =
        new EvictionBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .withDeleteOptions(
                new DeleteOptionsBuilder()
                    .withNewPreconditions()
                    .withUid(seen.getMetadata().getUid())
                    .endPreconditions()
                    .build())
            .build();
    RequestConfig once =
        new RequestConfigBuilder(client.getConfiguration().getRequestConfig())
            .withRequestRetryBackoffLimit(0)
            .build();
    try {
      client
          .newClient(once)
          .adapt(KubernetesClient.class)
          .raw("/api/v1/namespaces/" + namespace + "/pods/" + name + "/eviction", "POST", eviction);
      return new Granted();
    } catch (KubernetesClientException e) {
      return answer(e);
    }
  }

  private static Answer answer(KubernetesClientException e) {
    int code = e.getCode();
    // A busy API server answers with the same status, and means something else.
    if (code == TOO_MANY_REQUESTS && why(e).contains("disruption budget")) {
      return new Refused(why(e));
    }
    // Two budgets, ours and somebody's own, for one pod: the API server can't weigh them.
    if (code == HttpURLConnection.HTTP_INTERNAL_ERROR && why(e).contains("DisruptionBudget")) {
      return new Refused(why(e) + "; remove the one that is not ours");
    }
    if (code == HttpURLConnection.HTTP_NOT_FOUND || code == HttpURLConnection.HTTP_CONFLICT) {
      return new Gone();
    }
    throw e;
  }

  private static String why(KubernetesClientException refusal) {
    return refusal.getStatus() == null
        ? String.valueOf(refusal.getMessage())
        : String.valueOf(refusal.getStatus().getMessage());
  }
}
