package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.operator.model.TokenIssuer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's issuer of ServiceAccount tokens, as the API server publishes it. Asked for only
 * where a connector takes such tokens, and then every few minutes for all of them together: a new
 * key may sign tokens from the moment that the API server has it. Any thread.
 */
final class ClusterIssuer {
  private static final Logger LOG = LoggerFactory.getLogger(ClusterIssuer.class);

  static final String DISCOVERY = "/.well-known/openid-configuration";
  static final String KEYS = "/openid/v1/jwks";

  private static final Duration FRESH = Duration.ofMinutes(5);
  private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private Instant nextLook = Instant.MIN; // guarded by lock
  private Known known = new Known(null, ""); // guarded by lock

  /**
   * What is known.
   *
   * @param issuer null where it never could be read
   * @param problem why it can't be read now; empty where it could
   */
  record Known(@Nullable TokenIssuer issuer, String problem) {}

  ClusterIssuer(KubernetesClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  /** The issuer; the last one known where it can't be read at the moment. */
  Known current() {
    lock.lock();
    try {
      if (!clock.instant().isBefore(nextLook)) {
        look();
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private void look() {
    try {
      known = new Known(TokenIssuer.of(read(DISCOVERY), read(KEYS)), "");
      nextLook = clock.instant().plus(FRESH);
    } catch (KubernetesClientException | IllegalArgumentException failure) {
      String problem = "the cluster's token issuer can't be read: " + words(failure);
      if (!problem.equals(known.problem())) {
        LOG.warn("{}", problem);
      }
      known = new Known(known.issuer(), problem);
      nextLook = clock.instant().plus(AFTER_A_FAILURE);
    }
  }

  private String read(String path) {
    String document = client.raw(path);
    if (document == null) {
      throw new IllegalArgumentException("the API server has no " + path);
    }
    return document;
  }

  private static String words(RuntimeException failure) {
    if (failure instanceof KubernetesClientException api
        && api.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
      return "the operator may not get "
          + DISCOVERY
          + " and "
          + KEYS
          + "; the ClusterRole system:service-account-issuer-discovery allows it";
    }
    String message = String.valueOf(failure.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
