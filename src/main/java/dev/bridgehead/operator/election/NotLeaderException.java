package dev.bridgehead.operator.election;

import io.fabric8.kubernetes.client.KubernetesClientException;

/** Something was not written, since this replica does not lead, or can't know whether it does. */
public final class NotLeaderException extends KubernetesClientException {
  private static final long serialVersionUID = 1L;

  NotLeaderException(String method, String path) {
    super("this replica does not hold the Lease now; not sent: " + method + " " + path);
  }
}
