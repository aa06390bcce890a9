package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people and machines do to a connector while mail flows through it. */
class UnderLoadIT extends NodeTestBase {
  private LoadedConnector busy;

  @BeforeEach
  void connectorUnderLoad() {
    busy = LoadedConnector.byDns(installation, 3);
  }

  @AfterEach
  void endLoad() {
    if (busy != null) {
      busy.close();
    }
  }

  @Test
  void scalingDownLosesNothingAndTakesTheEmptyVolumesAway(TestInfo test, TestReporter reporter) {
    busy.scale(1);
    busy.awaitReplicas(1);
    busy.awaitMessages(100);

    assertThat(busy.settle(test.getDisplayName(), reporter).duplicates()).isZero();
    assertThat(installation.names(busy.namespace(), "pvc"))
        .isEqualTo("persistentvolumeclaim/spool-busy-edge-0");
  }

  @Test
  void aRollingRestartLosesNothing(TestInfo test, TestReporter reporter) {
    List<String> before = busy.podUids();

    cluster.kubectl("rollout", "restart", LoadedConnector.SET, "-n", busy.namespace()).run();
    await()
        .atMost(Duration.ofMinutes(4))
        .until(
            () ->
                busy.podUids().size() == 3 && busy.podUids().stream().noneMatch(before::contains));
    installation.awaitReady(busy.namespace(), LoadedConnector.NAME);

    assertThat(busy.settle(test.getDisplayName(), reporter).duplicates()).isZero();
  }

  @Test
  void aKilledRelayLosesNothing(TestInfo test, TestReporter reporter) {
    for (String uid : busy.podUids()) {
      busy.load().aboutToKill();
      cluster.kill9(uid);
      busy.awaitMessages(200);
    }
    installation.awaitReady(busy.namespace(), LoadedConnector.NAME);

    busy.settle(test.getDisplayName(), reporter);
  }

  @ParameterizedTest
  @ValueSource(strings = {"background", "foreground"})
  void deletionDeliversAllThatWasAccepted(String cascade, TestInfo test, TestReporter reporter) {
    cluster
        .kubectl("delete", "smtpc", LoadedConnector.NAME, "-n", busy.namespace())
        .with("--cascade=" + cascade, "--timeout=120s")
        .within(Duration.ofMinutes(3))
        .run();

    assertThat(busy.settle(test.getDisplayName(), reporter).duplicates()).isZero();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(installation.names(busy.namespace(), "smtpc,bh,sts,svc,pods,pvc"))
                    .isEmpty());
  }
}
