package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;

/**
 * A scale-down that can deliver nothing, whose pods are killed while they hand over: {@code
 * -Dkills=…} says how often, {@code -Dseed=…} makes the same choices again. At which steps two
 * relays are killed, and what follows, is {@link dev.bridgehead.cli.HandoverKillIT}'s.
 */
class HandoverOnNodeIT extends NodeTestBase {
  private static final int QUEUED = 2000;
  private static final Pattern QUEUE =
      Pattern.compile("(?m)^bridgehead_queue_messages\\{.*} ([0-9.E]+)$");

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void everyMessageIsHandedOverOnceHoweverOftenEitherSideIsKilled(
      TestInfo test, TestReporter reporter) {
    int kills = Integer.getInteger("kills", 2);
    try (LoadedConnector busy = LoadedConnector.byDns(installation, 3)) {
      // With nothing under way: the duplicates of a next hop that goes are not what is looked for.
      busy.load().pause();
      busy.awaitNothingOwed();
      busy.load().closeHop();
      busy.load().send();
      busy.awaitMessages(QUEUED);

      long all = queued(busy).orElse(QUEUED);
      busy.scale(1);
      int killedInBetween = 0;
      for (int i = 0; i < kills; i++) {
        long left = awaitProgress(busy, all - (i + 1) * (all / (kills + 1)));
        killedInBetween += left > 0 ? 1 : 0;
        kill(busy, i % 2 == 0 ? 0 : 1 + random.nextInt(2));
      }
      busy.awaitReplicas(1);
      busy.load().openHop();

      String what =
          "%s%nkills %d, while messages were left %d, seed %d"
              .formatted(test.getDisplayName(), kills, killedInBetween, seed);
      assertThat(busy.settle(what, reporter).duplicates()).as(what).isZero();
      assertThat(killedInBetween > 0 || kills == 0).as(what).isTrue();
    }
  }

  /**
   * Waits until the pods that go hold no more than so many, or for a while: who was killed begins
   * anew.
   *
   * @return how many they hold
   */
  private long awaitProgress(LoadedConnector busy, long most) {
    try {
      await("seed " + seed)
          .pollInterval(Duration.ofMillis(20))
          .atMost(Duration.ofSeconds(45))
          .until(() -> queued(busy).orElse(Long.MAX_VALUE) <= most);
    } catch (ConditionTimeoutException e) {
      // Killed nevertheless; the report says how many were left.
    }
    return queued(busy).orElse(0);
  }

  /** What the pods 1 and 2 hold together; empty where one of them can't be asked. */
  private static OptionalLong queued(LoadedConnector busy) {
    try {
      return OptionalLong.of(queued(busy, 1) + queued(busy, 2));
    } catch (KubernetesClientException e) {
      return OptionalLong.empty();
    }
  }

  private static long queued(LoadedConnector busy, int ordinal) {
    String pod = "busy-edge-" + ordinal;
    if (cluster.client().pods().inNamespace(busy.namespace()).withName(pod).get() == null) {
      return 0; // it has handed everything over, and has gone
    }
    String metrics =
        cluster
            .client()
            .raw(
                "/api/v1/namespaces/%s/pods/%s:8080/proxy/metrics"
                    .formatted(busy.namespace(), pod));
    return QUEUE
        .matcher(String.valueOf(metrics))
        .results()
        .map((MatchResult line) -> line.group(1))
        .mapToLong(number -> (long) Double.parseDouble(number))
        .sum();
  }

  private static void kill(LoadedConnector busy, int ordinal) {
    String uid = installation.field(busy.namespace(), "pod/busy-edge-" + ordinal, ".metadata.uid");
    if (uid.isEmpty()) {
      return; // it had handed everything over, and has gone
    }
    await("pod " + ordinal + " runs").atMost(Duration.ofMinutes(2)).until(() -> cluster.runs(uid));
    busy.load().aboutToKill();
    cluster.kill9(uid);
  }
}
