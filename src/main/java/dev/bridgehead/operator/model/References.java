package dev.bridgehead.operator.model;

import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.CaBundleRef;
import dev.bridgehead.api.InboundTls;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.api.SmartHost;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The Secrets and ConfigMaps that a bridgehead's spec names, and whether they are there. */
public final class References {
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

  private record Need(Set<Use> uses, Set<String> fields) {
    Need() {
      this(EnumSet.noneOf(Use.class), new TreeSet<>());
    }

    /** Of several uses, what they have in common once. */
    Set<String> faults(Map<String, String> data) {
      Set<String> faults = new LinkedHashSet<>();
      uses.forEach(use -> faults.addAll(use.faults(data)));
      return faults;
    }

    Set<String> keys(Map<String, String> data) {
      Set<String> keys = new TreeSet<>();
      uses.forEach(use -> keys.addAll(use.keys(data)));
      return keys;
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
                      .map(data -> faults(target, need, data))
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
        need(needs, RefKind.SECRET, credentials.name(), Use.LOGIN, field);
      }
    }
    CaBundleRef ca = spec.outboundOrDefault().caBundleRef();
    if (ca != null) {
      need(needs, ca.kindOrDefault(), ca.name(), Use.ROOTS, "spec.outbound.tls.caBundleRef");
    }
    LocalRef client = spec.outboundOrDefault().clientCertificateRef();
    if (client != null) {
      String field = "spec.outbound.tls.clientCertificateRef";
      need(needs, RefKind.SECRET, client.name(), Use.KEY_PAIR, field);
    }
    InboundTls tls = spec.virtualServerOrDefault().tls();
    if (tls != null) {
      need(
          needs,
          RefKind.SECRET,
          tls.secretRef().name(),
          Use.KEY_PAIR,
          "virtualServer.tls.secretRef");
    }
    LocalRef users = spec.accessOrDefault().usersSecretRef();
    if (users != null) {
      need(needs, RefKind.SECRET, users.name(), Use.USERS, "spec.access.usersSecretRef");
    }
    return needs;
  }

  private static void need(
      Map<Target, Need> needs, RefKind kind, String name, Use use, String field) {
    Need need = needs.computeIfAbsent(new Target(kind, name), target -> new Need());
    need.uses().add(use);
    need.fields().add(field);
  }

  private static List<String> faults(Target target, Need need, Map<String, String> data) {
    return need.faults(data).stream().map(fault -> target.words() + fault).toList();
  }

  private static Material material(Target target, Need need, Map<String, String> data) {
    TreeMap<String, String> used = new TreeMap<>();
    need.keys(data).forEach(key -> used.put(key, data.getOrDefault(key, "")));
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
