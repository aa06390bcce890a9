package dev.bridgehead.operator;

import dev.bridgehead.operator.model.RelayEnvironment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the operator is told by its environment.
 *
 * @param relays image of the relay pods ({@code BRIDGEHEAD_IMAGE}), Secrets to pull it with ({@code
 *     BRIDGEHEAD_IMAGE_PULL_SECRETS}), the operator's own namespace ({@code POD_NAMESPACE}), and
 *     namespaces that read the relays' metrics ({@code BRIDGEHEAD_METRICS_NAMESPACES}); who
 *     validates what they look up ({@code BRIDGEHEAD_DNSSEC}), and what not ({@code
 *     BRIDGEHEAD_DNSSEC_UNSIGNED})
 * @param clusterDomain of the cluster's DNS ({@code BRIDGEHEAD_CLUSTER_DOMAIN}; cluster.local)
 * @param namespaces that are watched ({@code BRIDGEHEAD_WATCH_NAMESPACES}); empty: all
 * @param instance who writes events ({@code POD_NAME})
 */
public record OperatorSettings(
    RelayEnvironment relays, String clusterDomain, Set<String> namespaces, String instance) {
  /** What the relay's option takes; the first is its default. */
  private static final List<String> DNSSEC = List.of("off", "validate", "trust");

  public OperatorSettings {
    namespaces = Set.copyOf(namespaces);
  }

  /**
   * @throws IllegalArgumentException in one line, where something is missing
   */
  public static OperatorSettings from(Map<String, String> environment) {
    String image = environment.getOrDefault("BRIDGEHEAD_IMAGE", "");
    if (image.isBlank()) {
      throw new IllegalArgumentException(
          "BRIDGEHEAD_IMAGE is not set: it names the image of the relay pods, such as"
              + " bridgehead:dev");
    }
    String domain = environment.getOrDefault("BRIDGEHEAD_CLUSTER_DOMAIN", "");
    String instance = environment.getOrDefault("POD_NAME", "");
    return new OperatorSettings(
        new RelayEnvironment(
            image.strip(),
            list(environment, "BRIDGEHEAD_IMAGE_PULL_SECRETS"),
            Optional.of(environment.getOrDefault("POD_NAMESPACE", "").strip())
                .filter(namespace -> !namespace.isEmpty()),
            list(environment, "BRIDGEHEAD_METRICS_NAMESPACES"),
            dnssec(environment)),
        domain.isBlank() ? "cluster.local" : domain.strip(),
        Set.copyOf(list(environment, "BRIDGEHEAD_WATCH_NAMESPACES")),
        instance.isBlank() ? "bridgehead-operator" : instance.strip());
  }

  /** Options of the relay. */
  private static List<String> dnssec(Map<String, String> environment) {
    List<String> options = new ArrayList<>();
    String who = environment.getOrDefault("BRIDGEHEAD_DNSSEC", "").strip();
    if (!who.isEmpty() && !DNSSEC.contains(who)) {
      throw new IllegalArgumentException(
          "BRIDGEHEAD_DNSSEC is \"" + who + "\": it must be one of " + String.join(", ", DNSSEC));
    }
    if (!who.isEmpty() && !who.equals(DNSSEC.getFirst())) {
      options.addAll(List.of("--dnssec", who));
    }
    for (String domain : list(environment, "BRIDGEHEAD_DNSSEC_UNSIGNED")) {
      options.addAll(List.of("--dnssec-unsigned", domain));
    }
    return options;
  }

  /** What stands between commas, in order, each once. */
  private static List<String> list(Map<String, String> environment, String variable) {
    return Arrays.stream(environment.getOrDefault(variable, "").split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .distinct()
        .toList();
  }
}
