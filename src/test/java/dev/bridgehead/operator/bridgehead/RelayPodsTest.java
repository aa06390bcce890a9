package dev.bridgehead.operator.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.PodState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is known of pods that are asked; asking needs no API server. */
class RelayPodsTest {
  private static final BridgeheadKey KEY = new BridgeheadKey("mail", "c", "uid", "edge");
  private static final PodState STATE =
      new PodState(
          "hash",
          1,
          true,
          3,
          null,
          0,
          List.of(),
          List.of(),
          List.of(),
          null,
          PodState.Draining.NONE);

  private final KubernetesClient client = new KubernetesClientBuilder().build();
  private final Map<String, PodState> answers = new ConcurrentHashMap<>();
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final RelayPods pods =
      new RelayPods(
          client,
          (pod, ip, token) -> Optional.ofNullable(answers.get(pod)),
          new Clock() {
            @Override
            public ZoneOffset getZone() {
              return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(java.time.ZoneId zone) {
              return this;
            }

            @Override
            public Instant instant() {
              return now;
            }
          });

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void remembersWhatAPodSaidAMomentAgoButSaysThatItIsSilentNow() {
    answers.put("c-edge-0", STATE);
    assertThat(ask("one")).isEqualTo(new SeenPod(pod("one"), Optional.of(STATE)));

    answers.clear();
    now = now.plus(Duration.ofSeconds(17));

    assertThat(ask("one")).isEqualTo(new SeenPod(pod("one"), Optional.empty(), Optional.of(STATE)));
  }

  @Test
  void forgetsItSoon() {
    answers.put("c-edge-0", STATE);
    ask("one");
    answers.clear();
    now = now.plus(Duration.ofSeconds(31));

    assertThat(ask("one")).isEqualTo(new SeenPod(pod("one"), Optional.empty()));
  }

  @Test
  void takesNothingThatAnotherPodOfThatNameSaid() {
    answers.put("c-edge-0", STATE);
    ask("one");
    answers.clear();

    assertThat(ask("two")).isEqualTo(new SeenPod(pod("two"), Optional.empty()));
  }

  private SeenPod ask(String uid) {
    return pods.ask(KEY, List.of(pod(uid)), Optional.of("token")).getFirst();
  }

  private static Pod pod(String uid) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("c-edge-0")
        .withUid(uid)
        .endMetadata()
        .withNewStatus()
        .withPhase("Running")
        .withPodIP("10.1.0.1")
        .endStatus()
        .build();
  }
}
