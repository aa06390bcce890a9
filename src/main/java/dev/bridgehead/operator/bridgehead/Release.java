package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.Deletion;
import dev.bridgehead.operator.bridgehead.RelayObjects.Running;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.kube.NameConflictException;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.operator.model.Counts;
import dev.bridgehead.operator.model.Drain;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.Reason;
import dev.bridgehead.operator.model.References.Resolution;
import dev.bridgehead.operator.model.ScaleDown;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The deletion of a bridgehead, in steps that can be interrupted anywhere: drain, decide what
 * becomes of each volume and write that on its claim, stop the pods, then delete empty claims and
 * everything else. Until the decision the pods are kept alive like those of any bridgehead, but
 * their configuration says that they take no new mail.
 */
final class Release {
  /** How long after the end of its grace a pod is waited for. */
  private static final Duration LOST_POD = Duration.ofMinutes(5);

  private final KubernetesClient client;
  private final RelayObjects objects;
  private final RelayPods relays;
  private final Volumes volumes;
  private final Events events;
  private final Counts.Gate counts;
  private final Clock clock;

  Release(
      KubernetesClient client,
      RelayObjects objects,
      RelayPods relays,
      Volumes volumes,
      Events events,
      Counts.Gate counts,
      Clock clock) {
    this.client = client;
    this.objects = objects;
    this.relays = relays;
    this.volumes = volumes;
    this.events = events;
    this.counts = counts;
    this.clock = clock;
  }

  /**
   * Goes as far as it can now.
   *
   * @return whether nothing is left to do
   */
  boolean step(BridgeheadSources sources, Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    String uid = bridgehead.getMetadata().getUid();
    if (namespaceTerminates(key)) {
      return true; // it takes pods and claims with it, and lets nobody make anything
    }
    int standing = standing(bridgehead);
    if (!Volumes.decided(volumes.now(key, standing), uid)
        && !drained(sources, bridgehead, standing)) {
      return false;
    }
    if (!objects.removeSet(bridgehead) || podsLeft(bridgehead)) {
      return false;
    }
    List<String> kept = volumes.settle(key, uid, standing);
    if (!objects.removeRest(bridgehead)) {
      return false;
    }
    tell(bridgehead, kept);
    return true;
  }

  private boolean drained(BridgeheadSources sources, Bridgehead bridgehead, int standing) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    if (objects.setGoes(bridgehead)) {
      // It may go without its pods, to be made anew with larger claims: then nobody would stop
      // them.
      return false;
    }
    Optional<Running> running = keepDelivering(sources, bridgehead, standing);
    List<SeenPod> pods = relays.ask(key, sources.pods(key), running.map(Running::token));
    running.ifPresent(r -> relays.nudge(pods, r));
    // Only now: a StatefulSet that was mended just before may have made more.
    List<PersistentVolumeClaim> claims = volumes.now(key, standing);
    Holdings holdings = new Holdings(key, Volumes.byScaleDown(bridgehead), standing, pods, running);
    Deletion deletion = bridgehead.getSpec().deletionOrDefault();
    Drain.Step step =
        Drain.next(
            deletion.policyOrDefault(),
            Surplus.forced(bridgehead),
            Duration.between(
                Instant.parse(bridgehead.getMetadata().getDeletionTimestamp()), clock.instant()),
            deletion.timeoutOrDefault(),
            holdings.of(claims));
    return switch (step) {
      case Drain.Wait(String message) -> {
        events.normal(
            Subjects.connectorOf(bridgehead),
            "Draining",
            bridgehead.getMetadata().getUid(),
            bridgehead.getSpec().name() + " takes no new mail, and goes when its queue is empty");
        report(bridgehead, pods, message + until(bridgehead, deletion));
        yield false;
      }
      case Drain.Release(List<Drain.Fate> fates) -> {
        volumes.mark(bridgehead.getMetadata().getUid(), fates, claims);
        yield true;
      }
    };
  }

  private static String until(Bridgehead bridgehead, Deletion deletion) {
    String force = "; the annotation " + Labels.FORCE + ": \"true\" ends the wait";
    Instant begin = Instant.parse(bridgehead.getMetadata().getDeletionTimestamp());
    return switch (deletion.policyOrDefault()) {
      case DRAIN ->
          "; until "
              + begin.plus(deletion.timeoutOrDefault())
              + " (deletion.timeout), when volumes with mail are kept"
              + force;
      case RETAIN -> force;
    };
  }

  /** A scale-down that was under way when the deletion came leaves the pods that it drained. */
  private int standing(Bridgehead bridgehead) {
    return ScaleDown.of(
            bridgehead.getSpec().replicasOrDefault(), objects.keepsNow(bridgehead), List.of())
        .standing();
  }

  private Optional<Running> keepDelivering(
      BridgeheadSources sources, Bridgehead bridgehead, int standing) {
    try {
      objects.autoscaler(sources, bridgehead);
      objects.network(sources, bridgehead);
      Resolution references = objects.references(bridgehead);
      Optional<Running> running =
          objects.configuration(sources, bridgehead, references, OptionalInt.of(0));
      if (running.isPresent()) {
        objects.set(sources, bridgehead, standing);
      }
      return running;
    } catch (NameConflictException e) {
      return Optional.empty(); // then there are no pods of ours that could deliver anything
    }
  }

  private void report(Bridgehead bridgehead, List<SeenPod> pods, String message) {
    BridgeheadStatus before = bridgehead.getStatus();
    Counts shown =
        counts.pass(
            bridgehead.getMetadata().getUid(),
            Counts.in(before),
            BridgeheadReport.counts(pods),
            clock.instant());
    String text = message + shown.waiting();
    Conditions conditions =
        new Conditions(bridgehead.getMetadata().getGeneration())
            .no(Conditions.READY, Reason.BEING_DELETED, "it is being deleted")
            .yes(Conditions.DRAINING, Reason.BEING_DELETED, text)
            .yes(Conditions.RECONCILING, Reason.BEING_DELETED, text);
    BridgeheadStatus after =
        new BridgeheadStatus(
            bridgehead.getMetadata().getGeneration(),
            conditions.after(before == null ? null : before.conditions(), clock.instant()),
            pods.size(),
            0,
            before == null ? null : before.selector(),
            before == null ? null : before.endpoint(),
            shown.queued(),
            shown.oldest(),
            shown.deferral(),
            before == null ? null : before.retainedVolumes());
    if (!after.equals(before)) {
      client
          .resource(Subjects.statusOnly(bridgehead, after))
          .subresource("status")
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.SERVER_SIDE_APPLY)
                  .withFieldManager(BridgeheadReconciler.STATUS_MANAGER)
                  .withForce(true)
                  .build());
    }
  }

  private boolean namespaceTerminates(BridgeheadKey key) {
    try {
      Namespace namespace = client.namespaces().withName(key.namespace()).get();
      return namespace == null
          || namespace.isMarkedForDeletion()
          || "Terminating".equals(namespace.getStatus().getPhase());
    } catch (KubernetesClientException e) {
      // An operator of a few namespaces only may not be allowed to look at them.
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return false;
      }
      throw e;
    }
  }

  /** A pod whose node is lost stays on its way out for ever; it holds nothing up but its claim. */
  private boolean podsLeft(Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    if (objects.setIsAStrangers(bridgehead)) {
      return false; // so are its pods: somebody took our labels off it
    }
    Instant lost = clock.instant().minus(LOST_POD);
    return client
        .pods()
        .inNamespace(key.namespace())
        .withLabels(key.selector())
        .withLabel(Labels.CONNECTOR_UID, key.connectorUid())
        .list()
        .getItems()
        .stream()
        .map(pod -> pod.getMetadata().getDeletionTimestamp())
        .anyMatch(due -> due == null || Instant.parse(due).isAfter(lost));
  }

  private void tell(Bridgehead bridgehead, List<String> kept) {
    Events.Subject subject = Subjects.connectorOf(bridgehead);
    String name = bridgehead.getSpec().name();
    String uid = bridgehead.getMetadata().getUid();
    if (kept.isEmpty()) {
      events.normal(subject, "Drained", uid, name + " is gone and left no mail behind");
    } else {
      events.warning(
          subject,
          "VolumesRetained",
          uid,
          name
              + " is gone; these claims keep mail (messages on them): "
              + String.join(", ", kept)
              + ". A connector and bridgehead of the same names take them up again");
    }
  }
}
