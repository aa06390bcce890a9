package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperatorSettingsTest {
  @Test
  void watchesEverythingInClusterLocalByDefault() {
    assertThat(OperatorSettings.from(Map.of("BRIDGEHEAD_IMAGE", "bridgehead:dev")))
        .isEqualTo(
            new OperatorSettings(
                "bridgehead:dev", "cluster.local", Set.of(), "bridgehead-operator"));
  }

  @Test
  void readsEverySetting() {
    assertThat(
            OperatorSettings.from(
                Map.of(
                    "BRIDGEHEAD_IMAGE", "bridgehead:dev",
                    "BRIDGEHEAD_CLUSTER_DOMAIN", "k8s.example",
                    "BRIDGEHEAD_WATCH_NAMESPACES", "mail, shop,",
                    "POD_NAME", "bridgehead-0")))
        .isEqualTo(
            new OperatorSettings(
                "bridgehead:dev", "k8s.example", Set.of("mail", "shop"), "bridgehead-0"));
  }

  @Test
  void saysWhichVariableIsMissing() {
    assertThatThrownBy(() -> OperatorSettings.from(Map.of()))
        .hasMessageStartingWith("BRIDGEHEAD_IMAGE is not set");
  }
}
