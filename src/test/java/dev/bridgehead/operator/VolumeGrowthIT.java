package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.Condition;
import dev.bridgehead.operator.model.Conditions;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Larger volumes: a real API server, which judges whether a claim may grow, and Kubernetes'
 * controllers, which let pods go and take them over. No driver grows anything here: what is seen is
 * what is asked for.
 */
@Tag("tier2")
class VolumeGrowthIT extends OperatorTestBase {
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  @BeforeAll
  static void makeStorageClasses() {
    for (boolean grows : new boolean[] {true, false}) {
      admin
          .resource(
              new StorageClassBuilder()
                  .withNewMetadata()
                  .withName(grows ? "growing" : "rigid")
                  .endMetadata()
                  .withProvisioner("example.com/nobody")
                  .withAllowVolumeExpansion(grows)
                  .build())
          .serverSideApply();
    }
  }

  @Test
  void claimsGrowAndPodsToComeGetTheNewSizeWhileThoseThatRunRunOn() {
    String namespace = runningPods("grows", "growing", 2);
    Map<String, String> pods = pods(namespace);
    String set = set(namespace).getMetadata().getUid();

    cluster.apply(namespace, of("growing", "4Gi"));

    awaitReplaced(namespace, set);
    cluster.await(
        "larger claims",
        () -> size(claim(namespace, 0)).equals("4Gi") && size(claim(namespace, 1)).equals("4Gi"));
    awaitTakenOver(namespace, 2);
    assertThat(pods(namespace)).isEqualTo(pods);
    run(namespace, 2); // a change of the spec is one of the configuration
    cluster.awaitCondition(namespace, "Ready", "True");
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(2);
    assertThat(notes(namespace, "StatefulSetReplaced")).hasSize(1);

    scale(namespace, 3);

    cluster.await("another claim", () -> claim(namespace, 2) != null);
    assertThat(size(claim(namespace, 2))).isEqualTo("4Gi");
    assertThat(pods(namespace)).containsAllEntriesOf(pods);
  }

  @Test
  void aRefusedGrowthStandsInTheStatusAndIsToldOnce() {
    String namespace = runningPods("rigid", "rigid", 1);
    Map<String, String> pods = pods(namespace);
    String set = set(namespace).getMetadata().getUid();

    cluster.apply(namespace, of("rigid", "4Gi"));

    Condition stalled = cluster.awaitCondition(namespace, "Stalled", "True");
    assertThat(stalled.reason()).isEqualTo("VolumeNotExpanded");
    assertThat(stalled.message())
        .contains("spec.storage.size (4Gi): spool-internet-edge-0")
        .contains("only dynamically provisioned pvc can be resized")
        .contains("allowVolumeExpansion");
    awaitReplaced(namespace, set);
    awaitTakenOver(namespace, 1);
    run(namespace, 1);
    cluster.awaitCondition(namespace, "Ready", "True");
    cluster.awaitCondition(namespace, "Stalled", "True");
    long before = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 2);
    assertThat(notes(namespace, "VolumeNotExpanded")).hasSize(1);
    assertThat(size(claim(namespace, 0))).isEqualTo("2Gi");
    assertThat(pods(namespace)).isEqualTo(pods);
  }

  @Test
  void nothingIsReplacedWhileAPodDrains() {
    String namespace = runningPods("grows-later", "growing", 2);
    String set = set(namespace).getMetadata().getUid();
    scale(namespace, 1);
    cluster.await(
        "a draining configuration",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"1\""));
    cluster.runPod(namespace, "internet-edge-1", 5);

    cluster.apply(namespace, of("growing", "4Gi"));

    cluster.await("a larger claim", () -> size(claim(namespace, 1)).equals("4Gi"));
    cluster.runPod(namespace, "internet-edge-1", 5);
    long before = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 3);
    assertThat(set(namespace).getMetadata().getUid()).isEqualTo(set);
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(2);

    cluster.runPod(namespace, "internet-edge-1", 0);

    cluster.await("one pod", () -> pods(namespace).size() == 1);
    awaitReplaced(namespace, set);
    awaitTakenOver(namespace, 1);
  }

  /** As an operator leaves it that ends after the deletion: the next one finds pods without set. */
  @Test
  void aStatefulSetThatIsMissingIsMadeAgainAndTakesItsPodsOver() {
    String namespace = runningPods("orphans", "growing", 2);
    Map<String, String> pods = pods(namespace);
    Condition ready = ready(namespace);

    orphan(namespace);

    awaitTakenOver(namespace, 2);
    assertThat(pods(namespace)).isEqualTo(pods);
    assertThat(ready(namespace).lastTransitionTime()).isEqualTo(ready.lastTransitionTime());
  }

  @Test
  void aDeletionThatFindsNoStatefulSetStillDrainsItsPods() {
    String namespace = runningPods("orphans-deleted", "growing", 1);
    pause(namespace, "\"true\"");
    cluster.await(
        "the Bridgehead paused too",
        () ->
            "true"
                .equals(
                    cluster
                        .bridgehead(namespace)
                        .getMetadata()
                        .getAnnotations()
                        .get("bridgehead.dev/paused")));
    orphan(namespace);
    cluster.await("no StatefulSet", () -> set(namespace) == null);

    cluster.deleteConnector(namespace);

    cluster.await(
        "all drain",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"0\""));
    awaitTakenOver(namespace, 1);
    cluster.runPod(namespace, "internet-edge-0", 3);
    long before = cluster.reconciliations("bridgehead");
    cluster.await("several looks", () -> cluster.reconciliations("bridgehead") > before + 2);
    assertThat(pods(namespace)).hasSize(1);

    cluster.runPod(namespace, "internet-edge-0", 0);

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(pods(namespace)).isEmpty();
  }

  private static String of(String storageClass, String size) {
    return DNS + "  storage: {storageClassName: " + storageClass + ", size: " + size + "}\n";
  }

  private static String runningPods(String name, String storageClass, int number) {
    String namespace = cluster.namespace(name);
    cluster.apply(namespace, of(storageClass, "2Gi"));
    cluster.await("a bridgehead", () -> cluster.bridgehead(namespace) != null);
    scale(namespace, number);
    cluster.await("pods", () -> pods(namespace).size() == number);
    run(namespace, number);
    cluster.awaitCondition(namespace, "Ready", "True");
    cluster.await(
        "a settled bridgehead",
        () ->
            Conditions.find(cluster.bridgehead(namespace).getStatus().conditions(), "Reconciling")
                .isEmpty());
    return namespace;
  }

  /** Relays with the current configuration, and nothing queued. */
  private static void run(String namespace, int number) {
    for (int i = 0; i < number; i++) {
      cluster.runPod(namespace, "internet-edge-" + i, 0);
    }
  }

  private static void scale(String namespace, int replicas) {
    admin
        .resources(Bridgehead.class)
        .inNamespace(namespace)
        .withName("internet-edge")
        .scale(replicas);
  }

  private static void orphan(String namespace) {
    admin
        .resource(set(namespace))
        .withPropagationPolicy(DeletionPropagation.ORPHAN)
        .withGracePeriod(0)
        .delete();
  }

  private static void pause(String namespace, String value) {
    admin
        .resource(cluster.connector(namespace))
        .patch(
            MERGE,
            "{\"metadata\": {\"annotations\": {\"bridgehead.dev/paused\": %s}}}".formatted(value));
  }

  private static void awaitReplaced(String namespace, String before) {
    cluster.await(
        "another StatefulSet, with the larger template",
        () -> {
          StatefulSet now = set(namespace); // looked at once: it goes and comes
          return now != null
              && !now.getMetadata().getUid().equals(before)
              && size(now.getSpec().getVolumeClaimTemplates().getFirst()).equals("4Gi");
        });
  }

  private static void awaitTakenOver(String namespace, int number) {
    cluster.await(
        "the pods taken over",
        () -> {
          StatefulSet now = set(namespace);
          return now != null
              && admin.pods().inNamespace(namespace).list().getItems().stream()
                      .filter(pod -> isOf(pod, now.getMetadata().getUid()))
                      .count()
                  == number;
        });
  }

  private static boolean isOf(Pod pod, String owner) {
    return pod.getMetadata().getOwnerReferences().stream()
        .anyMatch(reference -> reference.getUid().equals(owner));
  }

  private static Condition ready(String namespace) {
    return Conditions.find(cluster.bridgehead(namespace).getStatus().conditions(), "Ready")
        .orElseThrow();
  }

  /** Uids by name. */
  private static Map<String, String> pods(String namespace) {
    Map<String, String> pods = new TreeMap<>();
    for (Pod pod : admin.pods().inNamespace(namespace).list().getItems()) {
      pods.put(pod.getMetadata().getName(), pod.getMetadata().getUid());
    }
    return pods;
  }

  private static PersistentVolumeClaim claim(String namespace, int ordinal) {
    return admin
        .persistentVolumeClaims()
        .inNamespace(namespace)
        .withName("spool-internet-edge-" + ordinal)
        .get();
  }

  private static String size(PersistentVolumeClaim claim) {
    return String.valueOf(claim.getSpec().getResources().getRequests().get("storage"));
  }

  private static List<String> notes(String namespace, String reason) {
    return admin.events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> reason.equals(event.getReason()))
        .map(Event::getNote)
        .toList();
  }
}
