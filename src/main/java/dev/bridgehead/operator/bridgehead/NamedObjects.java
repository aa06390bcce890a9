package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.RefKind;
import dev.bridgehead.operator.model.References;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Secrets and ConfigMaps of a namespace, each read by its name: the operator may not list them. */
record NamedObjects(KubernetesClient client, String namespace) implements References.Lookup {
  @Override
  public Optional<Map<String, String>> find(RefKind kind, String name) {
    return switch (kind) {
      case SECRET -> secret(name).map(secret -> orNone(secret.getData()));
      case CONFIG_MAP -> {
        ConfigMap map = client.configMaps().inNamespace(namespace).withName(name).get();
        yield Optional.ofNullable(map)
            .map(m -> References.base64(orNone(m.getData()), orNone(m.getBinaryData())));
      }
    };
  }

  Optional<Secret> secret(String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  private static Map<String, String> orNone(Map<String, String> data) {
    return Objects.requireNonNullElse(data, Map.of());
  }
}
