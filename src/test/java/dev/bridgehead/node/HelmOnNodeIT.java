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
