package dev.bridgehead.cli;

import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * How the program logs: text on stderr for people, JSON on stdout in a pod. {@code
 * BRIDGEHEAD_LOG=text|json} overrules. Must be settled before the first logger is made.
 */
final class Logging {
  private Logging() {}

  static void begin() {
    String wanted = System.getenv("BRIDGEHEAD_LOG");
    boolean pod = System.getenv("KUBERNETES_SERVICE_HOST") != null; // set in every pod
    boolean json = wanted == null ? pod : wanted.equals("json");
    System.setProperty("bridgehead.log", json ? "json" : "text");
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
