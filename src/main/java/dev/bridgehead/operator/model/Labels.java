package dev.bridgehead.operator.model;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.Optional;

/**
 * Label and annotation keys. What the operator makes carries the connector's uid instead of an
 * ownerReference: foreground deletion would remove what a drain still needs.
 */
public final class Labels {
  public static final String NAME = "app.kubernetes.io/name";
  public static final String COMPONENT = "app.kubernetes.io/component";
  public static final String INSTANCE = "app.kubernetes.io/instance";
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  public static final String BRIDGEHEAD = "bridgehead.dev/bridgehead";
  public static final String CONNECTOR_UID = "bridgehead.dev/connector-uid";

  /** Value of {@link #MANAGED_BY}. */
  public static final String OPERATOR = "bridgehead-operator";

  /** Selects what this operator makes; the informers watch nothing else. */
  public static final String MANAGED_SELECTOR = MANAGED_BY + "=" + OPERATOR;

  /** Selects the claims of relay pods: they carry the pods' selector labels only. */
  public static final String RELAY_SELECTOR = NAME + "=bridgehead," + COMPONENT + "=relay";

  /**
   * On a pod: stands for the configuration that its kubelet should have mounted; changing it makes
   * the kubelet look.
   */
  public static final String CONFIG_MARK = "bridgehead.dev/config";

  /** On a claim that outlived its connector: messages on it, damaged ones too, or unknown. */
  public static final String QUEUED = "bridgehead.dev/queued";

  /** On a claim: signature of the deletion or scale-down that decided what becomes of it. */
  public static final String RELEASED_BY = "bridgehead.dev/released-by";

  /**
   * On a connector or Bridgehead, {@code true}: a drain no longer waits for mail that can't be
   * delivered. Volumes with mail on them stay.
   */
  public static final String FORCE = "bridgehead.dev/force";

  /** On a Bridgehead that goes: generation of the connector that its {@code deletion} is of. */
  public static final String DELETION_GENERATION = "bridgehead.dev/deletion-generation";

  /** On a connector or Bridgehead, {@code true}: nothing is changed, but for a deletion. */
  public static final String PAUSED = "bridgehead.dev/paused";

  /**
   * On an object as it was read, never in the API server: what of its spec this operator can't
   * read, and what to do.
   */
  public static final String UNREADABLE = "bridgehead.dev/unreadable";

  /** In the effective configuration: comma-separated addresses of the connector's Services. */
  public static final String OWN_ADDRESSES = "bridgehead.dev/own-addresses";

  /** In the effective configuration: the cluster's DNS domain. */
  public static final String CLUSTER_DOMAIN = "bridgehead.dev/cluster-domain";

  /**
   * In the effective configuration: pods of this ordinal and above drain, and hand what they can't
   * deliver to those below; {@code 0} while the bridgehead is being deleted, absent where none
   * drains.
   */
  public static final String DRAIN_FROM = "bridgehead.dev/drain-from";

  /** In the effective configuration: tells this drain from one before, see {@link DrainOrder}. */
  public static final String DRAIN_NONCE = "bridgehead.dev/drain-nonce";

  /** In the effective configuration: the issuer of the cluster's ServiceAccount tokens. */
  public static final String TOKEN_ISSUER = "bridgehead.dev/token-issuer";

  /** In the effective configuration: the issuer's public keys, a JWK set. */
  public static final String TOKEN_KEYS = "bridgehead.dev/token-keys";

  private Labels() {}

  /** What the pods of a connector have in common, and nobody else's. */
  static Map<String, String> connectorSelector(String connector) {
    return Map.of(NAME, "bridgehead", COMPONENT, "relay", INSTANCE, connector);
  }

  /** The uid of the connector that an object was made for. */
  public static Optional<String> connectorUid(HasMetadata object) {
    return label(object, CONNECTOR_UID);
  }

  public static Optional<String> label(HasMetadata object, String key) {
    Map<String, String> labels = object.getMetadata().getLabels();
    return labels == null ? Optional.empty() : Optional.ofNullable(labels.get(key));
  }

  /** Whether somebody switched something on by an annotation. */
  public static boolean isTrue(HasMetadata object, String key) {
    return annotation(object, key).filter("true"::equals).isPresent();
  }

  public static Optional<String> annotation(HasMetadata object, String key) {
    Map<String, String> annotations = object.getMetadata().getAnnotations();
    return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(key));
  }
}
