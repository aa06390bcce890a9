package dev.bridgehead.relay.routing;

/** Where recipients go together: what the queue groups, limits and backs off by. */
public sealed interface Destination {
  /**
   * DNS mode: a recipient domain, as A-labels in lower case, or an address literal with its
   * brackets.
   */
  record Domain(String name) implements Destination {}

  /** SmartHost mode: the connector's smart hosts. */
  record SmartHosts() implements Destination {}
}
