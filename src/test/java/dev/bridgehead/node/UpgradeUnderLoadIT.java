package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;

/**
 * Upgrades with another image while mail flows. It is the same image by another name: what a newer
 * version does is not known here, how one comes and the other goes is.
 */
class UpgradeUnderLoadIT extends NodeTestBase {
  private static final String IMAGE = ".spec.containers[0].image";

  private static LoadedConnector busy;
  private static int versions;

  @BeforeAll
  static void connectorUnderLoad() {
    busy = LoadedConnector.byDns(installation, 3);
  }

  @AfterAll
  static void asBefore() {
    if (busy != null) {
      busy.close();
      upgrade("dev", "");
    }
  }

  /** Another name of the image, which no pod runs so far. */
  private static String newTag() {
    String tag = "next-" + ++versions;
    cluster.tagProjectImage(tag);
    return tag;
  }

  private static void upgrade(String tag, String relayImage) {
    cluster
        .helm("upgrade", "bridgehead", "helm/bridgehead", "--reuse-values")
        .with("--set", "image.tag=" + tag + ",relayImage=" + relayImage)
        .with("--namespace", "bridgehead", "--wait", "--timeout", "3m")
        .within(Duration.ofMinutes(4))
        .run();
  }

  @Test
  void anUpgradeOfTheOperatorAloneRestartsNoRelay(TestInfo test, TestReporter reporter) {
    List<String> before = busy.podUids();
    busy.load().send();

    upgrade(newTag(), busy.ofPods(IMAGE).getFirst());
    // Not before the new operator has looked at all of it and changed something.
    installation.apply(
        busy.namespace(),
        Connectors.scalable(LoadedConnector.NAME).replace("expireAfter: 1h", "expireAfter: 2h"));
    installation.awaitCurrent(busy.namespace(), LoadedConnector.NAME);

    assertThat(busy.podUids()).isEqualTo(before);
    assertThat(busy.restarts()).containsOnly("0");
    assertThat(busy.settle(test.getDisplayName(), reporter).duplicates()).isZero();
  }

  @Test
  void anotherImageReplacesRelaysOneAtATimeAndLosesNothing(TestInfo test, TestReporter reporter) {
    List<String> before = busy.podUids();
    List<String> claims = busy.claims();
    busy.load().send();
    try (PodReplacements replacements = PodReplacements.in(cluster, busy.namespace())) {
      String tag = newTag();
      upgrade(tag, "");
      await()
          .atMost(Duration.ofMinutes(4))
          .until(
              () ->
                  busy.podUids().size() == 3
                      && Set.copyOf(busy.ofPods(IMAGE)).equals(Set.of("bridgehead:" + tag)));
      busy.awaitAllReady(3);

      assertThat(replacements.mostAway()).isOne();
      assertThat(replacements.deletedThoughReady()).isEmpty();
      assertThat(replacements.evicted()).isNotEmpty().isSubsetOf(before);
    }
    assertThat(busy.podUids()).doesNotContainAnyElementsOf(before);
    assertThat(busy.claims()).isEqualTo(claims);
    assertThat(busy.settle(test.getDisplayName(), reporter).duplicates()).isZero();
  }
}
