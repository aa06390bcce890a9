package dev.bridgehead.validation;

import static dev.bridgehead.validation.Connectors.FACTS;
import static dev.bridgehead.validation.Connectors.dns;
import static dev.bridgehead.validation.Connectors.errors;
import static dev.bridgehead.validation.Connectors.judge;
import static dev.bridgehead.validation.Connectors.spec;
import static dev.bridgehead.validation.Connectors.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Access;
import dev.bridgehead.api.AddressSpace;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.Delivery;
import dev.bridgehead.api.PodResources;
import dev.bridgehead.api.PodSettings;
import dev.bridgehead.api.ProxyProtocol;
import dev.bridgehead.api.Routing;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnectorSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectorRulesTest {
  @Test
  void acceptsAPlainConnectorWithoutAWord() {
    assertThat(judge(dns())).isEqualTo(new Verdict(List.of(), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "internet", "a-b", "a1", "abcdefghijklmnopqrstuvwxyz1234"})
  void rule7AcceptsLabelsAsNames(String name) {
    assertThat(ConnectorRules.judge(name, dns(), FACTS).errors()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "A",
        "1a",
        "-a",
        "a-",
        "a.b",
        "a_b",
        "a b",
        "ä",
        "a\n",
        "abcdefghijklmnopqrstuvwxyz12345"
      })
  void rule7RefusesOtherNames(String name) {
    assertThat(ConnectorRules.judge(name, dns(), FACTS).errors())
        .singleElement()
        .asString()
        .startsWith("metadata.name: Invalid value: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mail", "Mail Server", "192.0.2.1", "'[192.0.2.1]'", "mail..example"})
  void rule7WantsAFullyQualifiedHostname(String hostname) {
    var spec =
        spec(
            """
            routing: {mode: DNS}
            bridgeheads: [{name: edge, hostname: %s}]
            """
                .formatted(hostname));
    assertThat(errors(spec))
        .singleElement()
        .asString()
        .startsWith("spec.bridgeheads[0].hostname: Invalid value: ")
        .contains("must be a fully qualified domain name");
  }

  @ParameterizedTest
  @CsvSource({
    "'{port: 8080}', spec.bridgeheads[0].virtualServer.port: Invalid value: 8080",
    "'{tls: {secretRef: {name: t}, implicitPort: 8080}}', spec.bridgeheads[0].virtualServer.tls.implicitPort: Invalid value: 8080: must not be the management port",
    "'{tls: {secretRef: {name: t}, implicitPort: 25}}', spec.bridgeheads[0].virtualServer.tls.implicitPort: Invalid value: 25: must not be the port of the same virtual server",
    "'{port: 2525, tls: {secretRef: {name: t}, implicitPort: 2525}}', spec.bridgeheads[0].virtualServer.tls.implicitPort: Invalid value: 2525: must not be the port",
    "'{maxMessageSize: 63Ki}', spec.bridgeheads[0].virtualServer.maxMessageSize: Invalid value: \"63Ki\"",
    "'{maxMessageSize: 65535}', spec.bridgeheads[0].virtualServer.maxMessageSize",
    "'{maxMessageSize: 1025Mi}', spec.bridgeheads[0].virtualServer.maxMessageSize",
    "'{maxMessageSize: -1}', spec.bridgeheads[0].virtualServer.maxMessageSize",
    "'{maxMessageSize: 1e999999999}', spec.bridgeheads[0].virtualServer.maxMessageSize",
  })
  void rule7RefusesPortsAndSizesThatCanNotBe(String virtualServer, String error) {
    assertThat(errors(withVirtualServer(virtualServer)))
        .singleElement()
        .asString()
        .startsWith(error);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{port: 25}",
        "{port: 2525, outboundPort: 8080}",
        "{maxMessageSize: 64Ki}",
        "{tls: {secretRef: {name: t}}}",
        "{tls: {secretRef: {name: t}, implicitPort: 465}}",
        "{port: 2525, tls: {secretRef: {name: t}, required: true, implicitPort: 25}}",
        "{maxMessageSize: 1Gi}",
        "{maxMessageSize: 26214400}",
        "{maxMessageSize: 50M}"
      })
  void rule7AcceptsPortsAndSizesWithinBounds(String virtualServer) {
    assertThat(errors(withVirtualServer(virtualServer))).isEmpty();
  }

  private static SmtpConnectorSpec withVirtualServer(String virtualServer) {
    return spec(
        """
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: %s}]
        """
            .formatted(virtualServer));
  }

  @ParameterizedTest
  @CsvSource({
    "'delivery: {retryIntervals: [1m, 25h]}', spec.delivery.retryIntervals[1]",
    "'delivery: {retryIntervals: [1w]}', spec.delivery.retryIntervals[0]",
    "'delivery: {expireAfter: 31d}', spec.delivery.expireAfter",
    "'delivery: {expireAfter: 999999999d}', spec.delivery.expireAfter",
    "'deletion: {timeout: 8d}', spec.deletion.timeout",
    "'storage: {size: 15Mi}', spec.storage.size",
    "'storage: {size: -2Gi}', spec.storage.size",
  })
  void rule7RefusesDurationsAndSizesOutOfBounds(String field, String path) {
    assertThat(errors(dns(field))).singleElement().asString().startsWith(path + ": Invalid value:");
  }

  @Test
  void rule7AcceptsDurationsAndSizesWithinBounds() {
    assertThat(
            errors(
                dns(
                    "delivery: {retryIntervals: [1s, 24h], expireAfter: 30d}",
                    "deletion: {timeout: 7d}",
                    "storage: {size: 16Mi}")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"postmaster", "postmaster@localhost", "'<postmaster@example.com>'"})
  void rule7WantsAMailAddressAsPostmaster(String postmaster) {
    var spec =
        spec(
            """
            routing: {mode: DNS}
            bridgeheads: [{name: edge, hostname: mail.example.com}]
            postmaster: %s
            """
                .formatted(postmaster));
    assertThat(errors(spec))
        .singleElement()
        .asString()
        .startsWith("spec.postmaster: Invalid value: ")
        .contains("must be a mail address");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "mode: Opportunistic, ", "mode: Required, ", "mode: Verified, "})
  void rule9TakesAClientCertificateWhereThereMayBeTls(String mode) {
    var spec =
        spec(
            """
            routing: {mode: DNS}
            bridgeheads: [{name: edge, hostname: mail.example.com}]
            outbound: {tls: {%sclientCertificateRef: {name: client}}}
            """
                .formatted(mode));
    assertThat(judge(spec).accepted()).isTrue();
  }

  @Test
  void rule11WarnsButAccepts() {
    var spec =
        spec(
            """
            routing: {mode: DNS}
            bridgeheads:
            - {name: a, hostname: a.example.com}
            - {name: b, hostname: b.example.com, replicas: 1}
            - {name: c, hostname: c.example.com, replicas: 2}
            outbound: {tls: {mode: None}}
            """);
    assertThat(judge(spec).accepted()).isTrue();
    assertThat(judge(spec).warnings().stream().map(FieldWarning::field))
        .containsExactly(
            "spec.bridgeheads[0].replicas",
            "spec.bridgeheads[1].replicas",
            "spec.outbound.tls.mode",
            "spec.access",
            "spec.postmaster");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, open relay",
    "::/0, open relay",
    "::ffff:0:0/96, open relay",
    "10.0.0.1/8, host bits",
    "2001:db8::1/32, host bits",
    "10.0.0/8, CIDR form",
    "example.com, CIDR form",
    "'[10.0.0.1]', CIDR form",
  })
  void rule12RefusesRangesThatAreEverybodyOrUnclear(String range, String fault) {
    var spec =
        spec(
            """
            routing: {mode: DNS}
            bridgeheads: [{name: edge, hostname: mail.example.com}]
            access: {allowedClients: [10.0.0.0/8, '%s']}
            """
                .formatted(range));
    assertThat(errors(spec))
        .singleElement()
        .asString()
        .startsWith("spec.access.allowedClients[1]: Invalid value: \"" + range)
        .contains(fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LoadBalancer", "NodePort"})
  void rule12RefusesHiddenClientAddressesFromOutside(String type) {
    assertThat(errors(dns("service: {type: %s, externalTrafficPolicy: Cluster}".formatted(type))))
        .singleElement()
        .asString()
        .startsWith("spec.service.externalTrafficPolicy: Invalid value: \"Cluster\": ");
    assertThat(errors(dns("service: {type: %s}".formatted(type)))).isEmpty();
    assertThat(errors(dns("service: {type: %s, externalTrafficPolicy: Local}".formatted(type))))
        .isEmpty();
  }

  @Test
  void rule12AllowsThemWhereNobodyRelaysByAddress() {
    var spec =
        spec(
            """
            routing: {mode: DNS}
            bridgeheads: [{name: edge, hostname: mail.example.com}]
            service: {type: LoadBalancer, externalTrafficPolicy: Cluster}
            """);
    assertThat(errors(spec)).isEmpty();
    assertThat(warnings(spec)).anyMatch(w -> w.startsWith("spec.access: "));
  }

  @Test
  void namesEveryFaultAtOnce() {
    var spec =
        spec(
            """
            routing: {mode: SmartHost, smartHosts: [{host: Server Name}, {host: 192.0.2.1}]}
            addressSpaces: [{domain: '*x'}]
            bridgeheads: [{name: edge, hostname: mail}]
            access: {allowedClients: [0.0.0.0/0]}
            postmaster: nobody
            """);
    assertThat(judge(spec).errors().stream().map(FieldError::field))
        .containsExactly(
            "spec.routing.smartHosts[0].host",
            "spec.routing.smartHosts[1].host",
            "spec.addressSpaces[0].domain",
            "spec.bridgeheads[0].hostname",
            "spec.access.allowedClients[0]",
            "spec.postmaster");
  }

  @Test
  void judgesHolesWithoutComplaint() {
    assertThat(ConnectorRules.judge(null, null, FACTS).errors()).isEmpty();
    for (String holes :
        Arrays.asList(
            "{}",
            "{routing: {smartHosts: [null, {}]}, bridgeheads: [null, {}], addressSpaces: [null, {}]}",
            "{access: {allowedClients: [null]}, delivery: {retryIntervals: [null]}, outbound: {tls: {}}}",
            "{routing: {mode: SmartHost}, storage: {}, service: {}, deletion: {}}")) {
      assertThat(judge(spec(holes))).isNotNull();
    }
  }

  /** The escape of the line break is as long as what the cut takes away. */
  @Test
  void quotesAKeyThatBreaksTheLineHoweverLongItIs() {
    for (int length : new int[] {1, 128, 129, 130, 4096}) {
      String key = "\n" + "b".repeat(length);
      var pod =
          new PodSettings(
              null,
              null,
              new PodResources(null, Map.of(key, new Quantity("much", ""))),
              null,
              null,
              null,
              null,
              null,
              null);
      var spec =
          new SmtpConnectorSpec(
              new Routing(RoutingMode.DNS, List.of(), null),
              null,
              List.of(new BridgeheadEntry("a", "0.0.0.0", null, null, null)),
              null,
              null,
              null,
              null,
              null,
              null,
              pod,
              null);
      assertThat(ConnectorRules.judge("to-b", spec, FACTS).errors())
          .anySatisfy(error -> assertThat(error.field()).startsWith("spec.pod.resources."))
          .allSatisfy(error -> assertThat(error.field()).doesNotContain("\n"));
    }
  }

  @Test
  void takesNoQuadraticTimeForHugeValues() {
    String huge = "a".repeat(1 << 20);
    Assertions.assertTimeout(
        Duration.ofMinutes(2), // whatever else runs: a quadratic step would take hours
        () -> {
          for (String value :
              new String[] {huge, "[" + huge + "]", huge + ":25", "[" + huge, huge + "@" + huge}) {
            var spec =
                new SmtpConnectorSpec(
                    new Routing(
                        RoutingMode.SMART_HOST,
                        List.of(new SmartHost(value, null, null, value, null)),
                        null),
                    List.of(new AddressSpace(value)),
                    List.of(new BridgeheadEntry(value, value, null, null, null)),
                    null,
                    new Access(List.of(value), null, null, null, null),
                    value,
                    new Delivery(List.of(value), value, value, null, null),
                    null,
                    null,
                    new PodSettings(
                        Map.of(value, value),
                        Map.of(value, value),
                        new PodResources(
                            Map.of(value, new Quantity(value, "")),
                            Map.of("memory", new Quantity(value, ""))),
                        Map.of(value, value),
                        null,
                        null,
                        null,
                        value,
                        null),
                    new ClientService(
                        null, null, null, null, null, new ProxyProtocol(List.of(value))));
            var verdict = ConnectorRules.judge(value, spec, FACTS);
            assertThat(verdict.errors()).hasSizeGreaterThan(4);
            assertThat(verdict.errors())
                .allSatisfy(e -> assertThat(e.message()).hasSizeLessThan(1000));
          }
        });
  }
}
