package dev.bridgehead.operator.model;

import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.CaBundleRef;
import dev.bridgehead.api.InboundTls;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.validation.UserList;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The Secrets and ConfigMaps that a bridgehead's spec names, and whether they are there. */
public final class References {
  private static final String CA_KEY = "ca.crt";
  private static final Set<String> BASIC_AUTH_KEYS = Set.of("username", "password");
  private static final Set<String> TLS_KEYS = Set.of(TlsKeyPair.CERTIFICATE, TlsKeyPair.KEY);

  private References() {}

  /** Where referenced objects are looked up. */
  @FunctionalInterface
  public interface Lookup {
    /** Values by key in base64; empty where the object doesn't exist. */
    Optional<Map<String, String>> find(RefKind kind, String name);
  }

  /** What became of a spec's references. */
  public sealed interface Resolution permits Resolved, Unresolved {}

  /**
   * All are there.
   *
   * @param issuer of ServiceAccount tokens; null where none are taken
   */
  public record Resolved(List<Material> materials, @Nullable TokenIssuer issuer)
      implements Resolution {
    /** Without tokens. */
    public Resolved(List<Material> materials) {
      this(materials, null);
    }

    public Resolved {
      materials = List.copyOf(materials);
    }
  }

  /** Some are missing; each problem is a sentence for a person, without any value. */
  public record Unresolved(List<String> problems) implements Resolution {
    public Unresolved {
      problems = List.copyOf(problems);
    }
  }

  /** An object of the bridgehead's namespace that its spec names. */
  public record Target(RefKind kind, String name) implements Comparable<Target> {
    @Override
    public int compareTo(Target other) {
      int byKind = kind.compareTo(other.kind);
      return byKind != 0 ? byKind : name.compareTo(other.name);
    }

    String words() {
      return (kind == RefKind.SECRET ? "Secret " : "ConfigMap ") + name;
    }
  }

  private record Need(Set<String> keys, Set<String> fields) {
    Need() {
      this(new TreeSet<>(), new TreeSet<>());
    }
  }

  /** What a spec names. */
  public static Set<Target> targets(BridgeheadSpec spec) {
    return Set.copyOf(needs(spec).keySet());
  }

  /** Looks every reference up; each object once. */
  public static Resolution resolve(BridgeheadSpec spec, Lookup lookup) {
    List<Material> materials = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    needs(spec)
        .forEach(
            (target, need) -> {
              Optional<Map<String, String>> found = lookup.find(target.kind(), target.name());
              List<String> faults =
                  found
                      .map(data -> faults(target, need.keys(), data))
                      .orElseGet(() -> List.of(target.words() + " does not exist"));
              faults.forEach(
                  fault -> problems.add(fault + " (" + String.join(", ", need.fields()) + ")"));
              if (faults.isEmpty()) {
                materials.add(material(target, need, found.orElseThrow()));
              }
            });
    return problems.isEmpty() ? new Resolved(materials) : new Unresolved(problems);
  }

  /**
   * The same with the issuer of the tokens that a spec takes.
   *
   * @param problem why there is no issuer
   */
  public static Resolution with(
      Resolution resolution, @Nullable TokenIssuer issuer, String problem) {
    if (issuer != null) {
      return resolution instanceof Resolved(List<Material> materials, _)
          ? new Resolved(materials, issuer)
          : resolution;
    }
    List<String> problems = new ArrayList<>();
    if (resolution instanceof Unresolved(List<String> others)) {
      problems.addAll(others);
    }
    problems.add(problem + " (spec.access.serviceAccounts)");
    return new Unresolved(problems);
  }

  private static Map<Target, Need> needs(BridgeheadSpec spec) {
    Map<Target, Need> needs = new TreeMap<>();
    List<SmartHost> hosts = spec.routing().smartHostsOrNone();
    for (int i = 0; i < hosts.size(); i++) {
      LocalRef credentials = hosts.get(i).credentialsRef();
      if (credentials != null) {
        String field = "spec.routing.smartHosts[" + i + "].credentialsRef";
        need(needs, RefKind.SECRET, credentials.name(), BASIC_AUTH_KEYS, field);
      }
    }
    CaBundleRef ca = spec.outboundOrDefault().caBundleRef();
    if (ca != null) {
      need(needs, ca.kindOrDefault(), ca.name(), Set.of(CA_KEY), "spec.outbound.tls.caBundleRef");
    }
    InboundTls tls = spec.virtualServerOrDefault().tls();
    if (tls != null) {
      need(needs, RefKind.SECRET, tls.secretRef().name(), TLS_KEYS, "virtualServer.tls.secretRef");
    }
    LocalRef users = spec.accessOrDefault().usersSecretRef();
    if (users != null) {
      need(needs, RefKind.SECRET, users.name(), Set.of(UserList.KEY), "spec.access.usersSecretRef");
    }
    return needs;
  }

  private static void need(
      Map<Target, Need> needs, RefKind kind, String name, Set<String> keys, String field) {
    Need need = needs.computeIfAbsent(new Target(kind, name), target -> new Need());
    need.keys().addAll(keys);
    need.fields().add(field);
  }

  private static List<String> faults(Target target, Set<String> keys, Map<String, String> data) {
    List<String> faults = new ArrayList<>();
    for (String key : keys) {
      String value = data.get(key);
      if (value == null || value.isEmpty()) {
        faults.add(target.words() + " has no key " + key);
      } else if (key.equals(CA_KEY) && !holdsCertificates(value)) {
        faults.add(target.words() + ": " + key + " holds no PEM certificate");
      } else if (key.equals(UserList.KEY)) {
        users(value)
            .faults()
            .forEach(fault -> faults.add(target.words() + ": " + key + ": " + fault));
      }
    }
    if (faults.isEmpty() && keys.containsAll(TLS_KEYS)) {
      keyPairFault(data).ifPresent(fault -> faults.add(target.words() + ": " + fault));
    }
    return faults;
  }

  /** The relays would refuse it, and go on with what they have: better said where people look. */
  private static Optional<String> keyPairFault(Map<String, String> data) {
    try {
      Map<String, byte[]> octets = new TreeMap<>();
      for (String key : TLS_KEYS) {
        octets.put(key, Base64.getMimeDecoder().decode(data.getOrDefault(key, "")));
      }
      TlsKeyPair.parse(octets);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static UserList users(String base64) {
    byte[] text = Base64.getMimeDecoder().decode(base64);
    return UserList.parse(new String(text, StandardCharsets.UTF_8));
  }

  private static boolean holdsCertificates(String base64) {
    try {
      byte[] pem = Base64.getMimeDecoder().decode(base64);
      return !CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(pem))
          .isEmpty();
    } catch (CertificateException | IllegalArgumentException e) {
      return false;
    }
  }

  private static Material material(Target target, Need need, Map<String, String> data) {
    TreeMap<String, String> used = new TreeMap<>();
    need.keys().forEach(key -> used.put(key, data.getOrDefault(key, "")));
    return new Material(target.kind(), target.name(), used);
  }

  /** The values of a ConfigMap in the form of a Secret's. */
  public static Map<String, String> base64(
      Map<String, String> text, Map<String, String> binaryBase64) {
    Map<String, String> all = new LinkedHashMap<>(binaryBase64);
    text.forEach(
        (key, value) ->
            all.put(
                key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
    return all;
  }
}
