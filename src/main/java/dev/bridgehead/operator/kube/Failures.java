package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Why something failed, in one line, for people. */
public final class Failures {
  /** RFC 6585 section 4; how the API server's priority and fairness puts somebody off. */
  private static final int TOO_MANY_REQUESTS = 429;

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

  /**
   * Whether a request to the API server may work later, with nobody doing anything: it was not
   * reached, did not answer in time, is overloaded (429), has trouble of its own (5xx), or has
   * forgotten the version that a watch was to begin at (410), which the next list mends.
   */
  public static boolean passing(RuntimeException failure) {
    return failure instanceof UnreachableApiServerException
        || (failure instanceof KubernetesClientException && unanswered(failure));
  }

  private static boolean unanswered(@Nullable Throwable failure) {
    return switch (failure) {
      case KubernetesClientException refusal when refusal.getCode() > 0 -> // else: no answer
          refusal.getCode() == TOO_MANY_REQUESTS
              || refusal.getCode() == HttpURLConnection.HTTP_GONE
              || refusal.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR;
      case IOException _ -> true;
      case TimeoutException _ -> true;
      case null -> false;
      default -> unanswered(failure.getCause());
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
