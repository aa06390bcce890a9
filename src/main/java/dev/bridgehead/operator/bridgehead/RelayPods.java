package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.operator.bridgehead.RelayObjects.Running;
import dev.bridgehead.operator.kube.Eviction;
import dev.bridgehead.operator.kube.Refusals;
import dev.bridgehead.operator.kube.UidDelete;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.PodState;
import dev.bridgehead.operator.model.Rollout;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Asks pods what they run, wakes their kubelets, replaces them. */
final class RelayPods {
  /** An answer may be lost now and then; so long what was said before describes a pod. */
  private static final Duration REMEMBERED = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final RelayApi relays;
  private final Clock clock;
  private final Executor threads = Executors.newVirtualThreadPerTaskExecutor();

  /** What the pods of each bridgehead last said, by their uids. */
  private final Map<BridgeheadKey, Map<String, Said>> said = new ConcurrentHashMap<>();

  private record Said(PodState state, Instant when) {}

  RelayPods(KubernetesClient client, RelayApi relays, Clock clock) {
    this.client = client;
    this.relays = relays;
    this.clock = clock;
  }

  /** Asks all pods at once: a silent one costs its timeout, not the sum of them. */
  List<SeenPod> ask(BridgeheadKey key, List<Pod> pods, Optional<String> token) {
    List<SeenPod> seen = askAll(pods, token);
    Instant now = clock.instant();
    Map<String, Said> before = said.getOrDefault(key, Map.of());
    Map<String, Said> after = new HashMap<>();
    for (SeenPod pod : seen) {
      String uid = pod.pod().getMetadata().getUid();
      pod.state()
          .map(state -> new Said(state, now))
          .or(() -> Optional.ofNullable(before.get(uid)))
          .filter(last -> last.when().plus(REMEMBERED).isAfter(now))
          .ifPresent(last -> after.put(uid, last));
    }
    said.put(key, after);
    return seen.stream()
        .map(
            pod ->
                new SeenPod(
                    pod.pod(),
                    pod.state(),
                    Optional.ofNullable(after.get(pod.pod().getMetadata().getUid()))
                        .map(Said::state)))
        .toList();
  }

  /** The bridgehead is gone. */
  void forget(BridgeheadKey key) {
    said.remove(key);
  }

  private List<SeenPod> askAll(List<Pod> pods, Optional<String> token) {
    List<CompletableFuture<SeenPod>> answers = new ArrayList<>();
    for (Pod pod : pods) {
      answers.add(
          CompletableFuture.supplyAsync(
              () -> new SeenPod(pod, token.flatMap(t -> state(pod, t))), threads));
    }
    return answers.stream().map(CompletableFuture::join).toList();
  }

  /** Whether it can be asked at all. */
  static boolean answers(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getPodIP() != null
        && "Running".equals(pod.getStatus().getPhase());
  }

  private Optional<PodState> state(Pod pod, String token) {
    if (!answers(pod)) {
      return Optional.empty();
    }
    return relays.state(pod.getMetadata().getName(), pod.getStatus().getPodIP(), token);
  }

  /**
   * Makes the kubelet look at the mounted Secret now: by itself it would within a minute or so, at
   * a change of the pod it does at once. Once for a pod and a configuration.
   */
  void nudge(List<SeenPod> pods, Running running) {
    String hash = running.config().hash();
    String mark = running.mark();
    for (SeenPod seen : pods) {
      boolean lags = seen.state().filter(state -> !state.hash().equals(hash)).isPresent();
      boolean nudged =
          Labels.annotation(seen.pod(), Labels.CONFIG_MARK).filter(mark::equals).isPresent();
      if (lags && !nudged) {
        annotate(seen.pod(), mark);
      }
    }
  }

  private void annotate(Pod pod, String mark) {
    String patch =
        """
        {"metadata": {"uid": "%s", "annotations": {"%s": "%s"}}}
        """
            .formatted(pod.getMetadata().getUid(), Labels.CONFIG_MARK, mark);
    try {
      client
          .pods()
          .inNamespace(pod.getMetadata().getNamespace())
          .withName(pod.getMetadata().getName())
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    } catch (KubernetesClientException e) {
      if (!Refusals.replaced(e)) { // then there is nothing to wake
        throw e;
      }
    }
  }

  /**
   * The pod whose turn it is to be replaced, and what became of it.
   *
   * @param refused why a disruption budget lets it stay for now; empty where it goes
   */
  record Turn(Pod pod, Optional<String> refused) {}

  /**
   * Asks the next pod that runs an old template to go, if it is its turn. One that is not ready
   * serves nobody: it is deleted, and no budget is asked.
   *
   * @param wanted pods
   * @param pods those that stay
   */
  Optional<Turn> roll(StatefulSet set, int wanted, List<Pod> pods) {
    return Rollout.next(set, wanted, pods).flatMap(this::replace);
  }

  private Optional<Turn> replace(Pod pod) {
    if (!Rollout.ready(pod)) {
      return UidDelete.delete(client, pod)
          ? Optional.of(new Turn(pod, Optional.empty()))
          : Optional.empty();
    }
    return switch (Eviction.evict(client, pod)) {
      case Eviction.Granted() -> Optional.of(new Turn(pod, Optional.empty()));
      case Eviction.Refused(String why) -> Optional.of(new Turn(pod, Optional.of(why)));
      case Eviction.Gone() -> Optional.empty();
    };
  }
}
