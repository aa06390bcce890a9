package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.ReplicaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One of the watched namespaces is deleted, and with it the operator's role in it. */
@Tag("tier2")
class LostNamespaceIT {
  private static final String RELEASE = "mail-system";
  private static final String CONNECTOR =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com}]
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path logs;

  @ParameterizedTest
  @ValueSource(strings = {"shop", "office"})
  void isNoReasonNotToServeTheOtherAndIsServedWhenItIsBack(String lost) throws Exception {
    String other = lost.equals("shop") ? "office" : "shop";
    String chart = Chart.rendered(List.of("watchNamespaces={shop,office}", "crds.enabled=false"));
    try (ApiServer server = ApiServer.start().withCrds().startControllers()) {
      for (String namespace : List.of(RELEASE, "shop", "office")) {
        server.kubectl("create", "namespace", namespace).run();
      }
      server.kubectl("apply", "--server-side", "-f", "-").withInput(chart).run();
      server.kubectl("delete", "validatingwebhookconfiguration", "bridgehead").run();
      server.kubectl("delete", "namespace", lost).run();
      try (ReplicaProcess replica =
          ReplicaProcess.start(
              server.kubeconfigOf(RELEASE, "bridgehead"),
              RELEASE,
              "a",
              Map.of("BRIDGEHEAD_WATCH_NAMESPACES", "shop,office"),
              logs)) {
        replica.awaitLine("The controllers run");
        assertThat(replica.log()).contains("namespaces [" + lost + "]");
        assertServed(server, other);

        server.kubectl("create", "namespace", lost).run();
        server.kubectl("apply", "--server-side", "-f", "-").withInput(chart).run();
        server.kubectl("delete", "validatingwebhookconfiguration", "bridgehead").run();

        assertServed(server, lost);
        assertThat(replica.alive()).isTrue();
        assertThat(replica.log()).doesNotContain("\tat ");
      }
    }
  }

  private static void assertServed(ApiServer server, String namespace) {
    server.kubectl("-n", namespace, "apply", "-f", "-").withInput(CONNECTOR).run();
    Awaitility.await(namespace)
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                server
                        .kubectl("-n", namespace, "get", "statefulset", "internet-edge")
                        .attempt()
                        .status()
                    == 0);
  }
}
