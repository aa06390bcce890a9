package dev.bridgehead.operator.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a real API server publishes, and to whom. */
@Tag("tier2")
class ClusterIssuerIT {
  private static ClusterIssuer.Known seenBy(String user) {
    var config =
        new ConfigBuilder(ApiServer.shared().config()).withImpersonateUsername(user).build();
    try (KubernetesClient client = ApiServerClient.create(config)) {
      return new ClusterIssuer(client, Clock.systemUTC()).current();
    }
  }

  /** By the ClusterRole that Kubernetes gives to all of them. */
  @Test
  void everyServiceAccountMayReadTheIssuer() {
    ClusterIssuer.Known known = seenBy("system:serviceaccount:bridgehead:bridgehead");

    assertThat(known.problem()).isEmpty();
    assertThat(String.valueOf(known.issuer()))
        .contains("https://kubernetes.default.svc", "\"kty\":\"RSA\"", "\"kid\":");
  }

  @Test
  void whoeverMayNotIsToldWhichRightIsMissing() {
    ClusterIssuer.Known known = seenBy("somebody");

    assertThat(known.issuer()).isNull();
    assertThat(known.problem())
        .isEqualTo(
            "the cluster's token issuer can't be read: the operator may not get"
                + " /.well-known/openid-configuration and /openid/v1/jwks; the ClusterRole"
                + " system:service-account-issuer-discovery allows it");
  }
}
