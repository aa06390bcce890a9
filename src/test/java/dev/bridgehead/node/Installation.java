package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.TestCluster;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** The project's image and chart on the node, installed once for all tests of a JVM. */
final class Installation {
  private static Installation shared;

  private final TestCluster cluster;

  private Installation(TestCluster cluster) {
    this.cluster = cluster;
    cluster.importProjectImage();
    cluster
        .helm("upgrade", "--install", "bridgehead", "helm/bridgehead")
        .with("--namespace", "bridgehead", "--create-namespace", "--take-ownership")
        .with("--set", "image.repository=bridgehead,image.tag=dev,image.pullPolicy=Never")
        .with("--wait", "--timeout", "3m")
        .within(Duration.ofMinutes(4))
        .run();
    // In a bed of an earlier run the image changed, its tag did not.
    cluster.kubectl("rollout", "restart", "deploy/bridgehead", "-n", "bridgehead").run();
    cluster
        .kubectl("rollout", "status", "deploy/bridgehead", "-n", "bridgehead", "--timeout=2m")
        .within(Duration.ofMinutes(3))
        .run();
  }

  /** Installed when first asked for; {@code helm install --wait} succeeds, or this fails. */
  static synchronized Installation shared() {
    if (shared == null) {
      shared = new Installation(TestCluster.shared());
    }
    return shared;
  }

  TestCluster cluster() {
    return cluster;
  }

  /** A new namespace that lets in only pods of the restricted Pod Security profile. */
  String namespace(String prefix) {
    String name = cluster.newNamespace(prefix);
    cluster
        .kubectl("label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted")
        .run();
    return name;
  }

  /** Applies manifests in a namespace, as a user does. */
  String apply(String namespace, String manifests) {
    return cluster.kubectl("apply", "-n", namespace, "-f", "-").withInput(manifests).run();
  }

  /** Applies manifests that are refused, and gives what kubectl says. */
  String applyRefused(String namespace, String manifests, String... options) {
    var result =
        cluster
            .kubectl("apply", "-n", namespace, "-f", "-")
            .with(options)
            .withInput(manifests)
            .attempt();
    if (result.status() == 0) {
      throw new AssertionError("was accepted: " + result.out());
    }
    return result.err();
  }

  /** Waits until the relays run what was applied last: Ready of the newest generation says so. */
  void awaitCurrent(String namespace, String connector) {
    String ready = ".status.conditions[?(@.type==\"Ready\")]";
    Awaitility.await("the newest generation in force")
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(
            () ->
                assertThat(
                        field(namespace, "smtpc/" + connector, ready + ".status")
                            + field(namespace, "smtpc/" + connector, ready + ".observedGeneration"))
                    .isEqualTo(
                        "True" + field(namespace, "smtpc/" + connector, ".metadata.generation")));
  }

  void awaitReady(String namespace, String connector) {
    var result =
        cluster
            .kubectl("wait", "--for=condition=Ready", "smtpconnector/" + connector)
            .with("-n", namespace, "--timeout=120s")
            .within(Duration.ofMinutes(3))
            .attempt();
    if (result.status() != 0) {
      throw new AssertionError(result.err() + state(namespace));
    }
  }

  /** One field of an object, empty where there is none. */
  String field(String namespace, String object, String jsonPath) {
    return cluster
        .kubectl("get", object, "-n", namespace, "--ignore-not-found")
        .with("-o", "jsonpath={" + jsonPath + "}")
        .run();
  }

  /** Names of all objects of some kinds, as {@code kind/name}. */
  String names(String namespace, String kinds) {
    return cluster.kubectl("get", kinds, "-n", namespace, "-o", "name").run();
  }

  /** What a person would look at first when something does not come about. */
  String state(String namespace) {
    return "%n%s%n%s%n%s%n%s"
        .formatted(
            cluster.kubectl("get", "smtpc,bh,sts,pods,pvc,events", "-n", namespace).attempt().out(),
            cluster.kubectl("get", "smtpc,bh", "-n", namespace, "-o", "yaml").attempt().out(),
            cluster
                .kubectl("logs", "-n", namespace, "-l", "app.kubernetes.io/part-of=bridgehead")
                .with("--tail=40")
                .attempt()
                .out(),
            cluster
                .kubectl("logs", "-n", "bridgehead", "deploy/bridgehead", "--tail=60")
                .attempt()
                .out());
  }

  static Path project(String path) {
    return Path.of(path).toAbsolutePath();
  }
}
