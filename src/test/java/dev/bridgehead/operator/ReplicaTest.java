package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A replica whose controllers don't start. No API server is asked. */
class ReplicaTest {
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private final List<KubernetesClient> clients = new CopyOnWriteArrayList<>();

  static Stream<Supplier<BridgeheadOperator>> faults() {
    return Stream.of(
        () -> {
          throw new IllegalArgumentException("a fault of ours");
        },
        () -> {
          throw new NoClassDefFoundError("a fault of ours");
        });
  }

  /** It would hold the Lease else, and control nothing. */
  @ParameterizedTest
  @MethodSource("faults")
  void endsTheProcessOverAFaultOfItsOwn(Supplier<BridgeheadOperator> fault) throws Exception {
    try (Replica replica = Replica.alone(Config.empty(), client -> fault.get(), ends::add)) {
      assertThat(ends.poll(30, TimeUnit.SECONDS)).contains("a fault of ours");
      assertThat(replica.active()).isFalse();
    }
  }

  /** A start that failed half-way leaves watches behind; with their client they end. */
  @Test
  void triesAgainWithAnotherClientWhereTheApiServerRefuses() {
    try (Replica replica =
        Replica.alone(
            Config.empty(),
            client -> {
              clients.add(client);
              throw new KubernetesClientException("forbidden");
            },
            ends::add)) {
      Awaitility.await().until(() -> clients.size() > 1);

      assertThat(clients.getFirst().getHttpClient().isClosed()).isTrue();
      assertThat(clients.get(1)).isNotSameAs(clients.getFirst());
      assertThat(replica.live()).isTrue();
      assertThat(ends).isEmpty();
    }
    Awaitility.await().until(() -> clients.getLast().getHttpClient().isClosed());
  }
}
