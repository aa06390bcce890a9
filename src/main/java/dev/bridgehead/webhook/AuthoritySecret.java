package dev.bridgehead.webhook;

import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.webhook.Authorities.Next;
import dev.bridgehead.webhook.Authorities.Previous;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The Secret that all replicas share: {@code tls.crt} and {@code tls.key} of the authority that
 * signs, {@code ca.crt} with all that are to be trusted, {@code next.*} and {@code previous.crt}
 * while one replaces another. Read and written by name; of two replicas that write at the same time
 * one is refused (409).
 */
final class AuthoritySecret {
  private static final String NEXT_SIGNS_FROM = "bridgehead.dev/next-signs-from";
  private static final String PREVIOUS_TRUSTED_UNTIL = "bridgehead.dev/previous-trusted-until";

  private final KubernetesClient client;
  private final String namespace;
  private final String name;

  AuthoritySecret(KubernetesClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  String name() {
    return namespace + "/" + name;
  }

  Optional<Secret> read() {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  /**
   * @throws GeneralSecurityException where it doesn't hold what it should
   */
  static Authorities authorities(Secret secret) throws GeneralSecurityException {
    try {
      Authority signing = authority(secret, "tls");
      Optional<Next> next =
          annotation(secret, NEXT_SIGNS_FROM).isPresent()
              ? Optional.of(
                  new Next(authority(secret, "next"), annotation(secret, NEXT_SIGNS_FROM).get()))
              : Optional.empty();
      Optional<Previous> previous =
          annotation(secret, PREVIOUS_TRUSTED_UNTIL).isPresent()
              ? Optional.of(
                  new Previous(
                      Pem.certificates(bytes(secret, "previous.crt")).getFirst(),
                      annotation(secret, PREVIOUS_TRUSTED_UNTIL).get()))
              : Optional.empty();
      return new Authorities(signing, next, previous);
    } catch (RuntimeException e) { // people can write anything there: no base64, no time, no ASN.1
      throw new GeneralSecurityException(String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * @param existing what is replaced; empty: there is none
   */
  void write(Authorities authorities, Optional<Secret> existing) {
    Secret secret = secret(authorities, existing);
    if (existing.isPresent()) {
      client.resource(secret).update();
    } else {
      client.resource(secret).create();
    }
  }

  private Secret secret(Authorities authorities, Optional<Secret> existing) {
    return filled(existing.orElseGet(() -> bare(namespace, name)), authorities);
  }

  /** A new one. */
  static Secret of(String namespace, String name, Authorities authorities) {
    return filled(bare(namespace, name), authorities);
  }

  private static Secret bare(String namespace, String name) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(namespace)
        .withName(name)
        .addToLabels("app.kubernetes.io/part-of", "bridgehead")
        .endMetadata()
        .build();
  }

  /** Keeps what others added to its metadata. */
  private static Secret filled(Secret secret, Authorities authorities) {
    Map<String, String> data = new HashMap<>();
    put(data, "tls", authorities.signing());
    authorities.next().ifPresent(next -> put(data, "next", next.authority()));
    authorities
        .previous()
        .ifPresent(
            previous -> data.put("previous.crt", base64(Pem.of(List.of(previous.certificate())))));
    data.put("ca.crt", base64(Pem.of(authorities.trusted())));
    Map<String, String> annotations = new HashMap<>(secret.getMetadata().getAnnotations());
    annotations.keySet().removeAll(List.of(NEXT_SIGNS_FROM, PREVIOUS_TRUSTED_UNTIL));
    authorities.next().ifPresent(n -> annotations.put(NEXT_SIGNS_FROM, n.signsFrom().toString()));
    authorities
        .previous()
        .ifPresent(p -> annotations.put(PREVIOUS_TRUSTED_UNTIL, p.trustedUntil().toString()));
    return new SecretBuilder(secret)
        .editMetadata()
        .withAnnotations(annotations)
        .endMetadata()
        .withData(data)
        .build();
  }

  private static void put(Map<String, String> data, String prefix, Authority authority) {
    data.put(prefix + ".crt", base64(Pem.of(List.of(authority.certificate()))));
    data.put(prefix + ".key", base64(Pem.of(authority.key())));
  }

  private static Authority authority(Secret secret, String prefix) throws GeneralSecurityException {
    String certificate = prefix + ".crt";
    String key = prefix + ".key";
    TlsKeyPair pair =
        TlsKeyPair.parse(
            Map.of(certificate, bytes(secret, certificate), key, bytes(secret, key)),
            certificate,
            key);
    Authority authority = new Authority(pair.key(), pair.chain().getFirst());
    if (!authority.canSign()) {
      throw new GeneralSecurityException(
          certificate + " is not the certificate of an authority with an EC key");
    }
    return authority;
  }

  private static byte[] bytes(Secret secret, String key) throws GeneralSecurityException {
    @Nullable String value = secret.getData() == null ? null : secret.getData().get(key);
    if (value == null) {
      throw new GeneralSecurityException("it has no key " + key);
    }
    return Base64.getDecoder().decode(value);
  }

  private static Optional<Instant> annotation(Secret secret, String key) {
    return Optional.ofNullable(secret.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(key))
        .filter(Objects::nonNull)
        .map(Instant::parse);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
