package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCluster;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Tests on a real node, where the chart is installed once for all of them. */
@Tag("tier4")
abstract class NodeTestBase {
  static Installation installation;
  static TestCluster cluster;

  @BeforeAll
  static void install() {
    installation = Installation.shared();
    cluster = installation.cluster();
  }
}
