package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.InboundTls;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RelayNetworkPolicyTest {
  private static final BridgeheadKey KEY =
      BridgeheadKey.of(Samples.bridgehead(Samples.dns(2, null)));

  private final NetworkPolicy policy =
      RelayNetworkPolicy.of(
              KEY,
              VirtualServer.DEFAULT,
              new RelayEnvironment(
                  "bridgehead:1",
                  List.of(),
                  Optional.of("mail-system"),
                  List.of("monitoring", "mail-system")))
          .orElseThrow();

  @Test
  void isForThePodsOfTheBridgeheadAndLimitsNothingThatGoesOut() {
    assertThat(policy.getMetadata().getName()).isEqualTo("internet-edge");
    assertThat(policy.getSpec().getPodSelector().getMatchLabels()).isEqualTo(KEY.selector());
    assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress");
  }

  @Test
  void letsEverybodySendMail() {
    assertThat(rule("smtp").getFrom()).isEmpty();
  }

  @Test
  void letsEverybodySendMailByImplicitTlsWhereThatIsTaken() {
    VirtualServer server =
        new VirtualServer(
            null, null, null, null, null, new InboundTls(new LocalRef("t"), null, 465));
    NetworkPolicy both =
        RelayNetworkPolicy.of(
                KEY,
                server,
                new RelayEnvironment(
                    "bridgehead:1", List.of(), Optional.of("mail-system"), List.of()))
            .orElseThrow();

    assertThat(both.getSpec().getIngress().getFirst().getFrom()).isEmpty();
    assertThat(both.getSpec().getIngress().getFirst().getPorts())
        .extracting(port -> port.getPort().getStrVal())
        .containsExactly("smtp", "smtps");
    assertThat(rule("smtp").getPorts()).hasSize(1);
  }

  @Test
  void letsOnlySiblingsTheOperatorAndMetricsReadersManage() {
    assertThat(rule("management").getFrom())
        .filteredOn(peer -> peer.getPodSelector() != null)
        .singleElement()
        .satisfies(
            peer -> {
              assertThat(peer.getPodSelector().getMatchLabels()).isEqualTo(KEY.selector());
              assertThat(peer.getNamespaceSelector()).isNull();
            });
    assertThat(rule("management").getFrom())
        .filteredOn(peer -> peer.getNamespaceSelector() != null)
        .extracting(peer -> peer.getNamespaceSelector().getMatchLabels())
        .containsExactly(
            Map.of("kubernetes.io/metadata.name", "mail-system"),
            Map.of("kubernetes.io/metadata.name", "monitoring"));
  }

  @Test
  void anOperatorThatDoesNotKnowItsNamespaceDoesNotLockItselfOut() {
    assertThat(
            RelayNetworkPolicy.of(KEY, VirtualServer.DEFAULT, RelayEnvironment.of("bridgehead:1")))
        .isEmpty();
  }

  private NetworkPolicyIngressRule rule(String port) {
    return policy.getSpec().getIngress().stream()
        .filter(rule -> rule.getPorts().getFirst().getPort().getStrVal().equals(port))
        .findFirst()
        .orElseThrow();
  }
}
