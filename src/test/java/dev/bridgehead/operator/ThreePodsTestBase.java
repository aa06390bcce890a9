package dev.bridgehead.operator;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.operator.model.Conditions;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;

/** A bridgehead of three pods, the test in the place of their node and their relays. */
abstract class ThreePodsTestBase extends OperatorTestBase {
  private static final String DRAINING = "bridgehead.dev/drain-from: \"1\"";

  static String threePods(String name, long... queued) {
    String namespace = cluster.namespace(name);
    cluster.apply(namespace, DNS);
    cluster.await("a bridgehead", () -> cluster.bridgehead(namespace) != null);
    scale(namespace, 3);
    cluster.await("pods", () -> pod(namespace, 2) != null);
    for (int i = 0; i < 3; i++) {
      run(namespace, i, queued[i]);
    }
    cluster.awaitCondition(namespace, "Ready", "True");
    cluster.await(
        "a settled bridgehead",
        () ->
            Conditions.find(cluster.bridgehead(namespace).getStatus().conditions(), "Reconciling")
                .isEmpty());
    return namespace;
  }

  static void scale(String namespace, int replicas) {
    admin
        .resources(Bridgehead.class)
        .inNamespace(namespace)
        .withName("internet-edge")
        .scale(replicas);
  }

  static void awaitDraining(String namespace) {
    cluster.await(
        "a draining configuration",
        () -> cluster.effective(namespace, "connector.yaml").contains(DRAINING));
  }

  static void run(String namespace, int ordinal, long queued) {
    cluster.runPod(namespace, "internet-edge-" + ordinal, queued);
  }

  static Pod pod(String namespace, int ordinal) {
    return admin.pods().inNamespace(namespace).withName("internet-edge-" + ordinal).get();
  }

  static PersistentVolumeClaim claim(String namespace, int ordinal) {
    return admin
        .persistentVolumeClaims()
        .inNamespace(namespace)
        .withName("spool-internet-edge-" + ordinal)
        .get();
  }

  static List<PersistentVolumeClaim> claims(String namespace) {
    return admin.persistentVolumeClaims().inNamespace(namespace).list().getItems();
  }
}
