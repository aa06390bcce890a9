package dev.bridgehead.operator.model;

import dev.bridgehead.api.ApiGroup;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.manifest.Fingerprint;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * What a bridgehead's relays run: a manifest of the same form that {@code bridgehead run} reads.
 * The same input always gives the same octets, so that its hash says which configuration runs.
 *
 * @param yaml the connector with just this bridgehead, then the Secrets and ConfigMaps it names
 */
public record EffectiveConfig(String yaml) {
  /** Keys of the effective Secret. */
  public static final String CONNECTOR = "connector.yaml";

  public static final String HASH = "hash";
  public static final String TOKEN = "management-token";

  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

  /**
   * @param ownAddresses of the connector's Services, sorted
   * @param drain empty where no pod drains
   */
  public static EffectiveConfig of(
      Bridgehead bridgehead,
      List<String> ownAddresses,
      String clusterDomain,
      List<Material> materials,
      Optional<DrainOrder> drain) {
    BridgeheadSpec spec = bridgehead.getSpec();
    Map<String, String> annotations = new TreeMap<>();
    annotations.put(Labels.OWN_ADDRESSES, String.join(",", ownAddresses));
    annotations.put(Labels.CLUSTER_DOMAIN, clusterDomain);
    annotations.putAll(annotations(drain));
    String namespace = bridgehead.getMetadata().getNamespace();
    Map<String, Object> metadata = metadata(spec.connector().name(), namespace);
    Long generation = spec.connector().generation();
    if (generation != null) {
      metadata.put("generation", generation);
    }
    metadata.put("annotations", annotations);

    List<Object> documents = new ArrayList<>();
    documents.add(
        document(ApiGroup.API_VERSION, "SmtpConnector", metadata, "spec", connectorSpec(spec)));
    for (Material material : materials) {
      boolean secret = material.kind() == RefKind.SECRET;
      documents.add(
          document(
              "v1",
              secret ? "Secret" : "ConfigMap",
              metadata(material.name(), namespace),
              secret ? "data" : "binaryData",
              material.data()));
    }
    return dump(documents);
  }

  private static Map<String, String> annotations(Optional<DrainOrder> drain) {
    return drain
        .map(
            order ->
                Map.of(
                    Labels.DRAIN_FROM,
                    Integer.toString(order.from()),
                    Labels.DRAIN_NONCE,
                    order.nonce()))
        .orElse(Map.of());
  }

  /** What it says of draining; nothing where somebody spoiled it. */
  public Optional<DrainOrder> drain() {
    Map<?, ?> marks = annotations();
    return marks.get(Labels.DRAIN_FROM) instanceof String from
            && from.matches("[0-9]{1,6}")
            && marks.get(Labels.DRAIN_NONCE) instanceof String nonce
        ? Optional.of(new DrainOrder(Integer.parseInt(from), nonce))
        : Optional.empty();
  }

  /** The same configuration, but for the pods that drain. */
  public EffectiveConfig draining(Optional<DrainOrder> drain) {
    return annotated(
        marks -> {
          marks.remove(Labels.DRAIN_FROM);
          marks.remove(Labels.DRAIN_NONCE);
          marks.putAll(annotations(drain));
        });
  }

  /** The same configuration, with what ServiceAccount tokens are checked with. */
  public EffectiveConfig trusting(TokenIssuer issuer) {
    return annotated(
        marks -> {
          marks.put(Labels.TOKEN_ISSUER, issuer.issuer());
          marks.put(Labels.TOKEN_KEYS, issuer.keys());
        });
  }

  /** What ServiceAccount tokens are checked with. */
  public Optional<TokenIssuer> issuer() {
    Map<?, ?> marks = annotations();
    return marks.get(Labels.TOKEN_ISSUER) instanceof String issuer
            && marks.get(Labels.TOKEN_KEYS) instanceof String keys
        ? Optional.of(new TokenIssuer(issuer, keys))
        : Optional.empty();
  }

  private List<Object> documents() {
    List<Object> documents = new ArrayList<>();
    new Load(LoadSettings.builder().build()).loadAllFromString(yaml).forEach(documents::add);
    return documents;
  }

  /** The connector's; none where somebody spoiled it: it is written anew. */
  private Map<?, ?> annotations() {
    try {
      return documents().getFirst() instanceof Map<?, ?> connector
              && connector.get("metadata") instanceof Map<?, ?> metadata
              && metadata.get("annotations") instanceof Map<?, ?> annotations
          ? annotations
          : Map.of();
    } catch (YamlEngineException | NoSuchElementException e) {
      return Map.of();
    }
  }

  private EffectiveConfig annotated(Consumer<Map<Object, Object>> change) {
    List<Object> documents = documents();
    if (documents.getFirst() instanceof Map<?, ?> connector
        && connector.get("metadata") instanceof Map<?, ?> metadata
        && metadata.get("annotations") instanceof Map<?, ?> annotations) {
      Map<Object, Object> marked = new TreeMap<>(annotations);
      change.accept(marked);
      Map<Object, Object> newMetadata = new LinkedHashMap<>(metadata);
      newMetadata.put("annotations", marked);
      Map<Object, Object> newConnector = new LinkedHashMap<>(connector);
      newConnector.put("metadata", newMetadata);
      documents.set(0, newConnector);
    }
    return dump(documents);
  }

  /** Lower-case hex SHA-256 of the octets. Known to the operator and its relays only. */
  public String hash() {
    return Fingerprint.of(yaml);
  }

  /**
   * Stands for the {@link #hash} where others can read it: the configuration holds passwords, and
   * whoever saw the bare hash could try guesses against it.
   *
   * @param token the relay's management token, which nobody else knows
   */
  public String mark(String token) {
    return Fingerprint.of(token + "\n" + hash());
  }

  /**
   * @param token what the relay's management API asks for
   */
  public Secret secret(BridgeheadKey key, String token) {
    return new SecretBuilder()
        .withMetadata(key.metadata(key.effectiveSecretName()))
        .withType("Opaque")
        .addToData(CONNECTOR, base64(yaml))
        .addToData(HASH, base64(hash()))
        .addToData(TOKEN, base64(token))
        .build();
  }

  /** What an effective Secret holds, where it holds anything. */
  public static Optional<EffectiveConfig> of(Secret secret) {
    return value(secret, CONNECTOR).map(EffectiveConfig::new);
  }

  /** The management token of an effective Secret. */
  public static Optional<String> token(Secret secret) {
    return value(secret, TOKEN);
  }

  private static Optional<String> value(Secret secret, String key) {
    if (secret.getData() == null) {
      return Optional.empty();
    }
    return Optional.ofNullable(secret.getData().get(key))
        .filter(value -> !value.isEmpty())
        .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8));
  }

  /**
   * The connector with one bridgehead. The number of pods is the relay's business only where they
   * share a rate: otherwise scaling changes no configuration. What pods look like is none of it.
   */
  private static SmtpConnectorSpec connectorSpec(BridgeheadSpec spec) {
    boolean shared =
        spec.delivery() != null && spec.delivery().maxMessagesPerMinutePerDestination() != null;
    BridgeheadEntry entry =
        new BridgeheadEntry(
            spec.name(),
            spec.hostname(),
            shared ? (Integer) spec.replicasOrDefault() : null,
            null,
            spec.virtualServer());
    return new SmtpConnectorSpec(
        spec.routing(),
        spec.addressSpaces(),
        List.of(entry),
        spec.outbound(),
        spec.access(),
        spec.postmaster(),
        spec.delivery(),
        spec.storage(),
        spec.deletion(),
        null,
        spec.service());
  }

  private static Map<String, Object> metadata(String name, String namespace) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", name);
    metadata.put("namespace", namespace);
    return metadata;
  }

  private static Object document(
      String apiVersion, String kind, Map<String, Object> metadata, String field, Object value) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("apiVersion", apiVersion);
    document.put("kind", kind);
    document.put("metadata", metadata);
    document.put(field, SERIALIZATION.convertValue(value, Object.class));
    return document;
  }

  private static EffectiveConfig dump(List<Object> documents) {
    // Strings come out quoted: no reader of whatever YAML version takes a name for a boolean.
    return new EffectiveConfig(
        documents.stream().map(SERIALIZATION::asYaml).collect(Collectors.joining()));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
