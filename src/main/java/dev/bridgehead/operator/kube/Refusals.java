package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Optional;

/** What it means when the API server says no. */
public final class Refusals {
  private Refusals() {}

  /** Whether the namespace is being deleted, and takes nothing new. */
  public static boolean namespaceEnds(KubernetesClientException failure) {
    return failure.getStatus() != null
        && failure.getStatus().getDetails() != null
        && failure.getStatus().getDetails().getCauses() != null
        && failure.getStatus().getDetails().getCauses().stream()
            .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
  }

  /**
   * The API server's words where it refuses for a reason that a person has to remove, such as a
   * quota, a policy or a missing right. A conflict or an API server that is away passes by itself.
   */
  public static Optional<String> lasting(Exception failure) {
    return failure instanceof KubernetesClientException refusal
            && refusal.getCode() >= HttpURLConnection.HTTP_BAD_REQUEST
            && refusal.getCode() < HttpURLConnection.HTTP_INTERNAL_ERROR
            && refusal.getCode() != HttpURLConnection.HTTP_CONFLICT
            && refusal.getCode() != TOO_MANY_REQUESTS
            && refusal.getStatus() != null
        ? Optional.ofNullable(refusal.getStatus().getMessage())
        : Optional.empty();
  }

  private static final int TOO_MANY_REQUESTS = 429;
  private static final int UNPROCESSABLE = 422;

  /**
   * Whether a merge patch that names an object's uid met none, or another one of that name, to
   * which the API server says 422. A conflict is something else: somebody wrote just then, and it
   * is to be tried again.
   */
  public static boolean replaced(KubernetesClientException failure) {
    return failure.getCode() == HttpURLConnection.HTTP_NOT_FOUND
        || failure.getCode() == UNPROCESSABLE;
  }
}
