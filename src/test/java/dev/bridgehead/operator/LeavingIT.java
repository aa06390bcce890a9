package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.Condition;
import dev.bridgehead.operator.model.Conditions;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What people see and can still say while a connector or its pods are on their way out. */
@Tag("tier2")
class LeavingIT extends ThreePodsTestBase {
  @Test
  void theConnectorSaysWhatItsDeletionWaitsFor() {
    String namespace = threePods("says-why", 0, 0, 7);

    cluster.deleteConnector(namespace);
    awaitAllDrain(namespace);
    run(namespace, 2, 7);

    cluster.await(
        "a condition that says so",
        () ->
            draining(namespace)
                .filter(c -> Conditions.reason(c).equals("BeingDeleted"))
                .filter(c -> Conditions.message(c).contains("edge: queued mail is delivered"))
                .filter(c -> Conditions.message(c).contains("(deletion.timeout)"))
                .isPresent());
    assertThat(Conditions.isFalse(cluster.connector(namespace).getStatus().conditions(), "Ready"))
        .isTrue();

    for (int ordinal = 0; ordinal < 3; ordinal++) {
      run(namespace, ordinal, 0);
    }
    cluster.await("gone", () -> cluster.connector(namespace) == null);
  }

  @Test
  void aShorterTimeoutOfTheConnectorCountsDuringItsDeletion() {
    String namespace = threePods("shorter", 0, 0, 7);
    cluster.deleteConnector(namespace);
    awaitAllDrain(namespace);
    run(namespace, 2, 7);

    cluster.apply(namespace, DNS + "  deletion: {timeout: 1s}\n");

    cluster.await("gone", () -> cluster.connector(namespace) == null);
    assertThat(claim(namespace, 2).isMarkedForDeletion()).isFalse();
  }

  @Test
  void anEditOfADrainingBridgeheadItselfStays() {
    String namespace = threePods("own-timeout", 0, 0, 7);
    cluster.deleteConnector(namespace);
    awaitAllDrain(namespace);
    long before = cluster.reconciliations("connector");

    admin
        .resources(Bridgehead.class)
        .inNamespace(namespace)
        .withName("internet-edge")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\": {\"deletion\": {\"timeout\": \"2h\"}}}");

    cluster.await("several looks", () -> cluster.reconciliations("connector") > before + 2);
    assertThat(cluster.bridgehead(namespace).getSpec().deletionOrDefault().timeout())
        .isEqualTo("2h");
    // Relays are believed when they run what was made of the edit, which has a hash of its own.
    cluster.await("a configuration of the edit", () -> observed(cluster.bridgehead(namespace)));
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      run(namespace, ordinal, 0);
    }
    cluster.await("gone", () -> cluster.connector(namespace) == null);
  }

  @Test
  void aStatefulSetThatSomebodyDeletesIsMadeAgainWithThePodsThatDrain() {
    String namespace = threePods("set-deleted", 0, 5, 7);
    scale(namespace, 1);
    awaitDraining(namespace);
    String uid = set(namespace).getMetadata().getUid();

    admin.apps().statefulSets().inNamespace(namespace).withName("internet-edge").delete();

    cluster.await(
        "another one",
        () -> set(namespace) != null && !set(namespace).getMetadata().getUid().equals(uid));
    assertThat(set(namespace).getSpec().getReplicas()).isEqualTo(3);
    assertThat(claims(namespace)).hasSize(3).noneMatch(claim -> claim.isMarkedForDeletion());
    for (int ordinal = 1; ordinal < 3; ordinal++) {
      int each = ordinal;
      cluster.await(
          "its pod " + each,
          () ->
              pod(namespace, each) != null && pod(namespace, each).getStatus().getPodIP() == null);
      run(namespace, each, 0);
    }
    cluster.await("one replica", () -> set(namespace).getSpec().getReplicas() == 1);
  }

  private static Optional<Condition> draining(String namespace) {
    return Conditions.find(cluster.connector(namespace).getStatus().conditions(), "Draining")
        .filter(condition -> condition.status().equals("True"));
  }

  private static void awaitAllDrain(String namespace) {
    cluster.await(
        "all drain",
        () -> cluster.effective(namespace, "connector.yaml").contains("drain-from: \"0\""));
  }

  private static boolean observed(Bridgehead bridgehead) {
    Long observed = bridgehead.getStatus().observedGeneration();
    return bridgehead.getMetadata().getGeneration().equals(observed);
  }
}
