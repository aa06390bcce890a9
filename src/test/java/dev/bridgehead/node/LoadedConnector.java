package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.testbed.TestCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.TestReporter;

/**
 * A connector on the node through which mail flows, with a ledger of what was promised and what
 * arrived. Clients try again where they are told to; nobody else helps.
 */
final class LoadedConnector implements AutoCloseable {
  static final String NAME = "busy";
  static final String SET = "sts/busy-edge";

  private static final Path REPORT = Path.of("target", "under-load.txt");
  private static int addresses = 60;

  private final Installation installation;
  private final TestCluster cluster;
  private final String namespace;
  private final SteadyLoad load;

  private LoadedConnector(Installation installation, String namespace, SteadyLoad load) {
    this.installation = installation;
    this.cluster = installation.cluster();
    this.namespace = namespace;
    this.load = load;
  }

  /** One that routes by DNS to the next hop of the load. */
  static LoadedConnector byDns(Installation installation, int replicas) {
    String hop = nextAddress(installation);
    for (String domain : List.of("dst.example", "src.example")) {
      installation.cluster().zone(domain, "@ IN MX 10 mx\nmx IN A " + hop);
    }
    return start(installation, hop, Connectors.scalable(NAME), replicas);
  }

  /** An address of the node's network that nobody has. */
  static String nextAddress(Installation installation) {
    return installation.cluster().address(addresses++);
  }

  /**
   * Under load, with all its pods ready, when this returns.
   *
   * @param hop where the load's next hop is
   * @param manifests with a connector named {@link #NAME} that leaves {@code replicas} to others
   */
  static LoadedConnector start(
      Installation installation, String hop, String manifests, int replicas) {
    String namespace = installation.namespace("mail");
    installation.apply(namespace, manifests);
    installation.awaitReady(namespace, NAME);
    SteadyLoad load =
        SteadyLoad.between(
            installation.cluster(),
            installation.field(namespace, "svc/" + NAME, ".spec.clusterIP"),
            hop);
    var connector = new LoadedConnector(installation, namespace, load);
    connector.scale(replicas);
    connector.awaitAllReady(replicas);
    load.openHop();
    load.send();
    connector.awaitMessages(100);
    return connector;
  }

  String namespace() {
    return namespace;
  }

  SteadyLoad load() {
    return load;
  }

  void awaitMessages(long more) {
    long wanted = load.report().messages() + more;
    await().atMost(Duration.ofMinutes(2)).until(() -> load.report().messages() >= wanted);
  }

  void scale(int replicas) {
    cluster.kubectl("scale", "bh/busy-edge", "-n", namespace, "--replicas=" + replicas).run();
  }

  void awaitReplicas(int replicas) {
    await()
        .atMost(Duration.ofMinutes(4))
        .untilAsserted(
            () -> {
              assertThat(installation.field(namespace, SET, ".spec.replicas"))
                  .as(() -> installation.state(namespace))
                  .isEqualTo("" + replicas);
              assertThat(installation.names(namespace, "pods").lines()).hasSize(replicas);
            });
  }

  void awaitAllReady(int replicas) {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(installation.field(namespace, SET, ".status.readyReplicas"))
                    .as(() -> installation.state(namespace))
                    .isEqualTo("" + replicas));
    installation.awaitReady(namespace, NAME);
  }

  /** Of its pods, sorted. */
  List<String> podUids() {
    return ofPods(".metadata.uid").stream().sorted().toList();
  }

  /** Of every pod: by their names. */
  List<String> ofPods(String jsonPath) {
    return cluster
        .kubectl("get", "pods", "-n", namespace, "--sort-by=.metadata.name")
        .with("-o", "jsonpath={range .items[*]}{" + jsonPath + "}{\"\\n\"}{end}")
        .run()
        .lines()
        .toList();
  }

  /** Of every claim: its uid and its volume, by their names. */
  List<String> claims() {
    return cluster
        .kubectl("get", "pvc", "-n", namespace, "--sort-by=.metadata.name")
        .with("-o", "jsonpath={range .items[*]}{.metadata.uid} {.spec.volumeName}{\"\\n\"}{end}")
        .run()
        .lines()
        .toList();
  }

  /** How often each pod's container was started again, by their names. */
  List<String> restarts() {
    return ofPods(".status.containerStatuses[0].restartCount");
  }

  /** Ends the load, lets everything arrive, and looks at the ledger. */
  SteadyLoad.Report settle(String what, TestReporter reporter) {
    load.pause();
    awaitNothingOwed();
    SteadyLoad.Report report = load.report();
    tell(what + "\n" + report.text(), reporter);
    assertThat(report.faults()).as(report.text()).isEmpty();
    return report;
  }

  void awaitNothingOwed() {
    try {
      await().atMost(Duration.ofMinutes(2)).until(() -> load.report().owed() == 0);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(load.report().text() + installation.state(namespace), e);
    }
  }

  /** Puts something into the reports of this build. */
  static void tell(String text, TestReporter reporter) {
    reporter.publishEntry("under load", "\n" + text);
    try {
      Files.writeString(REPORT, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the load and deletes the connector. */
  @Override
  public void close() {
    load.close();
    cluster
        .kubectl("delete", "smtpc", "--all", "-n", namespace, "--timeout=90s")
        .within(Duration.ofMinutes(2))
        .run();
  }
}
