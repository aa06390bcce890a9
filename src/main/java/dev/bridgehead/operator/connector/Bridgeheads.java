package dev.bridgehead.operator.connector;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.kube.Applier;
import dev.bridgehead.operator.kube.Applier.Applied;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.kube.FieldManagers;
import dev.bridgehead.operator.kube.NameConflictException;
import dev.bridgehead.operator.kube.Refusals;
import dev.bridgehead.operator.kube.UidDelete;
import dev.bridgehead.operator.model.BridgeheadResource;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The Bridgeheads of an accepted connector: one for each entry of its spec, and no others. */
final class Bridgeheads {
  private final KubernetesClient client;
  private final Applier applier;
  private final Events events;

  /**
   * @param applier that writes as {@link FieldManagers#CONNECTOR}
   */
  Bridgeheads(KubernetesClient client, Applier applier, Events events) {
    this.client = client;
    this.applier = applier;
    this.events = events;
  }

  /**
   * Writes one for each entry of the spec.
   *
   * @param existing those of the connector; what was written takes its place in it
   * @throws NameConflictException where a stranger's object has a name that one of them needs
   */
  void apply(SmtpConnector connector, List<Bridgehead> existing) throws NameConflictException {
    for (Bridgehead desired : BridgeheadResource.allOf(connector)) {
      Optional<Bridgehead> found =
          existing.stream()
              .filter(b -> b.getMetadata().getName().equals(desired.getMetadata().getName()))
              .findFirst();
      if (found.isPresent() && found.get().isMarkedForDeletion()) {
        continue; // it drains; its place is taken when it is gone
      }
      if (found.isPresent()
          && BridgeheadResource.givesUpReplicas(desired, found.get(), FieldManagers.CONNECTOR)) {
        keepReplicas(found.get());
      }
      Applied<Bridgehead> applied = applier.apply(desired, found);
      existing.removeIf(b -> same(b, applied.object()));
      existing.add(applied.object());
      tell(connector, applied);
      if (applied.object().getSpec().replicas() == null) {
        // The scale subresource of an object without a number answers with an error.
        keepReplicas(applied.object());
      }
    }
  }

  private void tell(SmtpConnector connector, Applied<Bridgehead> applied) {
    String name = applied.object().getSpec().name();
    String occasion =
        applied.object().getMetadata().getUid()
            + " "
            + applied.object().getMetadata().getGeneration();
    switch (applied.change()) {
      case CREATED ->
          events.normal(
              Events.Subject.of(connector), "BridgeheadCreated", occasion, name + " made");
      case CHANGED ->
          events.normal(
              Events.Subject.of(connector),
              "BridgeheadChanged",
              occasion,
              name + " takes over generation " + connector.getMetadata().getGeneration());
      case NONE -> {}
    }
  }

  /** Hands the number of pods over to a field manager of its own, so that it stays as it is. */
  private void keepReplicas(Bridgehead existing) {
    String patch =
        """
        {"apiVersion": "%s", "kind": "%s", "metadata": {"name": "%s"}, "spec": {"replicas": %d}}
        """
            .formatted(
                existing.getApiVersion(),
                existing.getKind(),
                existing.getMetadata().getName(),
                existing.getSpec().replicasOrDefault());
    client
        .resource(existing)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FieldManagers.REPLICAS)
                .withForce(true)
                .build(),
            patch);
  }

  /** Deletes those without an entry; each drains first. */
  void removeOthers(SmtpConnector connector, List<Bridgehead> existing) {
    Set<String> wanted =
        connector.getSpec().bridgeheads().stream()
            .map(entry -> entry.name())
            .collect(Collectors.toSet());
    for (Bridgehead bridgehead : existing) {
      if (wanted.contains(bridgehead.getSpec().name())) {
        continue;
      }
      applier.forget(connector.getMetadata().getUid(), bridgehead.getSpec().name());
      handDeletionOn(connector, bridgehead);
      if (!bridgehead.isMarkedForDeletion() && UidDelete.delete(client, bridgehead)) {
        events.normal(
            Events.Subject.of(connector),
            "BridgeheadRemoved",
            bridgehead.getMetadata().getUid(),
            bridgehead.getSpec().name() + " is no longer in the spec; it drains, then goes");
      }
    }
  }

  /**
   * Hands on what the connector says of deletions, the one part of its spec that still counts for a
   * bridgehead that goes. Once for a generation: what somebody then writes on the Bridgehead itself
   * stays. The generation is no part of its configuration: its relays may drain by that already.
   */
  void handDeletionOn(SmtpConnector connector, Bridgehead leaving) {
    String generation = String.valueOf(connector.getMetadata().getGeneration());
    if (Labels.annotation(leaving, Labels.DELETION_GENERATION)
        .filter(generation::equals)
        .isPresent()) {
      return;
    }
    Map<String, @Nullable Object> spec = new LinkedHashMap<>();
    spec.put("deletion", connector.getSpec().deletion());
    Map<String, Object> metadata =
        Map.of(
            "uid",
            leaving.getMetadata().getUid(),
            "annotations",
            Map.of(Labels.DELETION_GENERATION, generation));
    try {
      client
          .resource(leaving)
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.JSON_MERGE)
                  .withFieldManager(FieldManagers.CONNECTOR)
                  .build(),
              client
                  .getKubernetesSerialization()
                  .asJson(Map.of("metadata", metadata, "spec", spec)));
    } catch (KubernetesClientException e) {
      if (!Refusals.replaced(e)) {
        throw e;
      }
    }
  }

  private static boolean same(Bridgehead one, Bridgehead other) {
    return one.getMetadata().getUid().equals(other.getMetadata().getUid());
  }
}
