package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.Command;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The webhook as a real API server asks it, called by URL on loopback; the chart's configuration
 * otherwise.
 */
@Tag("tier2")
class WebhookIT {
  private static final String CONFIGURATION = "bridgehead-it";
  private static final String NAMESPACE = "webhook-it";
  private static final String SECRET = "bridgehead-webhook-ca";

  @SuppressWarnings("NullAway.Init") // before all tests
  private static ApiServer apiServer;

  @SuppressWarnings("NullAway.Init") // before each test
  private WebhookServer webhook;

  @BeforeAll
  static void startApiServer() {
    apiServer = ApiServer.start().withCrds();
    apiServer
        .admin()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .create();
  }

  @AfterAll
  static void stopApiServer() {
    apiServer.close();
  }

  @BeforeEach
  void startWebhook() throws IOException {
    int port = freePort();
    configure(port);
    webhook = start(port);
    awaitVerdict();
  }

  @AfterEach
  void stopWebhook() {
    webhook.close();
    apiServer.kubectl("delete", "validatingwebhookconfiguration", CONFIGURATION).run();
    apiServer.kubectl("-n", NAMESPACE, "delete", "smtpconnectors", "--all").run();
  }

  @Test
  void acceptsAGoodConnector() {
    Command.Result result = apply(connector("good", "[{host: smtp.example.net}]"));

    assertThat(result.status()).isZero();
    assertThat(result.err()).isEmpty();
  }

  @Test
  void refusesEveryFaultOfMeaningInOneAnswer() {
    Command.Result result = apply(connector("bad", FAULTY));

    assertRefusal(result);
    assertThat(result.err()).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @Test
  void refusesInADryRunAsWell() {
    assertRefusal(apply(connector("bad", FAULTY), "--dry-run=server"));
  }

  @Test
  void refusesASmartHostThatIsAnOwnService() {
    apiServer
        .kubectl("-n", NAMESPACE, "create", "service", "clusterip", "own-edge", "--tcp=25")
        .run();
    String address =
        apiServer
            .kubectl(
                "-n", NAMESPACE, "get", "service", "own-edge", "-o", "jsonpath={.spec.clusterIP}")
            .run();

    Command.Result result = apply(connector("own", "[{host: \"[" + address + "]\"}]"));

    assertThat(result.status()).isNotZero();
    assertThat(result.err())
        .contains("spec.routing.smartHosts[0].host: Invalid value: \"[" + address + "]\"");
  }

  @Test
  void printsWarningsOfWhatItAccepts() {
    Command.Result result =
        apply(connector("lax", "[{host: smtp.example.net}]").replace("replicas: 2", "replicas: 1"));

    assertThat(result.status()).isZero();
    assertThat(result.err()).startsWith("Warning: spec.bridgeheads[0].replicas: ");
  }

  @Test
  void letsStatusLabelsFinalizersAndDeletionPassWhileItIsDown() {
    apply(connector("alone", "[{host: smtp.example.net}]"));
    webhook.close();

    Command.Result change = apply(connector("alone", "[{host: other.example.net}]"));
    assertThat(change.err()).contains("failed calling webhook");

    kubectl(
            "patch",
            "smtpconnector",
            "alone",
            "--subresource=status",
            "--type=merge",
            "--patch",
            "{\"status\": {\"bridgeheadsReady\": \"0/1\"}}")
        .run();
    kubectl("label", "smtpconnector", "alone", "team=mail").run();
    kubectl(
            "patch",
            "smtpconnector",
            "alone",
            "--type=merge",
            "--patch",
            "{\"metadata\": {\"finalizers\": [\"example.com/hold\"]}}")
        .run();
    kubectl("delete", "smtpconnector", "alone", "--wait=false").run();
    kubectl(
            "patch",
            "smtpconnector",
            "alone",
            "--type=merge",
            "--patch",
            "{\"metadata\": {\"finalizers\": null}}")
        .run();

    assertThat(kubectl("get", "smtpconnectors", "-o", "name").run()).isEmpty();
  }

  @Test
  void putsItsAuthorityBackWhereSomeoneRemovedIt() {
    String before = caBundle();
    kubectl(
            "patch",
            "validatingwebhookconfiguration",
            CONFIGURATION,
            "--type=json",
            "--patch",
            "[{\"op\": \"remove\", \"path\": \"/webhooks/0/clientConfig/caBundle\"}]")
        .run();

    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> caBundle().equals(before));
    awaitVerdict();
  }

  @Test
  void ownsTheCaBundleAndNothingElseOfTheConfiguration() {
    String fields =
        kubectl(
                "get",
                "validatingwebhookconfiguration",
                CONFIGURATION,
                "--show-managed-fields",
                "-o",
                "jsonpath={.metadata.managedFields[?(@.manager==\"bridgehead-webhook\")].fieldsV1}")
            .run();

    assertThat(fields).contains("f:caBundle").doesNotContain("f:rules").doesNotContain("f:url");
  }

  @Test
  void keepsItsAuthorityThroughARestart() {
    String before = caBundle();
    int port = webhook.port();
    webhook.close();
    webhook = start(port);

    assertThat(caBundle()).isEqualTo(before);
    awaitVerdict();
  }

  @Test
  void beginsAnewWhereTheAuthorityCannotBeRead() {
    String before = caBundle();
    int port = webhook.port();
    webhook.close();
    kubectl(
            "patch",
            "secret",
            SECRET,
            "--type=merge",
            "--patch",
            "{\"stringData\": {\"tls.key\": \"nonsense\"}}")
        .run();

    webhook = start(port);

    assertThat(caBundle()).isNotEqualTo(before);
    awaitVerdict();
  }

  private static final String FAULTY =
      "[{host: Server Name}, {host: 192.0.2.25}, {host: smtp.example.net}, {host: SMTP.example.net.}]";

  private static void assertRefusal(Command.Result result) {
    assertThat(result.status()).isNotZero();
    assertThat(result.err())
        .contains("is invalid")
        .contains("spec.routing.smartHosts[0].host: Invalid value: \"Server Name\": ")
        .contains("spec.routing.smartHosts[1].host: Invalid value: \"192.0.2.25\": ")
        .contains("[192.0.2.25]")
        .contains("spec.routing.smartHosts[3]");
  }

  private static WebhookServer start(int port) {
    return WebhookServer.start(
        new WebhookServer.Settings(
            InetAddress.getLoopbackAddress(),
            port,
            List.of("127.0.0.1"),
            CONFIGURATION,
            "cluster.local",
            new WebhookServer.OwnAuthority(NAMESPACE, SECRET)),
        apiServer.admin(),
        Clock.systemUTC());
  }

  /** The chart's webhook, called by URL instead of through a Service: no node runs here. */
  private static void configure(int port) throws IOException {
    KubernetesClient admin = apiServer.admin();
    ValidatingWebhookConfiguration configuration =
        admin
            .admissionRegistration()
            .v1()
            .validatingWebhookConfigurations()
            .load(
                new ByteArrayInputStream(
                    Files.readString(Path.of("helm/bridgehead/templates/webhook.yaml"))
                        .replaceAll("(?s)^.*\n---\n", "")
                        .replaceAll("(?m)^.*\\{\\{.*\n", "")
                        .getBytes(StandardCharsets.UTF_8)))
            .item();
    configuration.getMetadata().setName(CONFIGURATION);
    configuration
        .getWebhooks()
        .forEach(
            hook -> {
              hook.getClientConfig().setService(null);
              hook.getClientConfig().setUrl("https://127.0.0.1:" + port + WebhookServer.path());
            });
    admin.resource(configuration).create();
  }

  /** The API server takes a new configuration over a moment after it was stored. */
  private static void awaitVerdict() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                apply(connector("probe", "[{host: nodots}]"), "--dry-run=server")
                    .err()
                    .contains("Invalid value: \"nodots\""));
  }

  private static Command.Result apply(String manifest, String... options) {
    return kubectl("apply", "-f", "-").with(options).withInput(manifest).attempt();
  }

  private static Command kubectl(String... arguments) {
    return apiServer.kubectl("-n", NAMESPACE).with(arguments);
  }

  private static String caBundle() {
    return kubectl(
            "get",
            "validatingwebhookconfiguration",
            CONFIGURATION,
            "-o",
            "jsonpath={.webhooks[0].clientConfig.caBundle}")
        .run();
  }

  private static String connector(String name, String smartHosts) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: %s}
        spec:
          routing: {mode: SmartHost, smartHosts: %s}
          bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
          access: {allowedClients: [10.0.0.0/8]}
          postmaster: postmaster@example.com
        """
        .formatted(name, smartHosts);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
