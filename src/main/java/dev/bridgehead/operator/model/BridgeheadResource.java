package dev.bridgehead.operator.model;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.ConnectorRef;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorSpec;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Map;

/** The Bridgehead that a connector's entry becomes. */
public final class BridgeheadResource {
  private BridgeheadResource() {}

  /** The Bridgeheads of an accepted connector, in its order. */
  public static List<Bridgehead> allOf(SmtpConnector connector) {
    return connector.getSpec().bridgeheads().stream().map(entry -> of(connector, entry)).toList();
  }

  /** Whether any of them takes TLS from the first octet. */
  public static boolean takeImplicitTls(List<Bridgehead> bridgeheads) {
    return bridgeheads.stream()
        .anyMatch(each -> each.getSpec().virtualServerOrDefault().implicitTlsPort() != null);
  }

  static Bridgehead of(SmtpConnector connector, BridgeheadEntry entry) {
    BridgeheadKey key = key(connector, entry.name());
    Bridgehead bridgehead = new Bridgehead();
    bridgehead.setMetadata(key.metadata(key.name()));
    bridgehead
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion(connector.getApiVersion())
                    .withKind(connector.getKind())
                    .withName(key.connector())
                    .withUid(key.connectorUid())
                    .withController(true)
                    .withBlockOwnerDeletion(true)
                    .build()));
    bridgehead.setSpec(spec(connector, entry));
    return bridgehead;
  }

  public static BridgeheadKey key(SmtpConnector connector, String entry) {
    return new BridgeheadKey(
        connector.getMetadata().getNamespace(),
        connector.getMetadata().getName(),
        connector.getMetadata().getUid(),
        entry);
  }

  private static BridgeheadSpec spec(SmtpConnector connector, BridgeheadEntry entry) {
    SmtpConnectorSpec spec = connector.getSpec();
    return new BridgeheadSpec(
        new ConnectorRef(
            connector.getMetadata().getName(),
            connector.getMetadata().getUid(),
            connector.getMetadata().getGeneration()),
        entry.name(),
        entry.hostname(),
        entry.replicas(),
        entry.autoscaling(),
        entry.virtualServer(),
        spec.routing(),
        spec.addressSpaces(),
        spec.outbound(),
        spec.access(),
        spec.postmaster(),
        spec.delivery(),
        spec.storage(),
        spec.deletion(),
        spec.pod(),
        spec.service());
  }

  /**
   * Whether applying {@code desired} would take away a number of replicas that this field manager
   * set before: with server-side apply a field that its only owner no longer sends is removed, and
   * the pods would drop to the default of one although the connector only stopped to say how many.
   */
  public static boolean givesUpReplicas(
      Bridgehead desired, Bridgehead existing, String fieldManager) {
    return desired.getSpec().replicas() == null
        && existing.getSpec().replicas() != null
        && existing.getMetadata().getManagedFields().stream()
            .anyMatch(entry -> ownsReplicas(entry, fieldManager));
  }

  private static boolean ownsReplicas(ManagedFieldsEntry entry, String fieldManager) {
    return fieldManager.equals(entry.getManager())
        && "Apply".equals(entry.getOperation())
        && entry.getFieldsV1() != null
        && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
        && spec.containsKey("f:replicas");
  }
}
