package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Objects;

/**
 * Whether a cache is behind. JOSDK takes a finalizer off by a JSON patch from the object that it
 * handed to the controller. Where a status was written a moment ago that is an older one, and the
 * API server refuses the patch however often it is sent.
 */
public final class CacheLag {
  /** A cache that works has caught up by then. */
  public static final Duration SOON = Duration.ofMillis(200);

  private CacheLag() {}

  /**
   * @param seen as a cache has it
   */
  public static boolean behind(KubernetesClient client, HasMetadata seen) {
    HasMetadata now = client.resource(seen).get();
    return now != null
        && !Objects.equals(
            now.getMetadata().getResourceVersion(), seen.getMetadata().getResourceVersion());
  }
}
