package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Condition;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Conditions;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Rules that need to know more than one object: rings of connectors, and own pods. */
@Tag("tier2")
class NeighbourhoodIT extends OperatorTestBase {
  private static String connector(String name, String routing) {
    return DNS.replace("{name: internet}", "{name: " + name + "}").replace("{mode: DNS}", routing);
  }

  private static String to(String host) {
    return "{mode: SmartHost, smartHosts: [{host: \"" + host + "\"}]}";
  }

  @Test
  void refusesTheYoungestOfARingUntilSomebodyOpensIt() {
    String namespace = cluster.namespace("ring");
    cluster.apply(namespace, connector("old", "{mode: DNS}"));
    awaitAccepted(namespace, "old", "True");
    Instant made = Instant.parse(get(namespace, "old").getMetadata().getCreationTimestamp());
    cluster.await("the next second", () -> Instant.now().isAfter(made.plusSeconds(1)));
    cluster.apply(namespace, connector("young", to("old." + namespace + ".svc")));
    awaitAccepted(namespace, "young", "True");

    cluster.apply(
        namespace, connector("old", to("young-edge." + namespace + ".svc.cluster.local")));

    Condition refused = awaitAccepted(namespace, "young", "False");
    assertThat(refused.reason()).isEqualTo("LoopDetected");
    assertThat(refused.message())
        .startsWith("spec.routing.smartHosts[0].host: Invalid value: \"old." + namespace + ".svc\"")
        .contains("go round by " + namespace + "/old");
    awaitAccepted(namespace, "old", "True");

    cluster.apply(namespace, connector("old", "{mode: DNS}"));
    awaitAccepted(namespace, "young", "True");

    String address = service(namespace, "young").getSpec().getClusterIP();
    cluster.apply(namespace, connector("old", to("[" + address + "]")));
    assertThat(awaitAccepted(namespace, "young", "False").reason()).isEqualTo("LoopDetected");
    awaitAccepted(namespace, "old", "True");
  }

  @Test
  void refusesAnAddressOfItsOwnPodsAndKeepsTheLastGoodSpecRunning() {
    String namespace = cluster.namespace("own-pods");
    cluster.apply(namespace, DNS);
    cluster.await(
        "a pod",
        () -> admin.pods().inNamespace(namespace).withName("internet-edge-0").get() != null);
    cluster.runPod(namespace, "internet-edge-0", 0);
    cluster.awaitCondition(namespace, "Ready", "True");
    String address =
        admin
            .pods()
            .inNamespace(namespace)
            .withName("internet-edge-0")
            .get()
            .getStatus()
            .getPodIP();

    cluster.apply(namespace, connector("internet", to("[::ffff:" + address + "]")));

    Condition refused = awaitAccepted(namespace, "internet", "False");
    assertThat(refused.reason()).isEqualTo("OwnAddress");
    assertThat(refused.message()).contains("must not be an address of this connector's own pods");
    assertThat(cluster.bridgehead(namespace).getSpec().routing().mode()).isEqualTo(RoutingMode.DNS);

    cluster.apply(namespace, connector("internet", to("[10.1.255.254]")));
    awaitAccepted(namespace, "internet", "True");
  }

  private static SmtpConnector get(String namespace, String name) {
    return admin.resources(SmtpConnector.class).inNamespace(namespace).withName(name).get();
  }

  private static Condition awaitAccepted(String namespace, String name, String status) {
    cluster.await(
        name + ": Accepted=" + status, () -> accepted(namespace, name, status).isPresent());
    return accepted(namespace, name, status).orElseThrow();
  }

  private static Optional<Condition> accepted(String namespace, String name, String status) {
    SmtpConnector connector = get(namespace, name);
    Long generation = connector.getMetadata().getGeneration();
    return Optional.ofNullable(connector.getStatus())
        .filter(it -> generation.equals(it.observedGeneration()))
        .flatMap(it -> Conditions.find(it.conditions(), Conditions.ACCEPTED))
        .filter(condition -> condition.status().equals(status));
  }
}
