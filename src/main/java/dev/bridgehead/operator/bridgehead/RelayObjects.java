package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.operator.kube.Applier;
import dev.bridgehead.operator.kube.Applier.Change;
import dev.bridgehead.operator.kube.NameConflictException;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.DrainOrder;
import dev.bridgehead.operator.model.EffectiveConfig;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.References;
import dev.bridgehead.operator.model.References.Resolution;
import dev.bridgehead.operator.model.References.Resolved;
import dev.bridgehead.operator.model.References.Unresolved;
import dev.bridgehead.operator.model.RelayAutoscaler;
import dev.bridgehead.operator.model.RelayDisruptionBudget;
import dev.bridgehead.operator.model.RelayEnvironment;
import dev.bridgehead.operator.model.RelayNetworkPolicy;
import dev.bridgehead.operator.model.RelayServices;
import dev.bridgehead.operator.model.RelayStatefulSet;
import dev.bridgehead.operator.model.TokenIssuer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes the objects of a bridgehead be as its spec says, and takes them away again. */
final class RelayObjects {
  private static final String FIELD_MANAGER = "bridgehead";
  private static final int TOKEN_OCTETS = 32;
  private static final int NONCE_OCTETS = 8;

  private final KubernetesClient client;
  private final Applier applier;
  private final RelayEnvironment environment;
  private final String clusterDomain;
  private final ClusterIssuer issuer;
  private final SecureRandom random = new SecureRandom();

  /** Pods that each StatefulSet was last told to keep. */
  private final Map<BridgeheadKey, Integer> kept = new ConcurrentHashMap<>();

  RelayObjects(
      KubernetesClient client,
      RelayEnvironment environment,
      String clusterDomain,
      ClusterIssuer issuer) {
    this.client = client;
    this.issuer = issuer;
    this.applier = new Applier(client, FIELD_MANAGER);
    this.environment = environment;
    this.clusterDomain = clusterDomain;
  }

  /** What the relays are to run. */
  record Running(EffectiveConfig config, String token) {
    /** Names the configuration where others can read it. */
    String mark() {
      return config.mark(token);
    }
  }

  void network(BridgeheadSources sources, Bridgehead bridgehead) throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    BridgeheadSpec spec = bridgehead.getSpec();
    applier.apply(RelayServices.account(key), sources.account(key));
    for (Service service :
        List.of(
            RelayServices.pods(key, spec.virtualServerOrDefault(), spec.serviceOrDefault()),
            RelayServices.client(key, spec.virtualServerOrDefault(), spec.serviceOrDefault()))) {
      applier.apply(service, sources.service(key, service.getMetadata().getName()));
    }
    Optional<NetworkPolicy> policy =
        RelayNetworkPolicy.of(key, spec.virtualServerOrDefault(), environment);
    if (policy.isPresent()) {
      applier.apply(policy.get(), sources.policy(key));
    }
  }

  /**
   * @param draining pods that are not ready for as long as their mail takes
   */
  void disruptionBudget(BridgeheadSources sources, Bridgehead bridgehead, int draining)
      throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    applier.apply(RelayDisruptionBudget.of(key, draining), sources.disruptionBudget(key));
  }

  /** Makes or removes the autoscaler; a bridgehead that is being deleted has none. */
  void autoscaler(BridgeheadSources sources, Bridgehead bridgehead) throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    Optional<HorizontalPodAutoscaler> desired =
        bridgehead.isMarkedForDeletion()
            ? Optional.empty()
            : RelayAutoscaler.of(key, bridgehead.getSpec());
    Optional<HorizontalPodAutoscaler> existing = sources.autoscaler(key);
    if (desired.isPresent()) {
      applier.apply(desired.get(), existing);
    } else if (existing.isPresent()) {
      applier.delete(RelayAutoscaler.bare(key));
    }
  }

  /** Of a spec that can't be read whole nothing is taken over. */
  Resolution references(Bridgehead bridgehead) {
    Optional<String> unreadable = Labels.annotation(bridgehead, Labels.UNREADABLE);
    if (unreadable.isPresent()) {
      return new Unresolved(List.of(unreadable.get()));
    }
    NamedObjects objects = new NamedObjects(client, bridgehead.getMetadata().getNamespace());
    Resolution resolution = References.resolve(bridgehead.getSpec(), objects);
    if (bridgehead.getSpec().accessOrDefault().serviceAccountsOrNone().isEmpty()) {
      return resolution;
    }
    ClusterIssuer.Known known = issuer.current();
    TokenIssuer now = known.issuer();
    return References.with(resolution, now == null ? lastIssuer(bridgehead) : now, known.problem());
  }

  /** What this operator can't read any more, the one before it has left here. */
  private @Nullable TokenIssuer lastIssuer(Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    return new NamedObjects(client, key.namespace())
        .secret(key.effectiveSecretName())
        .flatMap(EffectiveConfig::of)
        .flatMap(EffectiveConfig::issuer)
        .orElse(null);
  }

  /**
   * Writes the effective Secret. Where a reference is missing the last good configuration stays; a
   * draining bridgehead takes no new mail then either.
   *
   * @param drainFrom the lowest ordinal whose pod drains
   * @return what the relays should run; empty where there never was a good configuration
   */
  Optional<Running> configuration(
      BridgeheadSources sources,
      Bridgehead bridgehead,
      Resolution references,
      OptionalInt drainFrom)
      throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    Optional<Secret> existing =
        new NamedObjects(client, key.namespace()).secret(key.effectiveSecretName());
    Optional<EffectiveConfig> last = existing.flatMap(EffectiveConfig::of);
    Optional<DrainOrder> drain =
        DrainOrder.next(
            drainFrom, last.flatMap(EffectiveConfig::drain), () -> random(NONCE_OCTETS));
    Optional<EffectiveConfig> config =
        references instanceof Resolved resolved
            ? Optional.of(config(sources, bridgehead, resolved, drain))
            : last.map(known -> known.draining(drain));
    if (config.isEmpty()) {
      return Optional.empty();
    }
    String token = existing.flatMap(EffectiveConfig::token).orElseGet(() -> random(TOKEN_OCTETS));
    applier.apply(config.get().secret(key, token), existing);
    return Optional.of(new Running(config.get(), token));
  }

  private EffectiveConfig config(
      BridgeheadSources sources,
      Bridgehead bridgehead,
      Resolved resolved,
      Optional<DrainOrder> drain) {
    EffectiveConfig config =
        EffectiveConfig.of(
            bridgehead,
            RelayServices.addresses(sources.servicesOfConnector(BridgeheadKey.of(bridgehead))),
            clusterDomain,
            resolved.materials(),
            drain);
    return resolved.issuer() == null ? config : config.trusting(resolved.issuer());
  }

  /**
   * Pods that the StatefulSet keeps. A cache may lag behind what was applied a moment ago, and a
   * pod that goes by mistake goes without having drained; so it is believed only where it says what
   * is wanted, and that is what we last applied.
   */
  int keeps(BridgeheadSources sources, Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    int wanted = bridgehead.getSpec().replicasOrDefault();
    Integer last = kept.get(key);
    Optional<Integer> cached = sources.set(key).map(set -> set.getSpec().getReplicas());
    boolean isNew = cached.isEmpty() && last == null && bridgehead.getStatus() == null;
    boolean agreed = Objects.equals(last, wanted) && cached.filter(n -> n == wanted).isPresent();
    return isNew || agreed ? wanted : keepsNow(bridgehead);
  }

  /**
   * The same as the API server has it. Where somebody deleted the StatefulSet it is made again with
   * all pods that it had: those too many have not drained.
   */
  int keepsNow(Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    StatefulSet set =
        client.apps().statefulSets().inNamespace(key.namespace()).withName(key.name()).get();
    if (set != null && Labels.connectorUid(set).filter(key.connectorUid()::equals).isPresent()) {
      return set.getSpec().getReplicas();
    }
    Integer last = kept.get(key);
    if (last != null) {
      return last; // the status may lag behind a scale-down that has just ended
    }
    BridgeheadStatus status = bridgehead.getStatus();
    return status == null || status.replicas() == null ? 0 : status.replicas();
  }

  /**
   * @param replicas pods that it keeps
   */
  Change set(BridgeheadSources sources, Bridgehead bridgehead, int replicas)
      throws NameConflictException {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    Optional<StatefulSet> existing = sources.set(key);
    StatefulSet desired =
        RelayStatefulSet.of(key, bridgehead.getSpec(), replicas, environment, existing);
    Change change = applier.apply(desired, existing).change();
    kept.put(key, replicas);
    return change;
  }

  /** Takes the StatefulSet away; its pods are told to stop. */
  boolean removeSet(Bridgehead bridgehead) {
    kept.remove(BridgeheadKey.of(bridgehead));
    return applier.delete(bareSet(bridgehead));
  }

  /** Whether the StatefulSet of that name, with whatever pods, is somebody else's now. */
  boolean setIsAStrangers(Bridgehead bridgehead) {
    return applier.stranger(bareSet(bridgehead));
  }

  /** Whether the StatefulSet is on its way out, as the API server has it now. */
  boolean setGoes(Bridgehead bridgehead) {
    StatefulSet set = client.resource(bareSet(bridgehead)).get();
    return set != null && set.isMarkedForDeletion();
  }

  private StatefulSet bareSet(Bridgehead bridgehead) {
    return RelayStatefulSet.of(
        BridgeheadKey.of(bridgehead), bridgehead.getSpec(), 0, environment, Optional.empty());
  }

  /**
   * Takes everything else away, once the pods are gone.
   *
   * @return whether all of it is gone
   */
  boolean removeRest(Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    BridgeheadSpec spec = bridgehead.getSpec();
    Secret effective =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(key.namespace())
            .withName(key.effectiveSecretName())
            .withLabels(key.labels())
            .endMetadata()
            .build();
    return applier.delete(
            RelayServices.client(key, spec.virtualServerOrDefault(), spec.serviceOrDefault()))
        & applier.delete(
            RelayServices.pods(key, spec.virtualServerOrDefault(), spec.serviceOrDefault()))
        & applier.delete(effective)
        & applier.delete(RelayNetworkPolicy.bare(key))
        & applier.delete(RelayDisruptionBudget.of(key, 0))
        & applier.delete(RelayAutoscaler.bare(key))
        & applier.delete(RelayServices.account(key));
  }

  /** The bridgehead is gone, however that came. */
  void forget(Bridgehead bridgehead) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    kept.remove(key);
    applier.forget(key.connectorUid(), bridgehead.getSpec().name());
  }

  private String random(int length) {
    byte[] octets = new byte[length];
    random.nextBytes(octets);
    return HexFormat.of().formatHex(octets);
  }
}
