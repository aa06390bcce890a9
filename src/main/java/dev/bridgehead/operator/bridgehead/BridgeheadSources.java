package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.References;
import dev.bridgehead.operator.model.Rollout;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Watches of everything that a bridgehead is made of, except Secrets: those are read by name, so
 * that the operator needs no right to list them. Objects lead back to their bridgehead by labels;
 * there are no ownerReferences.
 */
final class BridgeheadSources {
  /** Index of objects by their bridgehead: looking through all of them takes long with many. */
  private static final String OF_BRIDGEHEAD = "bridgehead";

  /** Index of Bridgeheads and Services by their connector's uid. */
  private static final String OF_CONNECTOR = "connector";

  private final InformerEventSource<StatefulSet, Bridgehead> sets;
  private final InformerEventSource<Pod, Bridgehead> pods;
  private final InformerEventSource<Service, Bridgehead> services;
  private final InformerEventSource<ServiceAccount, Bridgehead> accounts;
  private final InformerEventSource<PersistentVolumeClaim, Bridgehead> claims;
  private final InformerEventSource<NetworkPolicy, Bridgehead> policies;
  private final InformerEventSource<HorizontalPodAutoscaler, Bridgehead> autoscalers;
  private final InformerEventSource<PodDisruptionBudget, Bridgehead> budgets;
  private final ReferenceWatches references;

  BridgeheadSources(EventSourceContext<Bridgehead> context) {
    sets = source(StatefulSet.class, Labels.MANAGED_SELECTOR, BridgeheadSources::own, context);
    pods = pods(context);
    accounts =
        source(ServiceAccount.class, Labels.MANAGED_SELECTOR, BridgeheadSources::own, context);
    claims =
        source(PersistentVolumeClaim.class, Labels.RELAY_SELECTOR, BridgeheadSources::own, context);
    policies =
        source(NetworkPolicy.class, Labels.MANAGED_SELECTOR, BridgeheadSources::own, context);
    autoscalers =
        source(
            HorizontalPodAutoscaler.class,
            Labels.MANAGED_SELECTOR,
            BridgeheadSources::own,
            context);
    budgets =
        source(PodDisruptionBudget.class, Labels.MANAGED_SELECTOR, BridgeheadSources::own, context);
    for (InformerEventSource<?, Bridgehead> source : List.of(pods, claims)) {
      source.addIndexers(
          Map.of(
              OF_BRIDGEHEAD, object -> own(object).stream().map(BridgeheadSources::text).toList()));
    }
    references = new ReferenceWatches(context.getClient());
    // Every Service of a connector is an own address to each of its bridgeheads.
    services =
        source(
            Service.class,
            Labels.MANAGED_SELECTOR,
            service -> allOfConnector(service, context),
            context);
    services.addIndexers(Map.of(OF_CONNECTOR, BridgeheadSources::connectorUid));
    context.getPrimaryCache().addIndexer(OF_CONNECTOR, BridgeheadSources::connectorUid);
  }

  List<EventSource<?, Bridgehead>> all() {
    return List.of(
        sets, pods, services, accounts, claims, policies, autoscalers, budgets, references);
  }

  /** Looks at a bridgehead when what it names changes. */
  void follow(Bridgehead bridgehead) {
    references.follow(bridgehead, References.targets(bridgehead.getSpec()));
  }

  /** A bridgehead that is gone names nothing. */
  void forget(Bridgehead bridgehead) {
    references.forget(bridgehead);
  }

  Optional<StatefulSet> set(BridgeheadKey key) {
    return sets.get(new ResourceID(key.name(), key.namespace()));
  }

  Optional<ServiceAccount> account(BridgeheadKey key) {
    return accounts.get(new ResourceID(key.name(), key.namespace()));
  }

  Optional<NetworkPolicy> policy(BridgeheadKey key) {
    return policies.get(new ResourceID(key.name(), key.namespace()));
  }

  Optional<HorizontalPodAutoscaler> autoscaler(BridgeheadKey key) {
    return autoscalers.get(new ResourceID(key.name(), key.namespace()));
  }

  Optional<PodDisruptionBudget> disruptionBudget(BridgeheadKey key) {
    return budgets.get(new ResourceID(key.name(), key.namespace()));
  }

  Optional<Service> service(BridgeheadKey key, String name) {
    return services.get(new ResourceID(name, key.namespace()));
  }

  List<Service> servicesOfConnector(BridgeheadKey key) {
    return services.byIndex(OF_CONNECTOR, key.connectorUid()).stream()
        .filter(service -> service.getMetadata().getNamespace().equals(key.namespace()))
        .toList();
  }

  /** The pods of the bridgehead's own StatefulSet, in the order of their names. */
  List<Pod> pods(BridgeheadKey key) {
    Optional<StatefulSet> set = set(key);
    return pods.byIndex(OF_BRIDGEHEAD, text(new ResourceID(key.name(), key.namespace()))).stream()
        .filter(pod -> set.filter(s -> Rollout.controls(s, key, pod)).isPresent())
        .sorted(byName())
        .toList();
  }

  /** Whether there are pods that its StatefulSet has yet to take over. */
  boolean orphans(BridgeheadKey key) {
    Optional<StatefulSet> set = set(key);
    return pods.byIndex(OF_BRIDGEHEAD, text(new ResourceID(key.name(), key.namespace()))).stream()
        .anyMatch(pod -> Rollout.orphaned(set, key, pod));
  }

  /** The claims that its pods use or have used. */
  List<PersistentVolumeClaim> claims(BridgeheadKey key) {
    return claims.byIndex(OF_BRIDGEHEAD, text(new ResourceID(key.name(), key.namespace()))).stream()
        .filter(claim -> key.claimOrdinal(claim.getMetadata().getName()).isPresent())
        .sorted(byName())
        .toList();
  }

  private static <T extends HasMetadata> Comparator<T> byName() {
    return Comparator.comparing(object -> object.getMetadata().getName());
  }

  private static String text(ResourceID id) {
    return id.getNamespace().orElse("") + "/" + id.getName();
  }

  private static List<String> connectorUid(HasMetadata object) {
    return Labels.connectorUid(object).stream().toList();
  }

  private static Set<ResourceID> own(HasMetadata object) {
    return BridgeheadKey.resourceName(object)
        .map(name -> Set.of(new ResourceID(name, object.getMetadata().getNamespace())))
        .orElse(Set.of());
  }

  private static Set<ResourceID> allOfConnector(
      Service service, EventSourceContext<Bridgehead> context) {
    String namespace = service.getMetadata().getNamespace();
    return connectorUid(service).stream()
        .flatMap(uid -> context.getPrimaryCache().byIndex(OF_CONNECTOR, uid).stream())
        .filter(bridgehead -> bridgehead.getMetadata().getNamespace().equals(namespace))
        .map(ResourceID::fromResource)
        .collect(Collectors.toSet());
  }

  /** What a pod was asked to be is the greatest part of it, and stands in the StatefulSet. */
  private static InformerEventSource<Pod, Bridgehead> pods(EventSourceContext<Bridgehead> context) {
    return new InformerEventSource<>(
        watched(Pod.class, Labels.MANAGED_SELECTOR, BridgeheadSources::own)
            .withItemStore(new TransformingItemStore<>(BridgeheadSources::withoutSpec))
            .build(),
        context);
  }

  private static Pod withoutSpec(Pod pod) {
    pod.setSpec(null);
    return pod;
  }

  private static <T extends HasMetadata> InformerEventSource<T, Bridgehead> source(
      Class<T> kind,
      String selector,
      SecondaryToPrimaryMapper<T> mapper,
      EventSourceContext<Bridgehead> context) {
    return new InformerEventSource<>(watched(kind, selector, mapper).build(), context);
  }

  private static <T extends HasMetadata> InformerEventSourceConfiguration.Builder<T> watched(
      Class<T> kind, String selector, SecondaryToPrimaryMapper<T> mapper) {
    return InformerEventSourceConfiguration.from(kind, Bridgehead.class)
        .withNamespacesInheritedFromController()
        .withLabelSelector(selector)
        .withSecondaryToPrimaryMapper(mapper);
  }
}
