package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;

/** Why something failed, in one line, for people. */
public final class Failures {
  private Failures() {}

  /** The API server's own words where it gave any, else what is at the bottom of it. */
  public static String reason(Throwable failure) {
    Throwable root = failure;
    for (Throwable next = failure; next != null; next = next.getCause()) {
      if (next instanceof KubernetesClientException refusal
          && refusal.getStatus() != null
          && refusal.getStatus().getMessage() != null) {
        return firstLine(refusal.getStatus().getMessage());
      }
      if (next instanceof ConnectException && !(next.getCause() instanceof TimeoutException)) {
        // The JDK's client puts a ClosedChannelException below it, or an unresolved address.
        return unresolved(next) ? "its name can't be resolved" : "nothing listens there";
      }
      root = next;
    }
    return switch (root) {
      case UnresolvedAddressException _ -> "its name can't be resolved";
      case UnknownHostException _ -> "its name can't be resolved";
      case ClosedChannelException _ -> "the connection was closed";
      case TimeoutException _ -> "no answer in time";
      default ->
          root.getMessage() == null || root.getMessage().isBlank()
              ? root.getClass().getSimpleName()
              : firstLine(root.getMessage());
    };
  }

  private static boolean unresolved(Throwable failure) {
    for (Throwable next = failure; next != null; next = next.getCause()) {
      if (next instanceof UnresolvedAddressException || next instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
