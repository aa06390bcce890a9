package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What people and machines do to a connector while mail flows through it, with a ledger of what was
 * promised and what arrived. Clients try again where they are told to; nobody else helps.
 */
class UnderLoadIT extends NodeTestBase {
  private static final String CONNECTOR = "busy";
  private static final String SET = "sts/busy-edge";
  private static final Path REPORT = Path.of("target", "under-load.txt");
  private static int hops = 60;

  private String namespace = "";
  private SteadyLoad load;

  @BeforeEach
  void connectorUnderLoad() {
    namespace = installation.namespace("mail");
    String hop = cluster.address(hops++);
    cluster.zone("dst.example", "@ IN MX 10 mx\nmx IN A " + hop);
    cluster.zone("src.example", "@ IN MX 10 mx\nmx IN A " + hop);
    installation.apply(namespace, Connectors.scalable(CONNECTOR));
    installation.awaitReady(namespace, CONNECTOR);
    scale(3);
    awaitReplicas(3);
    awaitAllReady();
    load =
        SteadyLoad.between(
            cluster, installation.field(namespace, "svc/" + CONNECTOR, ".spec.clusterIP"), hop);
    load.openHop();
    load.send();
    awaitMessages(100);
  }

  @AfterEach
  void endLoad() {
    if (load != null) {
      load.close();
    }
    cluster
        .kubectl("delete", "smtpc", "--all", "-n", namespace, "--timeout=90s")
        .within(Duration.ofMinutes(2))
        .run();
  }

  private void awaitMessages(long more) {
    long wanted = load.report().messages() + more;
    await().atMost(Duration.ofMinutes(2)).until(() -> load.report().messages() >= wanted);
  }

  /** Ends the load, lets everything arrive, and looks at the ledger. */
  private SteadyLoad.Report settle(TestInfo test, TestReporter reporter) {
    load.pause();
    try {
      await().atMost(Duration.ofMinutes(2)).until(() -> load.report().owed() == 0);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(load.report().text() + installation.state(namespace), e);
    }
    SteadyLoad.Report report = load.report();
    String text = test.getDisplayName() + "\n" + report.text();
    reporter.publishEntry("ledger", "\n" + text);
    try {
      Files.writeString(REPORT, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(report.faults()).as(report.text()).isEmpty();
    return report;
  }

  private void scale(int replicas) {
    cluster.kubectl("scale", "bh/busy-edge", "-n", namespace, "--replicas=" + replicas).run();
  }

  private void awaitReplicas(int replicas) {
    await()
        .atMost(Duration.ofMinutes(3))
        .untilAsserted(
            () -> {
              assertThat(installation.field(namespace, SET, ".spec.replicas"))
                  .as(() -> installation.state(namespace))
                  .isEqualTo("" + replicas);
              assertThat(installation.names(namespace, "pods").lines()).hasSize(replicas);
            });
  }

  private void awaitAllReady() {
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(installation.field(namespace, SET, ".status.readyReplicas"))
                    .as(() -> installation.state(namespace))
                    .isEqualTo("3"));
    installation.awaitReady(namespace, CONNECTOR);
  }

  private List<String> podUids() {
    return cluster
        .kubectl("get", "pods", "-n", namespace)
        .with("-o", "jsonpath={range .items[*]}{.metadata.uid}{\"\\n\"}{end}")
        .run()
        .lines()
        .sorted()
        .toList();
  }

  @Test
  void scalingDownLosesNothingAndTakesTheEmptyVolumesAway(TestInfo test, TestReporter reporter) {
    scale(1);
    awaitReplicas(1);
    awaitMessages(100);

    assertThat(settle(test, reporter).duplicates()).isZero();
    assertThat(installation.names(namespace, "pvc"))
        .isEqualTo("persistentvolumeclaim/spool-busy-edge-0");
  }

  @Test
  void scalingDownWithADeadNextHopHandsTheQueueToASibling(TestInfo test, TestReporter reporter) {
    load.closeHop();
    awaitMessages(2000);

    scale(1);
    awaitReplicas(1);
    load.openHop();

    assertThat(settle(test, reporter).duplicates()).isZero();
  }

  @Test
  void aRollingRestartLosesNothing(TestInfo test, TestReporter reporter) {
    List<String> before = podUids();

    cluster.kubectl("rollout", "restart", SET, "-n", namespace).run();
    await()
        .atMost(Duration.ofMinutes(4))
        .until(() -> podUids().size() == 3 && podUids().stream().noneMatch(before::contains));
    installation.awaitReady(namespace, CONNECTOR);

    assertThat(settle(test, reporter).duplicates()).isZero();
  }

  @Test
  void aKilledRelayLosesNothing(TestInfo test, TestReporter reporter) {
    for (String uid : podUids()) {
      load.aboutToKill();
      cluster.kill9(uid);
      awaitMessages(200);
    }
    installation.awaitReady(namespace, CONNECTOR);

    settle(test, reporter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"background", "foreground"})
  void deletionDeliversAllThatWasAccepted(String cascade, TestInfo test, TestReporter reporter) {
    cluster
        .kubectl("delete", "smtpc", CONNECTOR, "-n", namespace, "--cascade=" + cascade)
        .with("--timeout=120s")
        .within(Duration.ofMinutes(3))
        .run();

    assertThat(settle(test, reporter).duplicates()).isZero();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> assertThat(installation.names(namespace, "smtpc,bh,sts,svc,pods,pvc")).isEmpty());
  }
}
