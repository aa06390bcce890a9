package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** How the API server says that a namespace is being deleted, and takes nothing new. */
public final class NamespaceEnd {
  private NamespaceEnd() {}

  /** Whether that is why it refused. */
  public static boolean isReasonOf(KubernetesClientException failure) {
    return failure.getStatus() != null
        && failure.getStatus().getDetails() != null
        && failure.getStatus().getDetails().getCauses() != null
        && failure.getStatus().getDetails().getCauses().stream()
            .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
  }
}
