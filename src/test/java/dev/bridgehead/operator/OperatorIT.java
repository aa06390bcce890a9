package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Both controllers against a real API server: what they make, restore, refuse and leave alone. */
@Tag("tier2")
class OperatorIT {
  private static final String DNS =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com}]
        access: {allowedClients: [10.0.0.0/8]}
        postmaster: postmaster@example.com
      """;

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

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static ClusterWithOperator cluster;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static KubernetesClient admin;

  @BeforeAll
  static void startOperator() throws IOException {
    cluster = new ClusterWithOperator();
    admin = cluster.admin();
  }

  @AfterAll
  static void stopOperator() {
    cluster.close();
  }

  @Test
  void aConnectorBecomesAllItsObjects() {
    String namespace = cluster.namespace("objects");

    cluster.apply(namespace, DNS);

    cluster.await("all objects", () -> cluster.objects(namespace).size() == 7);
    assertThat(cluster.objects(namespace))
        .containsOnlyKeys(
            "Bridgehead internet-edge",
            "Service internet",
            "Service internet-edge",
            "Service internet-edge-pods",
            "ServiceAccount internet-edge",
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
  void restoresWhatSomebodyDeletes() {
    String namespace = cluster.namespace("deleted");
    cluster.apply(namespace, DNS);
    cluster.await("all objects", () -> cluster.objects(namespace).size() == 7);
    Map<String, HasMetadata> before = cluster.objects(namespace);

    before.values().stream()
        .filter(object -> !object.getKind().equals("Bridgehead"))
        .forEach(object -> admin.resource(object).delete());

    Set<String> uids = uids(before);
    cluster.await(
        "all objects anew",
        () -> {
          Map<String, HasMetadata> now = cluster.objects(namespace);
          return now.keySet().equals(before.keySet()) && Collections.disjoint(uids, uids(now));
        });
  }

  @Test
  void restoresWhatSomebodyEdits() {
    String namespace = cluster.namespace("edited");
    cluster.apply(namespace, DNS);
    cluster.await("all objects", () -> cluster.objects(namespace).size() == 7);

    // Patches name no version: the operator writes these objects too, and an edit would conflict.
    PatchContext merge = PatchContext.of(PatchType.JSON_MERGE);
    admin
        .apps()
        .statefulSets()
        .inNamespace(namespace)
        .withName("internet-edge")
        .patch(
            merge,
            """
            {"spec": {"replicas": 5, "template": {"spec": {
              "containers": [{"name": "relay", "image": "other:1"}]}}}}
            """);
    admin
        .services()
        .inNamespace(namespace)
        .withName("internet")
        .patch(merge, "{\"spec\": {\"ports\": [{\"name\": \"smtp\", \"port\": 2526}]}}");

    cluster.await(
        "the edits undone",
        () ->
            set(namespace).getSpec().getReplicas() == 1
                && set(namespace)
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .getImage()
                    .equals(ClusterWithOperator.IMAGE)
                && service(namespace, "internet").getSpec().getPorts().stream()
                    .allMatch(port -> port.getPort() == 25));
  }

  @Test
  void aStrangersServiceIsNotTouched() {
    String namespace = cluster.namespace("stranger");
    Service stranger =
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName("internet-edge")
            .endMetadata()
            .withNewSpec()
            .addNewPort()
            .withPort(80)
            .endPort()
            .endSpec()
            .build();
    String version = admin.resource(stranger).create().getMetadata().getResourceVersion();

    cluster.apply(namespace, DNS);

    Condition accepted = cluster.awaitCondition(namespace, "Accepted", "False");
    assertThat(accepted.reason()).isEqualTo("NameConflict");
    assertThat(accepted.message()).startsWith("Service internet-edge exists");
    cluster.awaitCondition(namespace, "Stalled", "True");
    assertThat(service(namespace, "internet-edge").getMetadata().getResourceVersion())
        .isEqualTo(version);
    assertThat(set(namespace)).isNull();

    admin.resource(stranger).delete();

    cluster.awaitCondition(namespace, "Accepted", "True");
    cluster.await("the StatefulSet", () -> set(namespace) != null);
  }

  @Test
  void aStrangersSharedServiceIsNotTouchedAndNothingIsMade() {
    String namespace = cluster.namespace("stranger-shared");
    Service stranger =
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName("internet")
            .endMetadata()
            .withNewSpec()
            .addNewPort()
            .withPort(80)
            .endPort()
            .endSpec()
            .build();
    admin.resource(stranger).create();

    cluster.apply(namespace, DNS);

    assertThat(cluster.awaitCondition(namespace, "Accepted", "False").reason())
        .isEqualTo("NameConflict");
    assertThat(service(namespace, "internet").getSpec().getPorts().getFirst().getPort())
        .isEqualTo(80);
    assertThat(cluster.bridgehead(namespace)).isNull();

    admin.resource(stranger).delete();

    cluster.awaitCondition(namespace, "Accepted", "True");
  }

  @Test
  void saysWhatTheApiServerRefusesAndGoesOnWhenItNoLongerDoes() {
    String namespace = cluster.namespace("quota");
    String quota =
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: services}
        spec: {hard: {services: "%d"}}
        """;
    cluster.apply(namespace, quota.formatted(0));
    cluster.await(
        "the quota in force",
        () ->
            admin
                .resourceQuotas()
                .inNamespace(namespace)
                .withName("services")
                .get()
                .getStatus()
                .getHard()
                .containsKey("services"));

    cluster.apply(namespace, DNS);

    assertThat(cluster.awaitCondition(namespace, "Reconciling", "True").message())
        .contains("exceeded quota: services");
    cluster.awaitCondition(namespace, "Ready", "False");

    cluster.apply(namespace, quota.formatted(9));

    cluster.awaitCondition(namespace, "Accepted", "True");
    cluster.await("all objects", () -> cluster.objects(namespace).size() == 7);
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
    cluster.apply(
        namespace,
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: relay}
        type: kubernetes.io/basic-auth
        stringData: {username: alice, password: secret}
        """);

    cluster.awaitCondition(namespace, "ResolvedRefs", "True");
    assertThat(Duration.between(created, Instant.now())).isLessThan(Duration.ofSeconds(10));
    cluster.await("the StatefulSet", () -> set(namespace) != null);
    assertThat(cluster.effective(namespace, "connector.yaml")).contains("c2VjcmV0");
  }

  @Test
  void writesNothingWhereNothingChanged() {
    String namespace = cluster.namespace("steady");
    cluster.apply(namespace, DNS);
    cluster.await("all objects", () -> cluster.objects(namespace).size() == 7);
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
    assertThat(cluster.objects(namespace)).hasSize(7);
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

  private static StatefulSet set(String namespace) {
    return admin.apps().statefulSets().inNamespace(namespace).withName("internet-edge").get();
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

  private static Service service(String namespace, String name) {
    return admin.services().inNamespace(namespace).withName(name).get();
  }

  private static Set<String> uids(Map<String, HasMetadata> objects) {
    return objects.values().stream()
        .filter(object -> !object.getKind().equals("Bridgehead"))
        .map(object -> object.getMetadata().getUid())
        .collect(Collectors.toSet());
  }
}
