package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.Condition;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.operator.model.Conditions;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Both controllers against a real API server: what they make, refuse and change. */
@Tag("tier2")
class OperatorIT extends OperatorTestBase {
  private static final String SMART_HOST =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet}
      spec:
        routing:
          mode: SmartHost
          smartHosts: [{host: smtp.example.net, port: 587, credentialsRef: {name: relay}}]
        outbound: {tls: {mode: Verified}}
        bridgeheads: [{name: edge, hostname: mail.example.com}]
      """;

  @Test
  void aConnectorBecomesAllItsObjects() {
    String namespace = cluster.namespace("objects");

    cluster.apply(namespace, DNS);

    cluster.await("all objects", () -> cluster.complete(namespace));
    assertThat(cluster.objects(namespace))
        .containsOnlyKeys(
            "Bridgehead internet-edge",
            "Service internet",
            "Service internet-edge",
            "Service internet-edge-pods",
            "ServiceAccount internet-edge",
            "NetworkPolicy internet-edge",
            "Secret internet-edge-effective",
            "StatefulSet internet-edge");
    assertThat(cluster.objects(namespace).values())
        .filteredOn(object -> !object.getKind().equals("Bridgehead"))
        .allSatisfy(object -> assertThat(object.getMetadata().getOwnerReferences()).isEmpty());
    assertThat(cluster.effective(namespace, "connector.yaml"))
        .contains(service(namespace, "internet").getSpec().getClusterIP())
        .contains(service(namespace, "internet-edge").getSpec().getClusterIP());
    cluster.awaitCondition(namespace, "Accepted", "True");
    assertThat(cluster.awaitCondition(namespace, "Ready", "False").reason())
        .isEqualTo("BridgeheadsNotReady");
  }

  @Test
  void aRefusedSpecKeepsTheLastGoodOneRunning() {
    String namespace = cluster.namespace("refused");
    cluster.apply(namespace, DNS);
    cluster.awaitCondition(namespace, "Accepted", "True");
    cluster.await("the StatefulSet", () -> set(namespace) != null);
    String hash = cluster.effective(namespace, "hash");

    cluster.apply(namespace, DNS.replace("mode: DNS", "mode: SmartHost"));

    Condition accepted = cluster.awaitCondition(namespace, "Accepted", "False");
    assertThat(accepted.reason()).isEqualTo("Invalid");
    assertThat(accepted.message()).contains("spec.routing.smartHosts: Required value");
    cluster.awaitCondition(namespace, "Ready", "False");
    cluster.awaitCondition(namespace, "Stalled", "True");
    assertThat(cluster.effective(namespace, "hash")).isEqualTo(hash);
    assertThat(cluster.bridgehead(namespace).getSpec().routing().mode().name()).isEqualTo("DNS");
    cluster.await(
        "an event",
        () -> events(namespace).stream().anyMatch(event -> event.getReason().equals("Refused")));

    cluster.apply(namespace, DNS.replace("10.0.0.0/8", "10.1.0.0/16"));

    cluster.awaitCondition(namespace, "Accepted", "True");
    cluster.await("a new configuration", () -> !cluster.effective(namespace, "hash").equals(hash));
    assertThat(cluster.connector(namespace).getStatus().conditions())
        .extracting(Condition::type)
        .doesNotContain("Stalled");
  }

  @Test
  void waitsForASecretAndTakesItUpWithinTenSeconds() {
    String namespace = cluster.namespace("secret");
    cluster.apply(namespace, SMART_HOST);
    Condition missing = cluster.awaitCondition(namespace, "ResolvedRefs", "False");
    assertThat(missing.message()).contains("Secret relay does not exist");
    cluster.awaitCondition(namespace, "Accepted", "True");
    assertThat(set(namespace)).isNull();

    Instant created = Instant.now();
    cluster.apply(namespace, credentials("secret"));

    cluster.awaitCondition(namespace, "ResolvedRefs", "True");
    assertThat(Duration.between(created, Instant.now())).isLessThan(Duration.ofSeconds(10));
    cluster.await("the StatefulSet", () -> set(namespace) != null);
    assertThat(cluster.effective(namespace, "connector.yaml")).contains("c2VjcmV0");
  }

  @Test
  void takesAChangedSecretOverWithoutWaitingForTheTimer() {
    String namespace = cluster.namespace("rotated");
    cluster.apply(namespace, SMART_HOST);
    cluster.apply(namespace, credentials("secret"));
    cluster.await("a pod", () -> pod(namespace) != null);
    cluster.runPod(namespace, "internet-edge-0", 0);
    cluster.awaitCondition(namespace, "Ready", "True");
    cluster.await(
        "a settled bridgehead, that is looked at every 15 s",
        () ->
            Conditions.find(cluster.bridgehead(namespace).getStatus().conditions(), "Reconciling")
                .isEmpty());

    Instant changed = Instant.now();
    cluster.apply(namespace, credentials("other"));

    cluster.await(
        "the other password",
        () -> cluster.effective(namespace, "connector.yaml").contains("b3RoZXI="));
    assertThat(Duration.between(changed, Instant.now())).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void saysWhyMailIsNotMovingAndWritesNothingMoreWhileThatStaysSo() {
    String namespace = cluster.namespace("deferred");
    cluster.apply(namespace, DNS);
    cluster.await("a pod", () -> pod(namespace) != null);
    Deferral why =
        new Deferral(
            10L, "b.example", "auth", "4.7.8", "b.example said: 535 5.7.8 (in reply to AUTH)");

    cluster.runPod(namespace, "internet-edge-0", 12, why);

    cluster.await(
        "the reason",
        () ->
            Conditions.message(cluster.awaitCondition(namespace, "Ready", "True"))
                .endsWith(
                    "; 10 of 12 queued messages wait for b.example:"
                        + " b.example said: 535 5.7.8 (in reply to AUTH)"));
    assertThat(cluster.connector(namespace).getStatus().commonestDeferral()).isEqualTo(why);
    assertThat(cluster.bridgehead(namespace).getStatus().commonestDeferral()).isEqualTo(why);
    String version = cluster.connector(namespace).getMetadata().getResourceVersion();
    String own = cluster.bridgehead(namespace).getMetadata().getResourceVersion();
    long looks = cluster.reconciliations("bridgehead");

    cluster.await("two more looks", () -> cluster.reconciliations("bridgehead") >= looks + 2);

    assertThat(cluster.connector(namespace).getMetadata().getResourceVersion()).isEqualTo(version);
    assertThat(cluster.bridgehead(namespace).getMetadata().getResourceVersion()).isEqualTo(own);
  }

  private static String credentials(String password) {
    return """
        apiVersion: v1
        kind: Secret
        metadata: {name: relay}
        type: kubernetes.io/basic-auth
        stringData: {username: alice, password: %s}
        """
        .formatted(password);
  }

  @Test
  void writesNothingWhereNothingChanged() {
    String namespace = cluster.namespace("steady");
    cluster.apply(namespace, DNS);
    cluster.await("all objects", () -> cluster.complete(namespace));
    cluster.await("a pod", () -> pod(namespace) != null);
    cluster.runPod(namespace, "internet-edge-0", 0);
    cluster.awaitCondition(namespace, "Ready", "True");
    // The API server's own controllers settle too.
    cluster.await(
        "the StatefulSet's status",
        () -> Integer.valueOf(1).equals(set(namespace).getStatus().getReadyReplicas()));
    // A change that is none of ours, so that both controllers look at everything again.
    touch(namespace);
    Map<String, String> before = versions(namespace);
    touch(namespace);

    before.put(
        "Service internet", service(namespace, "internet").getMetadata().getResourceVersion());
    assertThat(versions(namespace)).isEqualTo(before);
  }

  @Test
  void leavesTheNumberOfPodsToWhoeverScales() {
    String namespace = cluster.namespace("scaled");
    cluster.apply(namespace, DNS.replace("name: edge,", "name: edge, replicas: 3,"));
    cluster.await("three pods wanted", () -> replicas(namespace) == 3);

    cluster.apply(namespace, DNS);
    cluster.await("the new generation", () -> generation(namespace) == 2);
    assertThat(replicas(namespace)).isEqualTo(3);

    admin.resources(Bridgehead.class).inNamespace(namespace).withName("internet-edge").scale(2);
    cluster.await("two pods wanted", () -> replicas(namespace) == 2);

    cluster.apply(namespace, DNS.replace("10.0.0.0/8", "10.2.0.0/16"));
    cluster.await("the new generation", () -> generation(namespace) == 3);
    assertThat(replicas(namespace)).isEqualTo(2);
    assertThat(cluster.bridgehead(namespace).getSpec().replicas()).isEqualTo(2);
  }

  @Test
  void aBridgeheadWithoutANumberOfPodsHasAScale() {
    String namespace = cluster.namespace("unscaled");
    cluster.apply(namespace, DNS);
    cluster.await("one pod wanted", () -> replicas(namespace) == 1);

    var bridgehead =
        admin.resources(Bridgehead.class).inNamespace(namespace).withName("internet-edge");
    cluster.await("a number", () -> bridgehead.get().getSpec().replicas() != null);
    assertThat(bridgehead.scale().getSpec().getReplicas()).isEqualTo(1);
  }

  @Test
  void removesABridgeheadThatLeftTheSpec() {
    String namespace = cluster.namespace("removed");
    cluster.apply(
        namespace,
        DNS.replace(
            "bridgeheads: [", "bridgeheads: [{name: inner, hostname: inner.example.com}, "));
    cluster.await(
        "both", () -> cluster.objects(namespace).containsKey("StatefulSet internet-inner"));

    cluster.apply(namespace, DNS);

    cluster.await(
        "inner gone",
        () ->
            cluster.objects(namespace).keySet().stream().noneMatch(name -> name.contains("inner")));
    assertThat(cluster.complete(namespace)).isTrue();
  }

  /** Makes both controllers reconcile, by an edit that they have no reason to undo. */
  private static void touch(String namespace) {
    long connectors = cluster.reconciliations("connector");
    long bridgeheads = cluster.reconciliations("bridgehead");
    admin
        .services()
        .inNamespace(namespace)
        .withName("internet")
        .edit(
            service ->
                new ServiceBuilder(service)
                    .editMetadata()
                    .addToAnnotations("someone.example/touched", Instant.now().toString())
                    .endMetadata()
                    .build());
    cluster.await(
        "both controllers",
        () ->
            cluster.reconciliations("connector") > connectors
                && cluster.reconciliations("bridgehead") > bridgeheads);
  }

  private static Map<String, String> versions(String namespace) {
    Map<String, String> versions = new TreeMap<>();
    cluster
        .objects(namespace)
        .forEach((name, object) -> versions.put(name, object.getMetadata().getResourceVersion()));
    versions.put("connector", cluster.connector(namespace).getMetadata().getResourceVersion());
    versions.put("pod", pod(namespace).getMetadata().getResourceVersion());
    return versions;
  }

  private static List<Event> events(String namespace) {
    return admin.events().v1().events().inNamespace(namespace).list().getItems();
  }

  private static HasMetadata pod(String namespace) {
    return admin.pods().inNamespace(namespace).withName("internet-edge-0").get();
  }

  private static int replicas(String namespace) {
    StatefulSet set = set(namespace);
    return set == null ? -1 : set.getSpec().getReplicas();
  }

  private static long generation(String namespace) {
    Long generation = cluster.bridgehead(namespace).getSpec().connector().generation();
    return generation == null ? -1 : generation;
  }
}
