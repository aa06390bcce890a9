package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.operator.bridgehead.RelayObjects.Running;
import dev.bridgehead.operator.kube.Applier.Change;
import dev.bridgehead.operator.kube.CacheLag;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.kube.MetadataCounts;
import dev.bridgehead.operator.kube.NameConflictException;
import dev.bridgehead.operator.kube.Refusals;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.BridgeheadReport;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.operator.model.Counts;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.References.Resolution;
import dev.bridgehead.operator.model.References.Unresolved;
import dev.bridgehead.operator.model.RelayEnvironment;
import dev.bridgehead.operator.model.Rollout;
import dev.bridgehead.operator.model.ScaleDown;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One Bridgehead: its objects applied, its relays asked, its status written.
 *
 * <p>What it makes is watched, and each object that it names by its name. The relays' state is
 * asked for on a timer, every few seconds while something is awaited and every {@link #SETTLED}
 * otherwise; with it whatever a watch may have missed is seen.
 */
@ControllerConfiguration(
    name = "bridgehead",
    finalizerName = "bridgehead.dev/drain",
    generationAwareEventProcessing = false, // MetadataCounts instead
    informer = @Informer(onUpdateFilter = MetadataCounts.class),
    fieldManager = BridgeheadReconciler.STATUS_MANAGER)
public final class BridgeheadReconciler implements Reconciler<Bridgehead>, Cleaner<Bridgehead> {
  /** Owns status and finalizer. */
  static final String STATUS_MANAGER = "bridgehead-status";

  /** Whatever no watch told is noticed within that time. */
  static final Duration SETTLED = Duration.ofSeconds(15);

  private static final Duration AWAITING_REFERENCES = Duration.ofSeconds(3);
  private static final Duration AWAITING_PODS = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final RelayObjects objects;
  private final RelayPods relays;
  private final Volumes volumes;
  private final Growth growth;
  private final Surplus surplus;
  private final Release release;
  private final Events events;
  private final Clock clock;
  private final LongestDrain drains;
  private final Counts.Gate counts = new Counts.Gate();

  @SuppressWarnings("NullAway.Init") // set by prepareEventSources, before the first reconcile
  private BridgeheadSources sources;

  /**
   * @param environment what all relays have in common
   */
  public BridgeheadReconciler(
      KubernetesClient client,
      RelayEnvironment environment,
      String clusterDomain,
      RelayApi api,
      Events events,
      MeterRegistry metrics,
      Clock clock) {
    this.client = client;
    this.objects =
        new RelayObjects(client, environment, clusterDomain, new ClusterIssuer(client, clock));
    this.relays = new RelayPods(client, api, clock);
    this.volumes = new Volumes(client);
    this.growth = new Growth(Growth.by(client), clock);
    this.surplus = new Surplus(volumes, events);
    this.release = new Release(client, objects, relays, volumes, events, counts, clock);
    this.events = events;
    this.clock = clock;
    this.drains = new LongestDrain(metrics, clock);
  }

  @Override
  public List<EventSource<?, Bridgehead>> prepareEventSources(
      EventSourceContext<Bridgehead> context) {
    sources = new BridgeheadSources(context);
    return sources.all();
  }

  @Override
  public UpdateControl<Bridgehead> reconcile(Bridgehead bridgehead, Context<Bridgehead> context) {
    if (Labels.isTrue(bridgehead, Labels.PAUSED)) {
      return UpdateControl.noUpdate(); // the connector's reconciler says so
    }
    Optional<String> unreadable = Labels.annotation(bridgehead, Labels.UNREADABLE);
    if (unreadable.isPresent()) {
      return unreadable(bridgehead, unreadable.get());
    }
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    BridgeheadReport report;
    try {
      boolean orphans = sources.orphans(key); // also those that are taken over meanwhile
      Kept kept = keep(bridgehead);
      if (growth.takesOver(key, orphans || sources.orphans(key))) {
        return UpdateControl.<Bridgehead>noUpdate().rescheduleAfter(AWAITING_PODS);
      }
      report = kept.report;
      tellRunning(bridgehead, kept);
    } catch (NameConflictException e) {
      report = conflict(bridgehead, e);
    } catch (KubernetesClientException e) {
      if (Refusals.namespaceEnds(e)) {
        return UpdateControl.noUpdate(); // its own deletion follows in a moment
      }
      throw e;
    }
    tell(bridgehead, report);
    return write(bridgehead, report);
  }

  /** What is there runs on, untouched: of what it should be only a part is known. */
  private UpdateControl<Bridgehead> unreadable(Bridgehead bridgehead, String why) {
    BridgeheadStatus after = BridgeheadReport.unreadable(bridgehead, why, clock.instant());
    return after.equals(bridgehead.getStatus())
        ? UpdateControl.noUpdate()
        : UpdateControl.patchStatus(Subjects.statusOnly(bridgehead, after));
  }

  /**
   * What was found after all was made as it should be.
   *
   * @param mark of the configuration that its relays should run
   */
  private record Kept(BridgeheadReport report, Optional<String> mark) {}

  private Kept keep(Bridgehead bridgehead) throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    // Services first: their addresses are part of the configuration.
    objects.network(sources, bridgehead);
    sources.follow(bridgehead);
    Resolution references = objects.references(bridgehead);
    // Before a pod may take mail again: marks of a drain that was taken back must not count.
    List<PersistentVolumeClaim> claims = sources.claims(key);
    volumes.takeUp(key, bridgehead.getSpec().replicasOrDefault(), claims);
    Optional<String> small = growth.keep(bridgehead, claims, events);
    List<Pod> there = sources.pods(key);
    ScaleDown scale =
        ScaleDown.of(
            bridgehead.getSpec().replicasOrDefault(), objects.keeps(sources, bridgehead), there);
    Optional<Running> running =
        objects.configuration(sources, bridgehead, references, scale.drainFrom());
    List<SeenPod> pods = relays.ask(key, there, running.map(Running::token));
    // Without a configuration pods would only wait for their Secret, ever longer.
    if (running.isPresent()) {
      keepSet(bridgehead, scale, pods, running);
    }
    objects.autoscaler(sources, bridgehead);
    objects.disruptionBudget(sources, bridgehead, scale.standing() - scale.wanted());
    running.ifPresent(r -> relays.nudge(pods, r));
    roll(bridgehead, pods);
    BridgeheadReport report =
        new BridgeheadReport(
            bridgehead,
            Optional.empty(),
            references,
            running.map(r -> r.config().hash()),
            sources.set(key),
            pods,
            Volumes.beyond(bridgehead, sources.set(key), sources.claims(key)),
            small);
    return new Kept(report, running.map(Running::mark));
  }

  private void keepSet(
      Bridgehead bridgehead, ScaleDown scale, List<SeenPod> pods, Optional<Running> running)
      throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    Optional<StatefulSet> set = sources.set(key);
    if (set.filter(HasMetadata::isMarkedForDeletion).isPresent()) {
      return; // whatever is written to it goes with it
    }
    if (set.filter(s -> Growth.due(bridgehead, s, scale, sources.pods(key))).isPresent()) {
      Growth.replace(client, bridgehead, set.get(), events);
      return; // it is made again when it is gone
    }
    int standing =
        surplus.keep(
            bridgehead,
            scale,
            new Holdings(key, Volumes.byScaleDown(bridgehead), scale.standing(), pods, running));
    Change change = objects.set(sources, bridgehead, standing);
    surplus.clear(
        bridgehead, standing, sources.claims(key), pods.stream().map(SeenPod::pod).toList());
    if (change == Change.CREATED) {
      events.normal(
          Subjects.connectorOf(bridgehead),
          "StatefulSetCreated",
          clock.instant().toString(),
          "StatefulSet " + bridgehead.getMetadata().getName() + " made");
    }
  }

  private void roll(Bridgehead bridgehead, List<SeenPod> seen) {
    int wanted = bridgehead.getSpec().replicasOrDefault();
    List<Pod> pods =
        seen.stream().map(SeenPod::pod).filter(pod -> Rollout.ordinal(pod) < wanted).toList();
    sources
        .set(BridgeheadKey.of(bridgehead))
        .filter(set -> !set.isMarkedForDeletion())
        .flatMap(set -> relays.roll(set, wanted, pods))
        .ifPresent(turn -> tellTurn(bridgehead, turn));
  }

  private void tellTurn(Bridgehead bridgehead, RelayPods.Turn turn) {
    String pod = turn.pod().getMetadata().getName();
    String uid = turn.pod().getMetadata().getUid();
    if (turn.refused().isPresent()) {
      events.warning(
          Subjects.connectorOf(bridgehead),
          "EvictionRefused",
          uid,
          "Pod %s is to be replaced, since its template changed, and may not go yet: %s"
              .formatted(pod, turn.refused().get()));
    } else {
      events.normal(
          Subjects.connectorOf(bridgehead),
          "PodReplaced",
          uid,
          "Pod " + pod + " is replaced: its template changed");
    }
  }

  private BridgeheadReport conflict(Bridgehead bridgehead, NameConflictException conflict) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    List<SeenPod> pods =
        sources.pods(key).stream().map(pod -> new SeenPod(pod, Optional.empty())).toList();
    return new BridgeheadReport(
        bridgehead,
        Optional.of(String.valueOf(conflict.getMessage())),
        null,
        Optional.empty(),
        sources.set(key),
        pods,
        Volumes.beyond(bridgehead, sources.set(key), sources.claims(key)),
        Optional.empty());
  }

  private void tell(Bridgehead bridgehead, BridgeheadReport report) {
    Events.Subject subject = Subjects.connectorOf(bridgehead);
    String occasion = Subjects.occasion(bridgehead);
    report
        .conflict()
        .ifPresent(message -> events.warning(subject, "NameConflict", occasion, message));
    if (report.references() instanceof Unresolved(List<String> problems)) {
      events.warning(subject, "RefNotFound", occasion, String.join("; ", problems));
    }
  }

  private void tellRunning(Bridgehead bridgehead, Kept kept) {
    BridgeheadReport report = kept.report;
    boolean wasBusy =
        bridgehead.getStatus() == null
            || Conditions.isTrue(bridgehead.getStatus().conditions(), Conditions.RECONCILING);
    if (wasBusy && report.settled() && report.ready() > 0) {
      events.normal(
          Subjects.connectorOf(bridgehead),
          "Running",
          Subjects.occasion(bridgehead) + kept.mark,
          bridgehead.getSpec().name()
              + (report.ready() == 1 ? ": 1 pod runs" : ": " + report.ready() + " pods run")
              + " generation "
              + bridgehead.getSpec().connector().generation());
    }
  }

  private UpdateControl<Bridgehead> write(Bridgehead bridgehead, BridgeheadReport report) {
    BridgeheadStatus before = bridgehead.getStatus();
    Counts shown =
        counts.pass(
            bridgehead.getMetadata().getUid(), Counts.in(before), report.counts(), clock.instant());
    BridgeheadStatus after = report.status(shown, clock.instant());
    drains.saw(bridgehead.getMetadata().getUid(), after);
    UpdateControl<Bridgehead> control =
        after.equals(before)
            ? UpdateControl.noUpdate()
            : UpdateControl.patchStatus(Subjects.statusOnly(bridgehead, after));
    return control.rescheduleAfter(nextLook(report));
  }

  /** Says what the API server refuses; JOSDK tries again, later each time. */
  @Override
  public ErrorStatusUpdateControl<Bridgehead> updateErrorStatus(
      Bridgehead bridgehead, Context<Bridgehead> context, Exception failure) {
    Optional<String> refusal = Refusals.lasting(failure);
    if (refusal.isEmpty()) {
      return ErrorStatusUpdateControl.defaultErrorProcessing();
    }
    events.warning(
        Subjects.connectorOf(bridgehead),
        "ApiServerRefuses",
        String.valueOf(bridgehead.getMetadata().getGeneration()),
        refusal.get());
    return ErrorStatusUpdateControl.patchStatus(
        Subjects.statusOnly(
            bridgehead, BridgeheadReport.hindered(bridgehead, refusal.get(), clock.instant())));
  }

  private static Duration nextLook(BridgeheadReport report) {
    if (report.references() instanceof Unresolved) {
      return AWAITING_REFERENCES;
    }
    // Until a pod runs there is nothing to ask it; that it does is seen by a watch.
    boolean awaiting =
        report.pods().stream()
            .filter(seen -> RelayPods.answers(seen.pod()))
            .anyMatch(seen -> !report.settled() || seen.state().isEmpty());
    return awaiting ? AWAITING_PODS : SETTLED;
  }

  @Override
  public DeleteControl cleanup(Bridgehead bridgehead, Context<Bridgehead> context) {
    if (!release.step(sources, bridgehead)) {
      drains.drains(
          bridgehead.getMetadata().getUid(), bridgehead.getMetadata().getDeletionTimestamp());
      return DeleteControl.noFinalizerRemoval().rescheduleAfter(AWAITING_PODS);
    }
    if (CacheLag.behind(client, bridgehead)) {
      return DeleteControl.noFinalizerRemoval().rescheduleAfter(CacheLag.SOON);
    }
    counts.forget(bridgehead.getMetadata().getUid());
    sources.forget(bridgehead);
    drains.forget(bridgehead.getMetadata().getUid());
    objects.forget(bridgehead);
    relays.forget(BridgeheadKey.of(bridgehead));
    growth.forget(BridgeheadKey.of(bridgehead));
    return DeleteControl.defaultDelete();
  }
}
