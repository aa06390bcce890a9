package dev.bridgehead.validation;

import static dev.bridgehead.validation.Connectors.dns;
import static dev.bridgehead.validation.Connectors.errors;
import static dev.bridgehead.validation.Connectors.smartHosts;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingRulesTest {
  @Test
  void rule1WantsASmartHostInSmartHostMode() {
    assertThat(errors(smartHosts("[]")))
        .containsExactly(
            "spec.routing.smartHosts: Required value: mode SmartHost needs at least one smart host"
                + " to forward to");
  }

  @Test
  void rule1AllowsNoSmartHostInDnsMode() {
    assertThat(errors(dns())).isEmpty();
    var spec =
        Connectors.spec(
            """
            routing: {mode: DNS, smartHosts: [{host: smtp.example.net}]}
            bridgeheads: [{name: edge, hostname: mail.example.com}]
            """);
    assertThat(errors(spec))
        .singleElement()
        .asString()
        .startsWith("spec.routing.smartHosts: Forbidden: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{host: smtp.example.net}, {host: SMTP.Example.net.}",
        "{host: smtp.example.net}, {host: smtp.example.net, port: 25}",
        "{host: smtp.example.net, port: 587}, {host: smtp.example.net, port: 587, implicitTls: true}",
        "{host: bücher.example}, {host: xn--bcher-kva.example}",
        "{host: '[192.0.2.1]', port: 587}, {host: '[::ffff:192.0.2.1]', port: 587}",
        "{host: '[2001:db8::1]', port: 587}, {host: '[IPv6:2001:DB8:0::1]', port: 587}",
      })
  void rule6RefusesASmartHostTwice(String hosts) {
    assertThat(errors(smartHosts("[" + hosts + "]")))
        .singleElement()
        .asString()
        .startsWith("spec.routing.smartHosts[1]: Duplicate value: \"")
        .endsWith("the same host and port as smartHosts[0]");
  }

  @Test
  void rule6FillsInTheDefaultPortOfEveryBridgehead() {
    var spec =
        Connectors.spec(
            """
            routing:
              mode: SmartHost
              smartHosts: [{host: smtp.example.net}, {host: smtp.example.net, port: 2525}]
            bridgeheads:
            - {name: a, hostname: a.example.com}
            - {name: b, hostname: b.example.com, virtualServer: {outboundPort: 2525}}
            """);
    assertThat(errors(spec))
        .containsExactly(
            "spec.routing.smartHosts[1]: Duplicate value: \"smtp.example.net:2525\": the same host"
                + " and port as smartHosts[0]");
  }

  @Test
  void rule6AllowsTheSameHostOnAnotherPort() {
    assertThat(
            errors(smartHosts("[{host: smtp.example.net}, {host: smtp.example.net, port: 587}]")))
        .isEmpty();
  }

  @Test
  void rule8AcceptsTheThreeForms() {
    assertThat(
            errors(
                dns(
                    "addressSpaces: [{domain: '*'}, {domain: example.com}, {domain: '*.example.com'}]")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*name", "a.*.b", "*.", "foo..bar", "user@example.com", "* "})
  void rule8RefusesOtherPatterns(String domain) {
    assertThat(errors(dns("addressSpaces: [{domain: '%s'}]".formatted(domain))))
        .singleElement()
        .asString()
        .startsWith("spec.addressSpaces[0].domain: Invalid value: \"" + domain + "\": must be *");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{domain: example.com}, {domain: Example.COM.}",
        "{domain: '*.bücher.example'}, {domain: '*.xn--bcher-kva.example'}",
      })
  void rule8RefusesAnAddressSpaceTwice(String spaces) {
    assertThat(errors(dns("addressSpaces: [" + spaces + "]")))
        .singleElement()
        .asString()
        .startsWith("spec.addressSpaces[1]: Duplicate value: ")
        .endsWith("the same as addressSpaces[0]");
  }
}
