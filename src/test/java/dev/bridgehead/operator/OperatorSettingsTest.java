package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.operator.model.RelayEnvironment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperatorSettingsTest {
  @Test
  void watchesEverythingInClusterLocalByDefault() {
    assertThat(OperatorSettings.from(Map.of("BRIDGEHEAD_IMAGE", "bridgehead:dev")))
        .isEqualTo(
            new OperatorSettings(
                RelayEnvironment.of("bridgehead:dev"),
                "cluster.local",
                Set.of(),
                "bridgehead-operator"));
  }

  @Test
  void readsEverySetting() {
    assertThat(
            OperatorSettings.from(
                Map.of(
                    "BRIDGEHEAD_IMAGE", "bridgehead:dev",
                    "BRIDGEHEAD_IMAGE_PULL_SECRETS", "registry, other",
                    "BRIDGEHEAD_METRICS_NAMESPACES", "monitoring",
                    "POD_NAMESPACE", "mail-system",
                    "BRIDGEHEAD_CLUSTER_DOMAIN", "k8s.example",
                    "BRIDGEHEAD_WATCH_NAMESPACES", "mail, shop,",
                    "BRIDGEHEAD_DNSSEC", "trust",
                    "BRIDGEHEAD_DNSSEC_UNSIGNED", "corp.example.com",
                    "POD_NAME", "bridgehead-0")))
        .isEqualTo(
            new OperatorSettings(
                new RelayEnvironment(
                    "bridgehead:dev",
                    List.of("registry", "other"),
                    Optional.of("mail-system"),
                    List.of("monitoring"),
                    List.of("--dnssec", "trust", "--dnssec-unsigned", "corp.example.com")),
                "k8s.example",
                Set.of("mail", "shop"),
                "bridgehead-0"));
  }

  @Test
  void saysWhatAVariableMayBe() {
    assertThatThrownBy(
            () ->
                OperatorSettings.from(
                    Map.of("BRIDGEHEAD_IMAGE", "bridgehead:dev", "BRIDGEHEAD_DNSSEC", "maybe")))
        .hasMessage("BRIDGEHEAD_DNSSEC is \"maybe\": it must be one of off, validate, trust");
  }

  @Test
  void saysWhichVariableIsMissing() {
    assertThatThrownBy(() -> OperatorSettings.from(Map.of()))
        .hasMessageStartingWith("BRIDGEHEAD_IMAGE is not set");
  }
}
