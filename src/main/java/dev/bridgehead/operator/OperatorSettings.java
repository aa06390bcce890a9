package dev.bridgehead.operator;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the operator is told by its environment.
 *
 * @param image of the relay pods ({@code BRIDGEHEAD_IMAGE})
 * @param clusterDomain of the cluster's DNS ({@code BRIDGEHEAD_CLUSTER_DOMAIN}; cluster.local)
 * @param namespaces that are watched ({@code BRIDGEHEAD_WATCH_NAMESPACES}); empty: all
 * @param instance who writes events ({@code POD_NAME})
 */
public record OperatorSettings(
    String image, String clusterDomain, Set<String> namespaces, String instance) {
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
    String namespaces = environment.getOrDefault("BRIDGEHEAD_WATCH_NAMESPACES", "");
    String domain = environment.getOrDefault("BRIDGEHEAD_CLUSTER_DOMAIN", "");
    String instance = environment.getOrDefault("POD_NAME", "");
    return new OperatorSettings(
        image.strip(),
        domain.isBlank() ? "cluster.local" : domain.strip(),
        Arrays.stream(namespaces.split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet()),
        instance.isBlank() ? "bridgehead-operator" : instance.strip());
  }
}
