package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.InboundTls;
import dev.bridgehead.api.IpFamily;
import dev.bridgehead.api.IpFamilyPolicy;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.ServiceType;
import dev.bridgehead.api.TrafficPolicy;
import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RelayServicesTest {
  private final Bridgehead bridgehead = Samples.bridgehead(Samples.dns(null, null));
  private final BridgeheadKey key = BridgeheadKey.of(bridgehead);

  @Test
  void sharesPort25OverAllBridgeheads() {
    Service shared =
        RelayServices.shared("mail", "internet", "connector-uid", ClientService.DEFAULT, false);

    assertThat(shared.getMetadata().getName()).isEqualTo("internet");
    assertThat(port(shared).getPort()).isEqualTo(25);
    assertThat(port(shared).getTargetPort().getStrVal()).isEqualTo("smtp");
    assertThat(shared.getSpec().getSelector())
        .containsEntry("app.kubernetes.io/instance", "internet")
        .doesNotContainKey("bridgehead.dev/bridgehead");
    assertThat(key.labels()).containsAllEntriesOf(shared.getSpec().getSelector());
    assertThat(shared.getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(shared.getSpec().getExternalTrafficPolicy()).isNull();
  }

  @Test
  void givesEachBridgeheadItsOwnPort() {
    Service client =
        RelayServices.client(
            key, bridgehead.getSpec().virtualServerOrDefault(), ClientService.DEFAULT);

    assertThat(client.getMetadata().getName()).isEqualTo("internet-edge");
    assertThat(port(client).getPort()).isEqualTo(2525);
    assertThat(client.getSpec().getSelector()).isEqualTo(key.selector());
  }

  @Test
  void namesPodsThatAreNotReady() {
    Service pods =
        RelayServices.pods(
            key, bridgehead.getSpec().virtualServerOrDefault(), ClientService.DEFAULT);

    assertThat(pods.getMetadata().getName()).isEqualTo("internet-edge-pods");
    assertThat(pods.getSpec().getClusterIP()).isEqualTo("None");
    assertThat(pods.getSpec().getPublishNotReadyAddresses()).isTrue();
  }

  @Test
  void implicitTlsHasPort465OfAllAndTheSpecsOfOne() {
    VirtualServer server =
        new VirtualServer(
            2525, null, null, null, null, new InboundTls(new LocalRef("edge-tls"), null, 4650));

    assertThat(
            RelayServices.shared("mail", "internet", "u", ClientService.DEFAULT, true)
                .getSpec()
                .getPorts())
        .extracting(port -> port.getName() + " " + port.getPort() + " " + target(port))
        .containsExactly("smtp 25 smtp", "smtps 465 smtps");
    assertThat(RelayServices.client(key, server, ClientService.DEFAULT).getSpec().getPorts())
        .extracting(port -> port.getName() + " " + port.getPort() + " " + target(port))
        .containsExactly("smtp 2525 smtp", "smtps 4650 smtps");
    assertThat(RelayServices.pods(key, server, ClientService.DEFAULT).getSpec().getPorts())
        .extracting(port -> port.getName() + " " + port.getPort() + " " + target(port))
        .containsExactly("smtp 2525 smtp", "smtps 4650 smtps", "management 8080 management");
  }

  private static String target(ServicePort port) {
    return port.getTargetPort().getStrVal();
  }

  @ParameterizedTest
  @EnumSource(
      value = ServiceType.class,
      names = {"NODE_PORT", "LOAD_BALANCER"})
  void keepsClientAddressesFromOutsideUnlessToldOtherwise(ServiceType type) {
    Service local =
        RelayServices.shared(
            "mail", "internet", "u", new ClientService(type, null, null, null, null, null), false);
    Service cluster =
        RelayServices.shared(
            "mail",
            "internet",
            "u",
            new ClientService(type, null, TrafficPolicy.CLUSTER, null, null, null),
            false);

    assertThat(local.getSpec().getExternalTrafficPolicy()).isEqualTo("Local");
    assertThat(cluster.getSpec().getExternalTrafficPolicy()).isEqualTo("Cluster");
  }

  @Test
  void carriesTheAnnotationsOfTheSpec() {
    ClientService service =
        new ClientService(null, Map.of("lb.example/internal", "true"), null, null, null, null);

    assertThat(
            RelayServices.client(key, bridgehead.getSpec().virtualServerOrDefault(), service)
                .getMetadata()
                .getAnnotations())
        .containsEntry("lb.example/internal", "true");
  }

  @Test
  void hasTheFamiliesOfTheSpecEverywhere() {
    ClientService both =
        new ClientService(
            null,
            null,
            null,
            IpFamilyPolicy.REQUIRE_DUAL_STACK,
            List.of(IpFamily.IPV6, IpFamily.IPV4),
            null);
    VirtualServer server = bridgehead.getSpec().virtualServerOrDefault();

    for (Service service :
        List.of(
            RelayServices.shared("mail", "internet", "u", both, false),
            RelayServices.client(key, server, both),
            RelayServices.pods(key, server, both))) {
      assertThat(service.getSpec().getIpFamilyPolicy()).isEqualTo("RequireDualStack");
      assertThat(service.getSpec().getIpFamilies()).containsExactly("IPv6", "IPv4");
    }
    assertThat(RelayServices.client(key, server, ClientService.DEFAULT).getSpec())
        .satisfies(
            spec -> {
              assertThat(spec.getIpFamilyPolicy()).isNull();
              assertThat(spec.getIpFamilies()).isEmpty();
            });
  }

  @Test
  void knowsEveryAddressOfItsServices() {
    Service service =
        new ServiceBuilder()
            .withNewSpec()
            .withClusterIPs("10.96.0.9", "fd00::9")
            .withExternalIPs("192.0.2.9")
            .endSpec()
            .withNewStatus()
            .withNewLoadBalancer()
            .addNewIngress()
            .withIp("198.51.100.9")
            .endIngress()
            .addNewIngress()
            .withHostname("lb.example.net")
            .endIngress()
            .endLoadBalancer()
            .endStatus()
            .build();
    Service headless = new ServiceBuilder().withNewSpec().withClusterIPs("None").endSpec().build();

    assertThat(RelayServices.addresses(List.of(service, headless, service)))
        .containsExactly("10.96.0.9", "192.0.2.9", "198.51.100.9", "fd00::9");
  }

  private static ServicePort port(Service service) {
    return service.getSpec().getPorts().getFirst();
  }
}
