package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tier2")
class ApiServerClientIT {
  @Test
  void saysInOneLineThatTheDefinitionsAreMissing() {
    try (ApiServer bare = ApiServer.start();
        KubernetesClient client = ApiServerClient.create(bare.config())) {
      assertThatThrownBy(() -> ApiServerClient.check(client, Set.of()))
          .isInstanceOf(UnusableApiServerException.class)
          .hasMessageContaining("does not know smtpconnectors.bridgehead.dev: install the CRDs")
          .message()
          .hasLineCount(1);

      bare.withCrds();

      assertThatCode(() -> ApiServerClient.check(client, Set.of())).doesNotThrowAnyException();
    }
  }

  @Test
  void saysInOneLineThatRightsAreMissing() {
    try (KubernetesClient client = ApiServer.shared().withCrds().as("nobody")) {
      assertThatThrownBy(() -> ApiServerClient.check(client, Set.of("mail")))
          .isInstanceOf(UnusableApiServerException.class)
          .hasMessageContaining("does not let this operator list smtpconnectors.bridgehead.dev");
    }
  }
}
