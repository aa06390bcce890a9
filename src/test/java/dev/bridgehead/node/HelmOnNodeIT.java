package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.Command;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What Helm's own commands show of an installation. */
class HelmOnNodeIT extends NodeTestBase {
  @Test
  void helmTestSendsAMessageThroughAllOfItAndLeavesNothing() {
    Command.Result test =
        cluster
            .helm("test", "bridgehead")
            .with("--namespace", "bridgehead", "--timeout", "4m")
            .within(Duration.ofMinutes(5))
            .attempt();

    assertThat(test.status())
        .withFailMessage(
            () ->
                test.out()
                    + test.err()
                    + logs("test")
                    + logs("inbox")
                    + installation.state("bridgehead"))
        .isZero();
    assertThat(test.out()).contains("Succeeded");
    Awaitility.await("the connector and its volume gone")
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(installation.names("bridgehead", "smtpc,bh,sts,pvc,hpa"))
                    .doesNotContain("bridgehead-test"));
  }

  private static String logs(String container) {
    return cluster
        .kubectl("logs", "bridgehead-test", "-c", container, "-n", "bridgehead", "--tail=40")
        .attempt()
        .out();
  }

  @Test
  void aStandbyLeadsWhenTheLeadersPodGoesAndNoConnectorIsRefusedMeanwhile() {
    scaleOperator(2);
    try {
      String leader =
          Awaitility.await("one leads")
              .atMost(Duration.ofMinutes(1))
              .until(HelmOnNodeIT::leader, name -> !name.isEmpty());
      cluster.kubectl("delete", "pod", leader, "-n", "bridgehead", "--wait=false").run();

      // The webhook judges each of them: for twenty seconds one pod goes and another comes.
      Awaitility.await("another leads")
          .during(Duration.ofSeconds(20))
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                assertJudged();
                return !leader().equals(leader) && !leader().isEmpty();
              });
    } finally {
      scaleOperator(1);
    }
  }

  private static void scaleOperator(int replicas) {
    cluster
        .helm("upgrade", "bridgehead", "helm/bridgehead", "--reuse-values")
        .with("--set", "replicas=" + replicas)
        .with("--namespace", "bridgehead", "--wait", "--timeout", "3m")
        .within(Duration.ofMinutes(4))
        .run();
  }

  /** The pod that holds the Lease. */
  private static String leader() {
    return installation
        .field("bridgehead", "lease/bridgehead", ".spec.holderIdentity")
        .replaceFirst("_.*", "");
  }

  private static void assertJudged() {
    Command.Result result =
        cluster
            .kubectl("apply", "--dry-run=server", "-n", "default", "-f", "examples/internet.yaml")
            .attempt();
    assertThat(result.status())
        .withFailMessage(() -> result.err() + installation.state("bridgehead"))
        .isZero();
  }

  @Test
  void theSameUpgradeAgainChangesNothing() {
    Command upgrade =
        cluster
            .helm("upgrade", "bridgehead", "helm/bridgehead", "--reuse-values")
            .with("--namespace", "bridgehead", "--wait", "--timeout", "3m")
            .within(Duration.ofMinutes(4));
    upgrade.run();
    String before = generations();

    upgrade.run();

    assertThat(generations()).isEqualTo(before).isNotEmpty();
  }

  private static String generations() {
    return cluster
        .kubectl("get", "deployments,services,serviceaccounts", "-n", "bridgehead")
        .with(
            "-o", "jsonpath={range .items[*]}{.metadata.name} {.metadata.generation}{\"\\n\"}{end}")
        .run();
  }
}
