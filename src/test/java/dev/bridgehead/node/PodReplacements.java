package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** How the pods of a namespace are replaced, as a watch tells it, one change after the other. */
final class PodReplacements implements Watcher<Pod>, AutoCloseable {
  private final Watch watch;
  private final Set<String> ready = new TreeSet<>(); // guarded by this
  private final Set<String> away = new TreeSet<>(); // guarded by this
  private final Set<String> evicted = new TreeSet<>(); // guarded by this
  private final Set<String> deletedThoughReady = new TreeSet<>(); // guarded by this
  private int mostAway; // guarded by this
  private @Nullable WatcherException end; // guarded by this

  private PodReplacements(TestCluster cluster, String namespace) {
    watch = cluster.client().pods().inNamespace(namespace).watch(this);
  }

  static PodReplacements in(TestCluster cluster, String namespace) {
    return new PodReplacements(cluster, namespace);
  }

  @Override
  public synchronized void eventReceived(Action action, Pod pod) {
    String name = pod.getMetadata().getName();
    if (has(pod, "DisruptionTarget", "EvictionByEvictionAPI")) {
      evicted.add(pod.getMetadata().getUid());
    }
    if (action == Action.DELETED || pod.getMetadata().getDeletionTimestamp() != null) {
      if (ready.remove(name) && !evicted.contains(pod.getMetadata().getUid())) {
        deletedThoughReady.add(name);
      }
      away.add(name);
    } else if (has(pod, "Ready", null)) {
      ready.add(name);
      away.remove(name);
    } else {
      ready.remove(name);
    }
    mostAway = Math.max(mostAway, away.size());
  }

  private static boolean has(Pod pod, String type, @Nullable String reason) {
    return pod.getStatus().getConditions().stream()
        .filter((PodCondition condition) -> condition.getType().equals(type))
        .filter(condition -> condition.getStatus().equals("True"))
        .anyMatch(condition -> reason == null || reason.equals(condition.getReason()));
  }

  /** Pods at most whose successor was not ready yet, at the same time. */
  synchronized int mostAway() {
    check();
    return mostAway;
  }

  /** Uids of those that went by the Eviction API. */
  synchronized Set<String> evicted() {
    check();
    return Set.copyOf(evicted);
  }

  /** Names of those that were deleted outright, with no disruption budget asked. */
  synchronized Set<String> deletedThoughReady() {
    check();
    return Set.copyOf(deletedThoughReady);
  }

  private void check() {
    if (end != null) {
      throw new AssertionError("the watch has ended, and something may have been missed", end);
    }
  }

  @Override
  public synchronized void onClose(WatcherException cause) {
    end = cause;
  }

  @Override
  public void close() {
    watch.close();
  }
}
