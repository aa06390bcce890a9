package dev.bridgehead.operator.kube;

import java.util.Set;

/** Who owns which fields, for server-side apply. */
public final class FieldManagers {
  /** The spec of Bridgeheads and the shared Service. */
  public static final String CONNECTOR = "bridgehead-connector";

  /** A number of replicas that the connector no longer states, until somebody scales. */
  public static final String REPLICAS = "bridgehead-replicas";

  /** The annotations by which people pause and force, where they came from the connector. */
  public static final String SWITCHES = "bridgehead-switches";

  /** The managers whose fields the operator looks at; of others' it reads nothing. */
  static final Set<String> READ = Set.of(CONNECTOR, SWITCHES);

  private FieldManagers() {}
}
