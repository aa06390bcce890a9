package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Condition;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.Command;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What kubectl, Argo CD, Flux and Helm make of a connector: the same again, and its health. */
@Tag("tier2")
class GitOpsIT extends OperatorTestBase {
  @Test
  void theSameManifestAgainChangesNothing() {
    String namespace = cluster.namespace("again");
    assertThat(kubectl(namespace, "apply", "-f", "-").withInput(DNS).run()).contains("created");
    settle(namespace);
    Map<String, String> before = versions(namespace);

    String said = kubectl(namespace, "apply", "-f", "-").withInput(DNS).run();

    assertThat(said).contains("unchanged");
    cluster.await("looks at everything", () -> looks(namespace));
    assertThat(versions(namespace)).isEqualTo(before);
  }

  /** Makes both controllers look again, by an annotation that is none of their business. */
  private static boolean looks(String namespace) {
    long connectors = cluster.reconciliations("connector");
    long bridgeheads = cluster.reconciliations("bridgehead");
    for (String kind : List.of("service/internet", "networkpolicy/internet-edge")) {
      kubectl(namespace, "annotate", "--overwrite", kind, "someone.example/looked=" + connectors)
          .run();
    }
    cluster.await(
        "both controllers",
        () ->
            cluster.reconciliations("connector") > connectors
                && cluster.reconciliations("bridgehead") > bridgeheads);
    return true;
  }

  /** As Argo CD compares: a dry run of the same manifest as a field manager of its own. */
  @ParameterizedTest
  @ValueSource(strings = {"quickstart", "internet", "smart-host", "load-balancer"})
  void aServerSideDiffByAnotherManagerFindsNothing(String example) throws IOException {
    String namespace = cluster.namespace("diff-" + example);
    String manifest = Files.readString(Path.of("examples", example + ".yaml"));
    kubectl(namespace, "apply", "--server-side", "--field-manager=argocd-controller", "-f", "-")
        .withInput(manifest)
        .run();
    cluster.await(
        "looked at",
        () ->
            admin.resources(SmtpConnector.class).inNamespace(namespace).list().getItems().stream()
                .allMatch(GitOpsIT::isObserved));

    for (String manager : List.of("argocd-controller", "kustomize-controller")) {
      // It reads twice: a status that the operator writes in between is a difference to it.
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> assertThat(difference(namespace, manager, manifest)).as(manager).isEmpty());
    }
  }

  private static String difference(String namespace, String manager, String manifest) {
    Command.Result difference =
        kubectl(namespace, "diff", "--server-side", "--force-conflicts")
            .with("--field-manager=" + manager, "-f", "-")
            .withInput(manifest)
            .attempt();
    return difference.out() + difference.err();
  }

  /**
   * kstatus' reading of every version that there was: at work until a relay runs it, then done;
   * failed where it was refused. Reconciling and Stalled are there only while true.
   */
  @Test
  void isReadAsAtWorkDoneAndFailedWhenItIs() {
    String namespace = cluster.namespace("kstatus");
    List<SmtpConnector> versions = new CopyOnWriteArrayList<>();
    try (Watch watch =
        admin.resources(SmtpConnector.class).inNamespace(namespace).watch(new Seen(versions))) {
      assertThat(watch).isNotNull();
      cluster.apply(namespace, DNS);
      cluster.await("a pod", () -> pod(namespace));
      assertThat(kstatus(cluster.connector(namespace))).isEqualTo("InProgress");
      assertThat(versions).allSatisfy(v -> assertThat(kstatus(v)).isEqualTo("InProgress"));

      cluster.await("done", () -> runs(namespace));

      cluster.apply(namespace, DNS.replace("mode: DNS", "mode: SmartHost"));
      cluster.await("failed", () -> kstatus(cluster.connector(namespace)).equals("Failed"));

      cluster.apply(namespace, DNS);
      cluster.await("done", () -> runs(namespace));
      cluster.await("every version", () -> versions.stream().anyMatch(GitOpsIT::isStalled));
    }
    assertThat(versions)
        .allSatisfy(
            version ->
                assertThat(conditions(version))
                    .filteredOn(c -> List.of("Reconciling", "Stalled").contains(c.type()))
                    .allMatch(c -> c.status().equals("True")));
  }

  private static boolean isStalled(SmtpConnector connector) {
    return Conditions.isTrue(conditions(connector), Conditions.STALLED);
  }

  private static boolean isObserved(SmtpConnector connector) {
    return connector.getStatus() != null
        && connector
            .getMetadata()
            .getGeneration()
            .equals(connector.getStatus().observedGeneration());
  }

  private static List<Condition> conditions(SmtpConnector connector) {
    return connector.getStatus() == null || connector.getStatus().conditions() == null
        ? List.of()
        : connector.getStatus().conditions();
  }

  /** As sigs.k8s.io/cli-utils/pkg/kstatus reads a custom resource. */
  private static String kstatus(SmtpConnector connector) {
    List<Condition> conditions = conditions(connector);
    if (connector.isMarkedForDeletion()) {
      return "Terminating";
    }
    if (connector.getStatus() != null
        && connector.getStatus().observedGeneration() != null
        && !isObserved(connector)) {
      return "InProgress";
    }
    if (Conditions.isTrue(conditions, "Reconciling")) {
      return "InProgress";
    }
    if (Conditions.isTrue(conditions, "Stalled")) {
      return "Failed";
    }
    return Conditions.find(conditions, "Ready").map(Condition::status).orElse("True").equals("True")
        ? "Current"
        : "InProgress";
  }

  private record Seen(List<SmtpConnector> versions) implements Watcher<SmtpConnector> {
    @Override
    public void eventReceived(Action action, SmtpConnector connector) {
      versions.add(connector);
    }

    @Override
    public void onClose(WatcherException cause) {
      throw new AssertionError(cause);
    }
  }

  /** A relay runs whatever its configuration says by now, and its connector is done. */
  private static boolean runs(String namespace) {
    cluster.runPod(namespace, "internet-edge-0", 0);
    return kstatus(cluster.connector(namespace)).equals("Current");
  }

  private static void settle(String namespace) {
    cluster.await("a pod", () -> pod(namespace));
    cluster.await("done", () -> runs(namespace));
    cluster.await(
        "the StatefulSet's status",
        () -> Integer.valueOf(1).equals(set(namespace).getStatus().getReadyReplicas()));
  }

  private static boolean pod(String namespace) {
    return admin.pods().inNamespace(namespace).withName("internet-edge-0").get() != null;
  }

  /** Those that were annotated from outside excepted. */
  private static Map<String, String> versions(String namespace) {
    Map<String, String> versions = new TreeMap<>();
    cluster
        .objects(namespace)
        .forEach((name, object) -> versions.put(name, object.getMetadata().getResourceVersion()));
    versions.remove("Service internet");
    versions.remove("NetworkPolicy internet-edge");
    versions.put("connector", cluster.connector(namespace).getMetadata().getResourceVersion());
    return versions;
  }

  private static Command kubectl(String namespace, String... arguments) {
    return ApiServer.shared().kubectl("-n", namespace).with(arguments);
  }
}
