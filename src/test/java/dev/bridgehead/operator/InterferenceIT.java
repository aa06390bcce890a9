package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What somebody else deletes, edits, made before or does not allow. */
@Tag("tier2")
class InterferenceIT extends OperatorTestBase {
  @Test
  void restoresWhatSomebodyDeletes() {
    String namespace = cluster.namespace("deleted");
    cluster.apply(namespace, DNS);
    cluster.await("all objects", () -> cluster.complete(namespace));
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
    cluster.await("all objects", () -> cluster.complete(namespace));

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
    Service stranger = stranger(namespace, "internet-edge");
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
    Service stranger = stranger(namespace, "internet");
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
    cluster.await("all objects", () -> cluster.complete(namespace));
  }

  /** A Service that somebody else made. */
  private static Service stranger(String namespace, String name) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .addNewPort()
        .withPort(80)
        .endPort()
        .endSpec()
        .build();
  }

  private static Set<String> uids(Map<String, HasMetadata> objects) {
    return objects.values().stream()
        .filter(object -> !object.getKind().equals("Bridgehead"))
        .map(object -> object.getMetadata().getUid())
        .collect(Collectors.toSet());
  }
}
