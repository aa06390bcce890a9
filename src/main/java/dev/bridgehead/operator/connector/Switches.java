package dev.bridgehead.operator.connector;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.kube.FieldManagers;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The annotations by which people pause and force, handed on from a connector to its Bridgeheads
 * under a field manager of their own: what somebody wrote on a Bridgehead itself stays theirs.
 */
final class Switches {
  private static final List<String> KEYS = List.of(Labels.FORCE, Labels.PAUSED);

  private final KubernetesClient client;

  Switches(KubernetesClient client) {
    this.client = client;
  }

  void handOn(SmtpConnector connector, List<Bridgehead> bridgeheads) {
    Map<String, String> wanted = of(connector);
    for (Bridgehead bridgehead : bridgeheads) {
      if (!wanted.equals(handedOn(bridgehead)) && !wanted.equals(of(bridgehead))) {
        apply(bridgehead, wanted);
      }
    }
  }

  private static Map<String, String> of(HasMetadata object) {
    Map<String, String> switches = new TreeMap<>();
    for (String key : KEYS) {
      Labels.annotation(object, key).ifPresent(value -> switches.put(key, value));
    }
    return switches;
  }

  /** Those that came from the connector; somebody else's are none of its business. */
  private static Map<String, String> handedOn(Bridgehead bridgehead) {
    Map<String, String> switches = of(bridgehead);
    Optional<Object> fields =
        bridgehead.getMetadata().getManagedFields().stream()
            .filter(entry -> FieldManagers.SWITCHES.equals(entry.getManager()))
            .filter(entry -> entry.getFieldsV1() != null)
            .findFirst()
            .map(entry -> entry.getFieldsV1().getAdditionalProperties().get("f:metadata"));
    Object annotations =
        fields.isPresent() && fields.get() instanceof Map<?, ?> metadata
            ? metadata.get("f:annotations")
            : null;
    switches
        .keySet()
        .removeIf(
            key -> !(annotations instanceof Map<?, ?> owned && owned.containsKey("f:" + key)));
    return switches;
  }

  private void apply(Bridgehead bridgehead, Map<String, String> wanted) {
    Bridgehead bare = new Bridgehead();
    bare.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(bridgehead.getMetadata().getNamespace())
            .withName(bridgehead.getMetadata().getName())
            .withUid(bridgehead.getMetadata().getUid())
            .withAnnotations(wanted)
            .build());
    client.resource(bare).fieldManager(FieldManagers.SWITCHES).forceConflicts().serverSideApply();
  }
}
