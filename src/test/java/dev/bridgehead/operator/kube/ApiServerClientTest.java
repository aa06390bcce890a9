package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.api.SmtpConnector;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerClientTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "routing: {mode: Carrier Pigeon}",
        "routing: {mode: DNS, newField: {a: [1]}}",
        "routing: DNS",
        "routing: {mode: DNS, smartHosts: smtp.example.net}",
        "routing: {mode: DNS, smartHosts: [{host: x, port: many}]}",
        "{routing: {mode: DNS}, storage: {size: huge}}",
        "{routing: {mode: DNS}, bridgeheads: [{name: edge, replicas: 99999999999}]}",
        "newField: true",
        "[]"
      })
  void oneBadObjectDoesNotStopTheReadingOfOthers(String spec) {
    KubernetesSerialization serialization =
        new KubernetesSerialization(ApiServerClient.forgivingMapper(), true);
    String yaml =
        "---\n{apiVersion: bridgehead.dev/v1, kind: SmtpConnector, metadata: {name: x}, spec: "
            + (spec.startsWith("{") || spec.startsWith("[") ? spec : "{" + spec + "}")
            + "}";

    SmtpConnector read = serialization.unmarshal(yaml, SmtpConnector.class);

    assertThat(read.getMetadata().getName()).isEqualTo("x");
  }

  @Test
  void saysInOneLineThatTheApiServerIsNotThere() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    try (KubernetesClient client =
        ApiServerClient.create(
            new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + port)
                .withRequestRetryBackoffLimit(0)
                .build())) {
      assertThatThrownBy(() -> ApiServerClient.check(client, Set.of()))
          .isInstanceOf(UnusableApiServerException.class)
          .hasMessageStartingWith("the API server at http://127.0.0.1:" + port)
          .hasMessageContaining("can't be reached: nothing listens there")
          .message()
          .hasLineCount(1);
    }
  }
}
