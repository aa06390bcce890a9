package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a connector says of its pods, its Services and their number, as the API server takes it. */
@Tag("tier2")
class WorkloadIT extends OperatorTestBase {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  @Test
  void podsAreAsTheSpecSays() {
    String namespace = cluster.namespace("pod-settings");
    cluster.apply(
        namespace,
        DNS
            + """
              pod:
                labels: {team: mail}
                annotations: {seen: "yes"}
                resources: {requests: {cpu: 100m}, limits: {memory: 1Gi}}
                nodeSelector: {disk: fast}
                affinity:
                  nodeAffinity:
                    preferredDuringSchedulingIgnoredDuringExecution:
                      - weight: 1
                        preference: {matchExpressions: [{key: disk, operator: In, values: [fast]}]}
                tolerations: [{key: mail, operator: Exists, effect: NoSchedule}]
                topologySpreadConstraints:
                  - {maxSkew: 1, topologyKey: rack, whenUnsatisfiable: ScheduleAnyway}
                priorityClassName: system-cluster-critical
                imagePullSecrets: [{name: mine}]
            """);
    cluster.await("the StatefulSet", () -> cluster.complete(namespace));

    PodTemplateSpec template = set(namespace).getSpec().getTemplate();
    assertThat(template.getMetadata().getLabels())
        .containsEntry("team", "mail")
        .containsEntry("bridgehead.dev/bridgehead", "edge");
    assertThat(template.getSpec().getAffinity().getPodAntiAffinity()).isNotNull();
    assertThat(template.getSpec().getImagePullSecrets())
        .extracting(secret -> secret.getName())
        .containsExactly("registry", "mine");
    assertThat(template.getSpec().getTopologySpreadConstraints())
        .singleElement()
        .satisfies(
            constraint ->
                assertThat(constraint.getLabelSelector().getMatchLabels())
                    .isEqualTo(set(namespace).getSpec().getSelector().getMatchLabels()));
    cluster.await(
        "a pod of that template",
        () ->
            admin.pods().inNamespace(namespace).withLabel("team", "mail").list().getItems().size()
                == 1);
  }

  @Test
  void aChangeOfPodsIsAChangeOfTheTemplateAndTakenBackWithIt() {
    String namespace = cluster.namespace("pod-changes");
    cluster.apply(namespace, DNS);
    cluster.await("the StatefulSet", () -> cluster.complete(namespace));
    PodTemplateSpec before = set(namespace).getSpec().getTemplate();

    cluster.apply(
        namespace,
        DNS + "  pod: {nodeSelector: {disk: fast}, tolerations: [{operator: Exists}]}\n");
    cluster.await(
        "the new template",
        () -> !set(namespace).getSpec().getTemplate().getSpec().getNodeSelector().isEmpty());
    cluster.apply(namespace, DNS);

    cluster.await("the old template", () -> before.equals(set(namespace).getSpec().getTemplate()));
  }

  @Test
  void servicesAreAsTheSpecSays() {
    String namespace = cluster.namespace("service-options");
    cluster.apply(
        namespace,
        DNS
            + """
              service:
                type: LoadBalancer
                annotations: {lb.example/internal: "true"}
                externalTrafficPolicy: Cluster
                ipFamilyPolicy: PreferDualStack
                proxyProtocol: {trustedPeers: [198.51.100.0/24]}
            """);
    cluster.await("the StatefulSet", () -> cluster.complete(namespace));

    for (String name : new String[] {"internet", "internet-edge"}) {
      Service service = service(namespace, name);
      assertThat(service.getSpec().getType()).isEqualTo("LoadBalancer");
      assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo("Cluster");
      assertThat(service.getSpec().getIpFamilyPolicy()).isEqualTo("PreferDualStack");
      assertThat(service.getMetadata().getAnnotations())
          .containsEntry("lb.example/internal", "true");
    }
    assertThat(service(namespace, "internet-edge-pods").getSpec().getIpFamilyPolicy())
        .isEqualTo("PreferDualStack");
    assertThat(cluster.effective(namespace, "connector.yaml")).contains("198.51.100.0/24");

    cluster.apply(namespace, DNS);

    cluster.await(
        "an inner Service",
        () ->
            service(namespace, "internet").getSpec().getType().equals("ClusterIP")
                && service(namespace, "internet-edge").getSpec().getType().equals("ClusterIP"));
    assertThat(service(namespace, "internet").getSpec().getExternalTrafficPolicy()).isNull();
    assertThat(service(namespace, "internet").getMetadata().getAnnotations())
        .doesNotContainKey("lb.example/internal");
  }

  @Test
  void labelsAndAnnotationsOfOthersStay() {
    String namespace = cluster.namespace("others-marks");
    cluster.apply(namespace, DNS + "  service: {annotations: {ours.example/a: \"1\"}}\n");
    cluster.await("the StatefulSet", () -> cluster.complete(namespace));
    String mark =
        """
        {"metadata": {"labels": {"others.example/l": "x"}, "annotations": {"others.example/a": "y"}}}
        """;
    var marked =
        cluster.objects(namespace).values().stream()
            .filter(object -> !object.getKind().equals("Bridgehead"))
            .toList();
    assertThat(marked).hasSizeGreaterThan(5);
    marked.forEach(object -> admin.resource(object).patch(MERGE, mark));

    // Every object is applied anew: the type and the ports of Services, the template, the Secret.
    cluster.apply(
        namespace,
        DNS.replace("hostname: mail", "virtualServer: {port: 2525}, hostname: mail")
            + "  service: {type: NodePort, annotations: {ours.example/a: \"2\"}}\n");
    cluster.await(
        "the change everywhere",
        () ->
            set(namespace)
                    .getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .getPorts()
                    .stream()
                    .anyMatch(port -> port.getContainerPort() == 2525)
                && service(namespace, "internet").getSpec().getType().equals("NodePort"));

    assertThat(cluster.objects(namespace).values())
        .filteredOn(object -> !object.getKind().equals("Bridgehead"))
        .allSatisfy(
            object -> {
              assertThat(object.getMetadata().getLabels()).containsEntry("others.example/l", "x");
              assertThat(object.getMetadata().getAnnotations())
                  .containsEntry("others.example/a", "y");
            });
    assertThat(service(namespace, "internet").getMetadata().getAnnotations())
        .containsEntry("ours.example/a", "2");
  }

  @Test
  void theManagementPortIsForTheOperatorSiblingsAndMetrics() {
    String namespace = cluster.namespace("policies");
    cluster.apply(namespace, DNS);
    cluster.await("the StatefulSet", () -> cluster.complete(namespace));

    NetworkPolicy policy =
        admin.network().networkPolicies().inNamespace(namespace).withName("internet-edge").get();
    assertThat(policy.getSpec().getIngress())
        .filteredOn(rule -> rule.getPorts().getFirst().getPort().getStrVal().equals("management"))
        .singleElement()
        .satisfies(rule -> assertThat(rule.getFrom()).hasSize(3));
    assertThat(policy.getSpec().getEgress()).isEmpty();
    assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
  }

  /**
   * Kubernetes' own autoscaler: with nothing to measure it still keeps within the bounds, by the
   * scale subresource of the Bridgehead. Load needs a metrics API, which this server has not.
   */
  @Test
  void anAutoscalerScalesTheBridgehead() {
    String namespace = cluster.namespace("autoscaled");
    cluster.apply(
        namespace,
        DNS.replace("name: edge,", "name: edge, autoscaling: {minReplicas: 3, maxReplicas: 5},"));

    cluster.await("the autoscaler", () -> autoscaler(namespace) != null);
    assertThat(autoscaler(namespace).getSpec().getMaxReplicas()).isEqualTo(5);
    cluster.await(
        "the fewest pods allowed",
        () -> Objects.equals(cluster.bridgehead(namespace).getSpec().replicas(), 3));
    cluster.await("as many wanted", () -> set(namespace).getSpec().getReplicas() == 3);

    // A later generation leaves the number to the autoscaler.
    cluster.apply(
        namespace,
        DNS.replace("name: edge,", "name: edge, autoscaling: {minReplicas: 2, maxReplicas: 4},"));
    cluster.await("the change", () -> autoscaler(namespace).getSpec().getMaxReplicas() == 4);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);

    cluster.apply(namespace, DNS);
    cluster.await("no autoscaler", () -> autoscaler(namespace) == null);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);
  }

  @Test
  void countsConnectorsThatAreReady() {
    String namespace = cluster.namespace("counted");
    cluster.apply(namespace, DNS);
    cluster.await(
        "a pod",
        () -> admin.pods().inNamespace(namespace).withName("internet-edge-0").get() != null);
    cluster.await("counted as not ready", () -> cluster.connectors(false) > 0);
    assertThat(cluster.connectors(true)).isZero();

    cluster.runPod(namespace, "internet-edge-0", 0);
    cluster.awaitCondition(namespace, "Ready", "True");
    assertThat(cluster.connectors(true)).isEqualTo(1);

    admin.resource(cluster.connector(namespace)).delete();
    cluster.await("counted no longer", () -> cluster.connectors(true) == 0);
  }

  private static HorizontalPodAutoscaler autoscaler(String namespace) {
    return admin
        .autoscaling()
        .v2()
        .horizontalPodAutoscalers()
        .inNamespace(namespace)
        .withName("internet-edge")
        .get();
  }
}
