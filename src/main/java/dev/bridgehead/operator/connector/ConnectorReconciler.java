package dev.bridgehead.operator.connector;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorStatus;
import dev.bridgehead.operator.kube.Applier;
import dev.bridgehead.operator.kube.Applier.Applied;
import dev.bridgehead.operator.kube.Applier.Change;
import dev.bridgehead.operator.kube.CacheLag;
import dev.bridgehead.operator.kube.Events;
import dev.bridgehead.operator.kube.FieldManagers;
import dev.bridgehead.operator.kube.MetadataCounts;
import dev.bridgehead.operator.kube.NameConflictException;
import dev.bridgehead.operator.kube.Refusals;
import dev.bridgehead.operator.kube.UidDelete;
import dev.bridgehead.operator.model.BridgeheadResource;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.operator.model.ConnectorReport;
import dev.bridgehead.operator.model.ConnectorReport.Accepted;
import dev.bridgehead.operator.model.ConnectorReport.Judgement;
import dev.bridgehead.operator.model.ConnectorReport.Refused;
import dev.bridgehead.operator.model.Counts;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.Reason;
import dev.bridgehead.operator.model.RelayServices;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One SmtpConnector: judged, and where it is accepted turned into Bridgeheads. A refused one
 * changes nothing but its own status: what runs is the last good one.
 *
 * <p>Driven by watches of connectors, Bridgeheads and Services; a timer only looks whether what
 * others have put in the way is still there.
 */
@ControllerConfiguration(
    name = "connector",
    finalizerName = "bridgehead.dev/connector",
    generationAwareEventProcessing = false, // MetadataCounts instead
    informer = @Informer(onUpdateFilter = MetadataCounts.class),
    fieldManager = ConnectorReconciler.STATUS_MANAGER)
public final class ConnectorReconciler
    implements Reconciler<SmtpConnector>, Cleaner<SmtpConnector> {
  /** Owns status and finalizer. */
  static final String STATUS_MANAGER = "bridgehead-connector-status";

  /** Index of what a connector led to, by its uid. */
  static final String OF_CONNECTOR = "connector";

  /** What others do to their own objects is not watched: that it helps is seen by looking. */
  private static final Duration STRANGER_LOOK = Duration.ofSeconds(15);

  private static final Duration COUNTS_LATER = Duration.ofSeconds(60);
  private static final Duration DELETION_LOOK = Duration.ofSeconds(5);

  private final KubernetesClient client;
  private final String clusterDomain;
  private final ConnectorJudge judge;
  private final Events events;
  private final Clock clock;
  private final Applier applier;
  private final Bridgeheads entries;
  private final Switches switches;
  private final Counts.Gate counts = new Counts.Gate();
  private final ReadyConnectors ready;

  @SuppressWarnings("NullAway.Init") // set by prepareEventSources, before the first reconcile
  private InformerEventSource<Bridgehead, SmtpConnector> bridgeheads;

  @SuppressWarnings("NullAway.Init") // set by prepareEventSources, before the first reconcile
  private InformerEventSource<Service, SmtpConnector> services;

  @SuppressWarnings("NullAway.Init") // set by prepareEventSources, before the first reconcile
  private Neighbourhood neighbourhood;

  public ConnectorReconciler(
      KubernetesClient client,
      String clusterDomain,
      Events events,
      MeterRegistry metrics,
      Clock clock) {
    this.client = client;
    this.clusterDomain = clusterDomain;
    this.judge = new ConnectorJudge(clusterDomain);
    this.events = events;
    this.clock = clock;
    this.applier = new Applier(client, FieldManagers.CONNECTOR);
    this.entries = new Bridgeheads(client, applier, events);
    this.ready = new ReadyConnectors(metrics);
    this.switches = new Switches(client);
  }

  @Override
  public List<EventSource<?, SmtpConnector>> prepareEventSources(
      EventSourceContext<SmtpConnector> context) {
    bridgeheads = source(Bridgehead.class, context);
    services = source(Service.class, context);
    services.addIndexers(Map.of(Neighbourhood.BY_ADDRESS, Neighbourhood::addresses));
    neighbourhood =
        new Neighbourhood(client, clusterDomain, context.getPrimaryCache(), services, bridgeheads);
    return List.of(bridgeheads, services, neighbourhood.calls());
  }

  @Override
  public UpdateControl<SmtpConnector> reconcile(
      SmtpConnector connector, Context<SmtpConnector> context) {
    try {
      List<Bridgehead> existing = bridgeheadsOf(connector);
      switches.handOn(connector, existing);
      if (Labels.isTrue(connector, Labels.PAUSED)) {
        events.normal(
            Events.Subject.of(connector),
            "Paused",
            "generation " + connector.getMetadata().getGeneration(),
            "nothing is changed while the annotation " + Labels.PAUSED + " is \"true\"");
        return UpdateControl.noUpdate();
      }
      Judgement judgement = judge.judge(connector, servicesOf(connector));
      if (judgement instanceof Accepted accepted) {
        judgement = neighbourhood.judge(connector, accepted);
      }
      if (judgement instanceof Accepted accepted) {
        judgement = takeOver(connector, existing, accepted);
        neighbourhood.tellOthers(connector);
      }
      if (judgement instanceof Refused refused) {
        judgement = keepLastGood(connector, existing, refused);
      }
      return report(connector, existing, judgement);
    } catch (KubernetesClientException e) {
      if (Refusals.namespaceEnds(e)) {
        return UpdateControl.noUpdate(); // its own deletion follows in a moment
      }
      throw e;
    }
  }

  /** Writes everything that follows from an accepted spec; the Service first, it may conflict. */
  private Judgement takeOver(
      SmtpConnector connector, List<Bridgehead> existing, Accepted accepted) {
    try {
      applyShared(connector, BridgeheadResource.allOf(connector));
      entries.apply(connector, existing);
      entries.removeOthers(connector, existing);
      return accepted;
    } catch (NameConflictException e) {
      return new Refused(Reason.NAME_CONFLICT, message(e));
    } catch (KubernetesClientException e) {
      if (e.getCode() == 422) { // what this operator's rules let pass, and the schema doesn't
        return new Refused(Reason.INVALID, message(e));
      }
      throw e;
    }
  }

  private Judgement keepLastGood(
      SmtpConnector connector, List<Bridgehead> existing, Refused refused) {
    events.warning(
        Events.Subject.of(connector),
        refused.reason() == Reason.INVALID ? "Refused" : refused.reason().text(),
        "generation " + connector.getMetadata().getGeneration(),
        refused.message());
    if (existing.isEmpty() || refused.reason() == Reason.NAME_CONFLICT) {
      return refused;
    }
    try {
      applyShared(connector, existing);
      return refused;
    } catch (NameConflictException e) {
      return new Refused(refused.reason(), refused.message() + "; " + message(e));
    }
  }

  /**
   * @param bridgeheads which the Service is for; at least one
   */
  private void applyShared(SmtpConnector connector, List<Bridgehead> bridgeheads)
      throws NameConflictException {
    Service shared =
        shared(
            connector,
            bridgeheads.getFirst().getSpec().serviceOrDefault(),
            BridgeheadResource.takeImplicitTls(bridgeheads));
    Applied<Service> applied = applier.apply(shared, services.get(ResourceID.fromResource(shared)));
    if (applied.change() == Change.CREATED) {
      events.normal(
          Events.Subject.of(connector),
          "ServiceCreated",
          applied.object().getMetadata().getUid(),
          "Service " + connector.getMetadata().getName() + " made: clients send to its port 25");
    }
  }

  private UpdateControl<SmtpConnector> report(
      SmtpConnector connector, List<Bridgehead> existing, Judgement judgement) {
    List<Bridgehead> staying = existing.stream().filter(b -> !b.isMarkedForDeletion()).toList();
    List<Bridgehead> leaving = existing.stream().filter(Bridgehead::isMarkedForDeletion).toList();
    List<String> wanted =
        judgement instanceof Accepted
            ? connector.getSpec().bridgeheads().stream().map(entry -> entry.name()).toList()
            : staying.stream().map(b -> b.getSpec().name()).toList();
    ConnectorReport report = new ConnectorReport(connector, judgement, wanted, staying, leaving);
    SmtpConnectorStatus before = connector.getStatus();
    Counts current = report.counts();
    Counts shown = shown(connector, current);
    SmtpConnectorStatus after = report.status(shown, clock.instant());
    ready.saw(
        connector.getMetadata().getUid(), Conditions.isTrue(after.conditions(), Conditions.READY));
    UpdateControl<SmtpConnector> control =
        after.equals(before)
            ? UpdateControl.noUpdate()
            : UpdateControl.patchStatus(statusOnly(connector, after));
    if (judgement instanceof Refused refused && refused.reason() != Reason.INVALID) {
      return control.rescheduleAfter(STRANGER_LOOK);
    }
    return shown.equals(current) ? control : control.rescheduleAfter(COUNTS_LATER);
  }

  /** Says what the API server refuses; JOSDK tries again, later each time. */
  @Override
  public ErrorStatusUpdateControl<SmtpConnector> updateErrorStatus(
      SmtpConnector connector, Context<SmtpConnector> context, Exception failure) {
    Optional<String> refusal = Refusals.lasting(failure);
    if (refusal.isEmpty()) {
      return ErrorStatusUpdateControl.defaultErrorProcessing();
    }
    ready.saw(connector.getMetadata().getUid(), false);
    events.warning(
        Events.Subject.of(connector),
        "ApiServerRefuses",
        "generation " + connector.getMetadata().getGeneration(),
        refusal.get());
    return ErrorStatusUpdateControl.patchStatus(
        statusOnly(connector, ConnectorReport.hindered(connector, refusal.get(), clock.instant())));
  }

  /** Waits until every Bridgehead has drained and gone; what they share goes last. */
  @Override
  public DeleteControl cleanup(SmtpConnector connector, Context<SmtpConnector> context) {
    ready.forget(connector.getMetadata().getUid());
    List<Bridgehead> left =
        client
            .resources(Bridgehead.class)
            .inNamespace(connector.getMetadata().getNamespace())
            .withLabel(Labels.CONNECTOR_UID, connector.getMetadata().getUid())
            .list()
            .getItems();
    boolean accepted = judge.judge(connector, servicesOf(connector)) instanceof Accepted;
    for (Bridgehead bridgehead : left) {
      if (accepted && bridgehead.getSpec() != null) {
        entries.handDeletionOn(connector, bridgehead);
      }
      if (!bridgehead.isMarkedForDeletion()) {
        UidDelete.delete(client, bridgehead);
      }
    }
    switches.handOn(connector, left);
    if (!left.isEmpty()) {
      reportDeletion(connector, left);
    }
    if (!left.isEmpty() || !applier.delete(shared(connector, ClientService.DEFAULT, false))) {
      return DeleteControl.noFinalizerRemoval().rescheduleAfter(DELETION_LOOK);
    }
    if (CacheLag.behind(client, connector)) {
      return DeleteControl.noFinalizerRemoval().rescheduleAfter(CacheLag.SOON);
    }
    counts.forget(connector.getMetadata().getUid());
    applier.forget(connector.getMetadata().getUid());
    return DeleteControl.defaultDelete();
  }

  private void reportDeletion(SmtpConnector connector, List<Bridgehead> left) {
    List<Bridgehead> known = left.stream().filter(b -> b.getSpec() != null).toList();
    List<String> names = known.stream().map(b -> b.getSpec().name()).toList();
    ConnectorReport report =
        new ConnectorReport(connector, new Accepted(""), names, known, List.of());
    SmtpConnectorStatus before = connector.getStatus();
    SmtpConnectorStatus after =
        report.beingDeleted(shown(connector, report.counts()), clock.instant());
    if (!after.equals(before)) {
      client
          .resource(statusOnly(connector, after))
          .subresource("status")
          .patch(
              new PatchContext.Builder()
                  .withPatchType(PatchType.SERVER_SIDE_APPLY)
                  .withFieldManager(STATUS_MANAGER)
                  .withForce(true)
                  .build());
    }
  }

  private Counts shown(SmtpConnector connector, Counts current) {
    SmtpConnectorStatus before = connector.getStatus();
    return counts.pass(
        connector.getMetadata().getUid(), Counts.in(before), current, clock.instant());
  }

  private List<Bridgehead> bridgeheadsOf(SmtpConnector connector) {
    return bridgeheads.byIndex(OF_CONNECTOR, connector.getMetadata().getUid()).stream()
        .filter(b -> sameNamespace(b, connector) && b.getSpec() != null)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private List<Service> servicesOf(SmtpConnector connector) {
    return services.byIndex(OF_CONNECTOR, connector.getMetadata().getUid()).stream()
        .filter(service -> sameNamespace(service, connector))
        .toList();
  }

  private static boolean sameNamespace(HasMetadata one, HasMetadata other) {
    return one.getMetadata().getNamespace().equals(other.getMetadata().getNamespace());
  }

  private static Service shared(
      SmtpConnector connector, ClientService service, boolean implicitTls) {
    return RelayServices.shared(
        connector.getMetadata().getNamespace(),
        connector.getMetadata().getName(),
        connector.getMetadata().getUid(),
        service,
        implicitTls);
  }

  private static SmtpConnector statusOnly(SmtpConnector connector, SmtpConnectorStatus status) {
    SmtpConnector fresh = new SmtpConnector();
    fresh.getMetadata().setNamespace(connector.getMetadata().getNamespace());
    fresh.getMetadata().setName(connector.getMetadata().getName());
    fresh.setStatus(status);
    return fresh;
  }

  private static String message(Exception failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private static <T extends HasMetadata> InformerEventSource<T, SmtpConnector> source(
      Class<T> kind, EventSourceContext<SmtpConnector> context) {
    InformerEventSource<T, SmtpConnector> source =
        new InformerEventSource<>(
            InformerEventSourceConfiguration.from(kind, SmtpConnector.class)
                .withNamespacesInheritedFromController()
                .withLabelSelector(Labels.MANAGED_SELECTOR)
                .withSecondaryToPrimaryMapper(ConnectorReconciler::connectorOf)
                .build(),
            context);
    source.addIndexers(
        Map.of(OF_CONNECTOR, object -> Labels.connectorUid(object).stream().toList()));
    return source;
  }

  private static Set<ResourceID> connectorOf(HasMetadata object) {
    return Labels.label(object, Labels.INSTANCE)
        .map(connector -> Set.of(new ResourceID(connector, object.getMetadata().getNamespace())))
        .orElse(Set.of());
  }
}
