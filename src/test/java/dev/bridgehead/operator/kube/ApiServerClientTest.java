package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiServerClientTest {
  private static final KubernetesSerialization SERIALIZATION =
      new KubernetesSerialization(ApiServerClient.forgivingMapper(), true);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "routing: {mode: Carrier Pigeon}",
        "routing: DNS",
        "routing: {mode: DNS, smartHosts: smtp.example.net}",
        "routing: {mode: DNS, smartHosts: [{host: x, port: many}]}",
        "{routing: {mode: DNS}, bridgeheads: [{name: edge, replicas: 99999999999}]}",
        "[]"
      })
  void oneBadObjectDoesNotStopTheReadingOfOthers(String spec) {
    SmtpConnector read =
        read(
            "metadata: {name: x}, spec: "
                + (spec.startsWith("{") || spec.startsWith("[") ? spec : "{" + spec + "}"));

    assertThat(read.getMetadata().getName()).isEqualTo("x");
    assertThat(Labels.annotation(read, Labels.UNREADABLE).orElseThrow())
        .startsWith("spec")
        .contains("this operator can't read it. The operator is older");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spec: {routing: {mode: DNS, newField: {a: [1]}}}",
        "spec: {routing: {mode: DNS}, newField: true}",
        "spec: {routing: {mode: DNS}, storage: {size: huge}}", // the rules' to judge
        "status: {conditions: none}"
      })
  void marksNothingElse(String rest) {
    SmtpConnector read = read("metadata: {name: x, annotations: {a: b}}, " + rest);

    assertThat(read.getMetadata().getAnnotations()).containsOnlyKeys("a");
  }

  @Test
  void namesWhatItCannotReadAndKeepsTheMarkWhenItIsCopied() {
    SmtpConnector read =
        read(
            "metadata: {name: x, annotations: {a: b}}, spec: {outbound: {tls: {mode: Later}},"
                + " routing: {mode: SmartHost, smartHosts: [{host: a.b}, {host: x, port: many}]}}");

    assertThat(SERIALIZATION.clone(read).getMetadata().getAnnotations())
        .containsEntry("a", "b")
        .hasEntrySatisfying(
            Labels.UNREADABLE,
            text ->
                assertThat(text)
                    .contains("spec.outbound.tls.mode: Unsupported value: \"Later\":")
                    .contains("spec.routing.smartHosts[1].port: Unsupported value: \"many\":"));
  }

  @Test
  void marksEachObjectOfAListByItself() {
    String list =
        """
        {"apiVersion": "bridgehead.dev/v1", "kind": "SmtpConnectorList", "items": [
          {"metadata": {"name": "a"}, "spec": {"routing": {"mode": "Later"}}},
          {"metadata": {"name": "b"}, "spec": {"routing": {"mode": "DNS"}}}]}
        """;

    List<SmtpConnector> read =
        SERIALIZATION
            .unmarshal(
                new ByteArrayInputStream(list.getBytes(StandardCharsets.UTF_8)),
                new TypeReference<DefaultKubernetesResourceList<SmtpConnector>>() {})
            .getItems();

    assertThat(Labels.annotation(read.getFirst(), Labels.UNREADABLE).orElseThrow())
        .startsWith("spec.routing.mode: Unsupported value: \"Later\"");
    assertThat(Labels.annotation(read.getLast(), Labels.UNREADABLE)).isEmpty();
  }

  private static SmtpConnector read(String rest) {
    return SERIALIZATION.unmarshal(
        "---\n{apiVersion: bridgehead.dev/v1, kind: SmtpConnector, " + rest + "}",
        SmtpConnector.class);
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
