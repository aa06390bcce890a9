package dev.bridgehead.operator.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.RelayEnvironment;
import dev.bridgehead.operator.model.RelayStatefulSet;
import dev.bridgehead.operator.model.Samples;
import dev.bridgehead.operator.model.ScaleDown;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GrowthTest {
  private static final Quantity LARGER = new Quantity("4Gi");
  private static final BridgeheadKey KEY = new BridgeheadKey("mail", "c", "uid", "edge");

  private final List<String> asked = new ArrayList<>();
  private int refusal; // HTTP status; 0: it grows
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final Growth growth = new Growth(this::ask, new Now());

  private final class Now extends Clock {
    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private void ask(PersistentVolumeClaim claim, Quantity size) {
    asked.add(claim.getMetadata().getName() + " " + size);
    if (refusal != 0) {
      throw new KubernetesClientException(
          new StatusBuilder().withCode(refusal).withMessage("it may not").build());
    }
  }

  @Test
  void asksForWhatIsBoundAndSmaller() {
    Optional<String> small =
        growth.claims(
            KEY,
            List.of(
                claim("a", "2Gi", "Bound"),
                claim("b", "4096Mi", "Bound"),
                claim("c", "8Gi", "Bound"),
                claim("d", "2Gi", "Pending")),
            LARGER);

    assertThat(asked).containsExactly("a 4Gi");
    assertThat(small).isEmpty();
  }

  @Test
  void aRefusalIsRememberedAndTriedAgainAfterAWhile() {
    refusal = 403;
    List<PersistentVolumeClaim> claims = List.of(claim("a", "2Gi", "Bound"));

    Optional<String> first = growth.claims(KEY, claims, LARGER);
    now = now.plus(Growth.NEXT_TRY).minusSeconds(1);
    Optional<String> second = growth.claims(KEY, claims, LARGER);

    assertThat(first.orElseThrow()).contains("(4Gi): a. The API server says: it may not");
    assertThat(second).isEqualTo(first);
    assertThat(asked).hasSize(1);

    now = now.plusSeconds(1);
    refusal = 0;

    assertThat(growth.claims(KEY, claims, LARGER)).isEmpty();
    assertThat(asked).hasSize(2);
  }

  @Test
  void anotherSizeIsAskedForAtOnce() {
    refusal = 403;
    List<PersistentVolumeClaim> claims = List.of(claim("a", "2Gi", "Bound"));
    growth.claims(KEY, claims, LARGER);

    growth.claims(KEY, claims, new Quantity("5Gi"));

    assertThat(asked).containsExactly("a 4Gi", "a 5Gi");
  }

  @Test
  void whatPassesByItselfIsLeftToTheController() {
    refusal = 503;

    assertThatThrownBy(() -> growth.claims(KEY, List.of(claim("a", "2Gi", "Bound")), LARGER))
        .isInstanceOf(KubernetesClientException.class);
  }

  @Test
  void aClaimThatIsGoneIsNoRefusal() {
    refusal = 404;

    assertThat(growth.claims(KEY, List.of(claim("a", "2Gi", "Bound")), LARGER)).isEmpty();
  }

  @Test
  void theStatefulSetIsReplacedWhereItsTemplateIsSmallerAndAllIsCalm() {
    assertThat(due(set("1Gi", 2), pods(2))).isTrue();
    assertThat(due(set("2Gi", 2), pods(2))).isFalse(); // as the spec says
    assertThat(due(set("3Gi", 2), pods(2))).isFalse();
    assertThat(due(set("1Gi", 3), pods(3))).isFalse(); // one drains
    assertThat(due(set("1Gi", 2), pods(3))).isFalse(); // one is about to go
    assertThat(due(set("1Gi", 2), pods(1))).isFalse(); // one is missing
    assertThat(
            due(
                new StatefulSetBuilder(set("1Gi", 2))
                    .editMetadata()
                    .withDeletionTimestamp("2026-01-01T00:00:00Z")
                    .endMetadata()
                    .build(),
                pods(2)))
        .isFalse();
  }

  @Test
  void podsWaitForTheirNewStatefulSetButNotForEver() {
    assertThat(growth.takesOver(KEY, false)).isFalse();
    assertThat(growth.takesOver(KEY, true)).isTrue();
    now = now.plus(Duration.ofSeconds(59));
    assertThat(growth.takesOver(KEY, true)).isTrue();
    now = now.plus(Duration.ofSeconds(2));
    assertThat(growth.takesOver(KEY, true)).isFalse();
    assertThat(growth.takesOver(KEY, false)).isFalse();
    assertThat(growth.takesOver(KEY, true)).isTrue();
  }

  /** Two pods of 2Gi each are wanted. */
  private static boolean due(StatefulSet set, List<Pod> pods) {
    return Growth.due(bridgehead(2), set, ScaleDown.of(2, set.getSpec().getReplicas(), pods), pods);
  }

  private static Bridgehead bridgehead(@Nullable Integer replicas) {
    return Samples.bridgehead(Samples.dns(replicas, null));
  }

  private static StatefulSet set(String size, int replicas) {
    Bridgehead bridgehead = bridgehead(replicas);
    StatefulSet set =
        RelayStatefulSet.of(
            BridgeheadKey.of(bridgehead),
            bridgehead.getSpec(),
            replicas,
            new RelayEnvironment("image", List.of(), Optional.empty(), List.of()),
            Optional.empty());
    set.getSpec()
        .getVolumeClaimTemplates()
        .getFirst()
        .getSpec()
        .getResources()
        .setRequests(Map.of("storage", new Quantity(size)));
    return set;
  }

  private static List<Pod> pods(int number) {
    return IntStream.range(0, number)
        .mapToObj(
            i ->
                new PodBuilder()
                    .withNewMetadata()
                    .withName("internet-edge-" + i)
                    .endMetadata()
                    .build())
        .toList();
  }

  private static PersistentVolumeClaim claim(String name, String size, String phase) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withNewResources()
        .addToRequests("storage", new Quantity(size))
        .endResources()
        .endSpec()
        .withNewStatus()
        .withPhase(phase)
        .endStatus()
        .build();
  }
}
