package dev.bridgehead.operator.model;

import java.util.List;
import java.util.Optional;

/**
 * What the relays of one operator have in common, whatever their connectors say.
 *
 * @param image of the relay
 * @param pullSecrets names of Secrets to pull it with; a namespace that lacks one does without
 * @param operatorNamespace where the operator runs; empty outside of a cluster
 * @param metricsNamespaces whose pods may reach the relays' management port, to read metrics
 * @param arguments of the relay, for all of them the same
 */
public record RelayEnvironment(
    String image,
    List<String> pullSecrets,
    Optional<String> operatorNamespace,
    List<String> metricsNamespaces,
    List<String> arguments) {
  /** With no more arguments than a relay needs. */
  public RelayEnvironment(
      String image,
      List<String> pullSecrets,
      Optional<String> operatorNamespace,
      List<String> metricsNamespaces) {
    this(image, pullSecrets, operatorNamespace, metricsNamespaces, List.of());
  }

  public RelayEnvironment {
    pullSecrets = List.copyOf(pullSecrets);
    metricsNamespaces = List.copyOf(metricsNamespaces);
    arguments = List.copyOf(arguments);
  }

  /** Of an operator that runs outside of a cluster. */
  public static RelayEnvironment of(String image) {
    return new RelayEnvironment(image, List.of(), Optional.empty(), List.of());
  }
}
