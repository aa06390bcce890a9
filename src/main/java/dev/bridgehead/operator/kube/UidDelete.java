package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;

/**
 * Deletes exactly the object that was seen, not one of the same name that came after it. (The
 * client's own delete knows a resourceVersion as its precondition, but not a uid.)
 */
public final class UidDelete {
  private UidDelete() {}

  /**
   * @return whether this call deleted it; false where it was gone, or another is in its place
   */
  public static boolean delete(KubernetesClient client, HasMetadata seen) {
    return delete(
        client,
        seen,
        new DeleteOptionsBuilder()
            .withPropagationPolicy("Background")
            .withNewPreconditions()
            .withUid(seen.getMetadata().getUid())
            .endPreconditions()
            .build());
  }

  /**
   * Deletes an object that nobody has changed since it was seen.
   *
   * @return whether this call deleted it
   */
  public static boolean unchanged(KubernetesClient client, HasMetadata seen) {
    return unchanged(client, seen, "Background");
  }

  /**
   * Deletes an object that nobody has changed since it was seen, and leaves what it owns.
   *
   * @return whether this call deleted it
   */
  public static boolean orphaning(KubernetesClient client, HasMetadata seen) {
    return unchanged(client, seen, "Orphan");
  }

  private static boolean unchanged(KubernetesClient client, HasMetadata seen, String propagation) {
    return delete(
        client,
        seen,
        new DeleteOptionsBuilder()
            .withPropagationPolicy(propagation)
            .withNewPreconditions()
            .withUid(seen.getMetadata().getUid())
            .withResourceVersion(seen.getMetadata().getResourceVersion())
            .endPreconditions()
            .build());
  }

  private static boolean delete(KubernetesClient client, HasMetadata seen, DeleteOptions options) {
    try {
      client.raw(path(seen), "DELETE", options);
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND
          || (e.getCode() == HttpURLConnection.HTTP_CONFLICT && !holds(client, seen, options))) {
        return false;
      }
      throw e;
    }
  }

  /** Whether the preconditions hold after all: then the conflict was another one, and passes. */
  private static boolean holds(KubernetesClient client, HasMetadata seen, DeleteOptions options) {
    HasMetadata now = client.resource(seen).get();
    String version = options.getPreconditions().getResourceVersion();
    return now != null
        && now.getMetadata().getUid().equals(options.getPreconditions().getUid())
        && (version == null || version.equals(now.getMetadata().getResourceVersion()));
  }

  private static String path(HasMetadata object) {
    String version = object.getApiVersion();
    return (version.contains("/") ? "/apis/" : "/api/")
        + version
        + "/namespaces/"
        + object.getMetadata().getNamespace()
        + "/"
        + object.getPlural()
        + "/"
        + object.getMetadata().getName();
  }
}
