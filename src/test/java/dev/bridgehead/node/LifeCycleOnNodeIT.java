package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.PostfixServer;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a connector's objects, and of the mail in them, when people edit and delete. */
class LifeCycleOnNodeIT extends NodeTestBase {
  private static final String MESSAGE = "Subject: kept\nMessage-ID: <%s@example.org>\n\nbody\n";

  @Test
  void aStatefulSetDeletedByHandComesBack() {
    String namespace = installation.namespace("mail");
    installation.apply(namespace, Connectors.dns("steady"));
    installation.awaitReady(namespace, "steady");
    String before = installation.field(namespace, "sts/steady-edge", ".metadata.uid");

    cluster.kubectl("delete", "sts", "steady-edge", "-n", namespace).run();

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(installation.field(namespace, "sts/steady-edge", ".metadata.uid"))
                    .isNotEmpty()
                    .isNotEqualTo(before));
    installation.awaitReady(namespace, "steady");
  }

  @ParameterizedTest
  @ValueSource(strings = {"background", "foreground"})
  void deletingAConnectorDeliversWhatIsQueuedAndLeavesNothing(String cascade) {
    String namespace = installation.namespace("mail");
    String domain = cascade + ".test";
    String address = cluster.address(cascade.equals("background") ? 31 : 32);
    cluster.zone(domain, "@ IN MX 10 mx\nmx IN A " + address);
    installation.apply(namespace, Connectors.dns("leaving"));
    installation.awaitReady(namespace, "leaving");
    String before =
        installation
            .names(namespace, "secrets,serviceaccounts")
            .lines()
            .filter(n -> !n.contains("leaving"))
            .toList()
            .toString();
    SenderPod.in(cluster, installation.namespace("shop"))
        .send(
            "leaving." + namespace + ".svc:25",
            "shop@example.org",
            "you@" + domain,
            MESSAGE.formatted(cascade));

    cluster
        .kubectl(
            "delete", "smtpc", "leaving", "-n", namespace, "--cascade=" + cascade, "--wait=false")
        .run();
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                !installation
                    .field(namespace, "smtpc/leaving", ".metadata.deletionTimestamp")
                    .isEmpty());
    assertThat(installation.names(namespace, "pods")).contains("pod/leaving-edge-0");

    try (PostfixServer late =
        PostfixServer.setup().listen(address, 25).by(cluster.insideNetwork()).start()) {
      late.awaitMessage(m -> m.contains("<" + cascade + "@example.org>"));
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(
            () -> {
              assertThat(installation.names(namespace, "smtpc,bh,sts,svc,pvc,pods")).isEmpty();
              assertThat(
                      installation
                          .names(namespace, "secrets,serviceaccounts")
                          .lines()
                          .toList()
                          .toString())
                  .isEqualTo(before);
            });
  }

  @Test
  void aVolumeWithMailOutlivesItsConnector() {
    String namespace = installation.namespace("mail");
    cluster.zone("never.test", "@ IN MX 10 mx\nmx IN A " + cluster.address(33));
    installation.apply(namespace, Connectors.dns("stuck", "5s"));
    installation.awaitReady(namespace, "stuck");
    SenderPod.in(cluster, installation.namespace("shop"))
        .send(
            "stuck." + namespace + ".svc:25",
            "shop@example.org",
            "you@never.test",
            MESSAGE.formatted("stuck"));

    cluster
        .kubectl("delete", "smtpc", "stuck", "-n", namespace, "--timeout=90s")
        .within(Duration.ofMinutes(2))
        .run();

    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(installation.names(namespace, "smtpc,bh,sts,svc,pods,pvc"))
                    .isEqualTo("persistentvolumeclaim/spool-stuck-edge-0"));
    assertThat(
            installation.field(
                namespace,
                "pvc/spool-stuck-edge-0",
                ".metadata.annotations.bridgehead\\.dev/queued"))
        .isEqualTo("1");
  }

  @Test
  void anObjectOfAStrangerIsNotTouched() {
    String namespace = installation.namespace("mail");
    installation.apply(
        namespace,
        """
        apiVersion: v1
        kind: Service
        metadata: {name: taken, labels: {owner: stranger}}
        spec: {ports: [{port: 80}], selector: {app: theirs}}
        """);
    String before = installation.field(namespace, "svc/taken", ".metadata.resourceVersion");

    installation.apply(namespace, Connectors.dns("taken"));

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        installation.field(
                            namespace,
                            "smtpc/taken",
                            ".status.conditions[?(@.type==\"Accepted\")].reason"))
                    .isEqualTo("NameConflict"));
    assertThat(installation.field(namespace, "svc/taken", ".metadata.resourceVersion"))
        .isEqualTo(before);
    cluster.kubectl("delete", "smtpc", "taken", "-n", namespace, "--timeout=60s").run();
    assertThat(installation.field(namespace, "svc/taken", ".metadata.resourceVersion"))
        .isEqualTo(before);
  }

  @Test
  void allFaultsOfMeaningAreRefusedInOneAnswer() {
    String namespace = installation.namespace("mail");
    String manifest =
        Connectors.dns("wrong")
            .replace(
                "{mode: DNS, allowPrivateAddresses: true}",
                "{mode: SmartHost, smartHosts: [{host: 192.0.2.1}, {host: smtp}]}");

    for (String[] options : new String[][] {{}, {"--dry-run=server"}}) {
      assertThat(installation.applyRefused(namespace, manifest, options))
          .contains("spec.routing.smartHosts[0].host: Invalid value: \"192.0.2.1\"")
          .contains("[192.0.2.1]")
          .contains("spec.routing.smartHosts[1].host: Invalid value: \"smtp\"");
    }
    assertThat(installation.names(namespace, "smtpc,bh,sts")).doesNotContain("wrong");
  }
}
