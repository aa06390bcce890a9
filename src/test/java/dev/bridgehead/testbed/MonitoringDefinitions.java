package dev.bridgehead.testbed;

import java.nio.file.Path;

/** The custom resource definitions of the Prometheus operator, as its own module has them. */
public final class MonitoringDefinitions {
  private MonitoringDefinitions() {}

  /** A folder of YAML files. */
  public static Path folder() {
    return Script.run("monitoring");
  }
}
