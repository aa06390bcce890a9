package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a pod through a connector's Service to real Postfix servers, found by DNS and as smart
 * hosts.
 */
class MailOnNodeIT extends NodeTestBase {
  private static final String MESSAGE =
      """
      From: Shop <shop@example.org>
      To: You <you@example.test>
      Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
      Date: Mon, 23 Nov 2026 10:00:00 +0000
      Message-ID: <%s@example.org>
      X-Odd:   folded
      \tand kept

      A line.
      .a line that begins with a dot
      ..

      The end.
      """;

  private static PostfixServer exchanger;
  private static PostfixServer firstRelay;
  private static PostfixServer secondRelay;
  private static TestCa ca;

  @BeforeAll
  static void servers(@TempDir Path folder) throws IOException {
    ca = TestCa.in(folder, "test-ca");
    exchanger =
        PostfixServer.setup().listen(cluster.address(25), 25).by(cluster.insideNetwork()).start();
    firstRelay = relay("relay1.partner.test", cluster.address(26));
    secondRelay = relay("relay2.partner.test", cluster.address(27));
    cluster.zone("example.test", "@ IN MX 10 mx\nmx IN A 10.250.0.25");
    cluster.zone("partner.test", "relay1 IN A 10.250.0.26\nrelay2 IN A 10.250.0.27");
  }

  private static PostfixServer relay(String name, String address) {
    return PostfixServer.setup()
        .listen(address, 587)
        .hostname(name)
        .tlsOnly(ca.issue(name))
        .user("bridgehead", "secret of " + name)
        .by(cluster.insideNetwork())
        .start();
  }

  @AfterAll
  static void stop() {
    for (PostfixServer server : new PostfixServer[] {exchanger, firstRelay, secondRelay}) {
      if (server != null) {
        server.close();
      }
    }
  }

  @Test
  void theExamplesBecomeReady() {
    String namespace = installation.namespace("examples");

    cluster.kubectl("apply", "-n", namespace, "-f", "examples/").run();

    for (String example : new String[] {"internet", "quickstart", "provider"}) {
      installation.awaitReady(namespace, example);
    }
    cluster
        .kubectl("delete", "-n", namespace, "-f", "examples/", "--timeout=120s")
        .within(Duration.ofMinutes(3))
        .run();
  }

  @Test
  void mailOfAPodReachesADomainByDnsUnchanged() {
    String namespace = installation.namespace("mail");
    String shop = installation.namespace("shop");
    installation.apply(namespace, Connectors.dns("internet"));
    installation.awaitReady(namespace, "internet");

    String message = MESSAGE.formatted("by-dns");
    String dialogue =
        SenderPod.in(cluster, shop)
            .send(
                "internet." + namespace + ".svc:25",
                "shop@example.org",
                "you@example.test",
                message);

    assertThat(dialogue).contains("queued as");
    String arrived = exchanger.awaitMessage(m -> m.contains("<by-dns@example.org>"));
    assertThat(Octets.withoutTrace(arrived)).isEqualTo(message);
    assertThat(arrived).contains("by mail.internet.example.org");
  }

  @Test
  void mailOfAPodReachesASmartHostAuthenticatedOverVerifiedTls() throws IOException {
    String namespace = installation.namespace("mail");
    String shop = installation.namespace("shop");
    forwardToFirstRelay(namespace, "partner");

    String message = MESSAGE.formatted("by-smart-host");
    SenderPod.in(cluster, shop)
        .send("partner." + namespace + ".svc:25", "shop@example.org", "you@example.test", message);

    String arrived = firstRelay.awaitMessage(m -> m.contains("<by-smart-host@example.org>"));
    assertThat(Octets.withoutTrace(arrived)).isEqualTo(message);
    assertThat(firstRelay.log()).contains("sasl_username=bridgehead");
  }

  private static void forwardToFirstRelay(String namespace, String connector) throws IOException {
    installation.apply(
        namespace,
        String.join(
            "---\n",
            Connectors.authority(ca),
            Connectors.credentials("bridgehead", "secret of relay1.partner.test"),
            Connectors.smartHost(connector, "relay1.partner.test")));
    installation.awaitReady(namespace, connector);
  }

  @Test
  void anotherSmartHostTakesEffectWithoutARestart() throws IOException {
    String namespace = installation.namespace("mail");
    String shop = installation.namespace("shop");
    forwardToFirstRelay(namespace, "moving");
    String podBefore = installation.field(namespace, "pod/moving-edge-0", ".metadata.uid");

    installation.apply(
        namespace,
        String.join(
            "---\n",
            Connectors.credentials("bridgehead", "secret of relay2.partner.test"),
            Connectors.smartHost("moving", "relay2.partner.test")));
    installation.awaitCurrent(namespace, "moving");
    SenderPod.in(cluster, shop)
        .send(
            "moving." + namespace + ".svc:25",
            "shop@example.org",
            "you@example.test",
            MESSAGE.formatted("moved"));

    secondRelay.awaitMessage(m -> m.contains("<moved@example.org>"));
    assertThat(installation.field(namespace, "pod/moving-edge-0", ".metadata.uid"))
        .isEqualTo(podBefore);
    assertThat(
            installation.field(
                namespace, "pod/moving-edge-0", ".status.containerStatuses[0].restartCount"))
        .isEqualTo("0");
  }

  @Test
  void aConnectorAppliedBeforeItsSecretBecomesReadyWhenTheSecretArrives() throws IOException {
    String namespace = installation.namespace("mail");
    installation.apply(
        namespace,
        String.join(
            "---\n",
            Connectors.authority(ca),
            Connectors.smartHost("early", "relay1.partner.test")));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(condition(namespace, "early", "ResolvedRefs", "message"))
                    .contains("relay"));
    assertThat(condition(namespace, "early", "Ready", "status")).isEqualTo("False");

    installation.apply(
        namespace, Connectors.credentials("bridgehead", "secret of relay1.partner.test"));

    installation.awaitReady(namespace, "early");
  }

  private static String condition(String namespace, String connector, String type, String field) {
    return installation.field(
        namespace,
        "smtpc/" + connector,
        ".status.conditions[?(@.type==\"" + type + "\")]." + field);
  }
}
