package dev.bridgehead.operator.model;

import dev.bridgehead.api.Bridgehead;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Which bridgehead an object belongs to, and the names and labels that follow from it.
 *
 * @param namespace the connector's
 * @param connector name of the connector
 * @param connectorUid uid of the connector
 * @param bridgehead name of the entry in the connector's list
 */
public record BridgeheadKey(
    String namespace, String connector, String connectorUid, String bridgehead) {
  public static BridgeheadKey of(Bridgehead resource) {
    return new BridgeheadKey(
        resource.getMetadata().getNamespace(),
        resource.getSpec().connector().name(),
        resource.getSpec().connector().uid(),
        resource.getSpec().name());
  }

  /** Name of the Bridgehead resource that an object was made for, from the object's labels. */
  public static Optional<String> resourceName(HasMetadata object) {
    return Labels.label(object, Labels.INSTANCE)
        .flatMap(
            connector ->
                Labels.label(object, Labels.BRIDGEHEAD)
                    .map(bridgehead -> name(connector, bridgehead)));
  }

  /** Name of the Bridgehead resource, its StatefulSet, client Service and ServiceAccount. */
  public String name() {
    return name(connector, bridgehead);
  }

  static String name(String connector, String bridgehead) {
    return connector + "-" + bridgehead;
  }

  public String podsServiceName() {
    return name() + "-pods";
  }

  public String effectiveSecretName() {
    return name() + "-effective";
  }

  public String podName(int ordinal) {
    return name() + "-" + ordinal;
  }

  public String claimName(int ordinal) {
    return RelayStatefulSet.SPOOL + "-" + podName(ordinal);
  }

  /** The ordinal of a claim with that name, where it is one of this bridgehead's. */
  public OptionalInt claimOrdinal(String claim) {
    String prefix = RelayStatefulSet.SPOOL + "-" + name() + "-";
    if (!claim.startsWith(prefix)) {
      return OptionalInt.empty();
    }
    String ordinal = claim.substring(prefix.length());
    return ordinal.matches("0|[1-9][0-9]{0,5}")
        ? OptionalInt.of(Integer.parseInt(ordinal))
        : OptionalInt.empty();
  }

  /** The pods of this bridgehead. */
  public Map<String, String> selector() {
    Map<String, String> labels = new TreeMap<>(Labels.connectorSelector(connector));
    labels.put(Labels.BRIDGEHEAD, bridgehead);
    return labels;
  }

  /** What every object of this bridgehead carries. */
  public Map<String, String> labels() {
    Map<String, String> labels = selector();
    labels.put(Labels.MANAGED_BY, Labels.OPERATOR);
    labels.put(Labels.CONNECTOR_UID, connectorUid);
    return labels;
  }

  ObjectMeta metadata(String name) {
    return new ObjectMetaBuilder()
        .withNamespace(namespace)
        .withName(name)
        .withLabels(labels())
        .build();
  }
}
