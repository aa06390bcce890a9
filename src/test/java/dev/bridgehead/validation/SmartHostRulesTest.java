package dev.bridgehead.validation;

import static dev.bridgehead.validation.Connectors.errors;
import static dev.bridgehead.validation.Connectors.smartHosts;
import static dev.bridgehead.validation.Connectors.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmartHostRulesTest {
  private static final String HOST = "spec.routing.smartHosts[0].host";

  private static SmtpConnectorSpec host(String host) {
    return smartHosts("[{host: '%s', port: 587}]".formatted(host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smtp.example.net",
        "SMTP.Example.NET.",
        "bücher.example",
        "[192.0.2.25]",
        "[2001:db8::25]",
        "[IPv6:2001:db8::25]",
        "[ipv6:2001:db8::25]",
        "[::ffff:192.0.2.25]",
        "[10.1.2.3]"
      })
  void rule2And4AcceptNamesAndBracketedAddresses(String host) {
    assertThat(errors(host(host))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.25", "2001:db8::25", "::1", "::ffff:192.0.2.1"})
  void rule2AdvisesBracketsForABareAddress(String host) {
    assertThat(errors(host(host)))
        .containsExactly(
            HOST
                + ": Invalid value: \"%s\": an IP address must be in square brackets: \"[%s]\""
                    .formatted(host, host));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[127.1]",
        "[0x7f.0.0.1]",
        "[010.0.0.1]",
        "[fe80::1%eth0]",
        "[192.0.2.1]:25",
        "[192.0.2.1",
        "[IPv6:192.0.2.1]",
        "[smtp.example.net]"
      })
  void rule2RefusesWhatIsNoAddressInBrackets(String host) {
    assertThat(errors(host(host))).singleElement().asString().startsWith(HOST + ": Invalid value:");
  }

  @ParameterizedTest
  @CsvSource({
    "[127.0.0.1], loopback",
    "[127.255.255.254], loopback",
    "[::1], loopback",
    "[::ffff:127.0.0.1], loopback",
    "[::ffff:7f00:1], loopback",
    "[0.0.0.0], unspecified",
    "[0.1.2.3], unspecified",
    "[::], unspecified",
    "[::ffff:0.0.0.0], unspecified",
    "[224.0.0.1], multicast",
    "[ff02::1], multicast",
    "[255.255.255.255], broadcast",
    "[169.254.169.254], link-local",
    "[fe80::1], link-local",
    "[::ffff:169.254.1.1], link-local",
  })
  void rule3RefusesAddressesThatAreThisServerOrNoServer(String host, String fault) {
    assertThat(errors(host(host)))
        .singleElement()
        .asString()
        .startsWith(HOST + ": Invalid value:")
        .contains(fault);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[10.96.0.7]", "[::ffff:10.96.0.7]", "[::ffff:a60:7]"})
  void rule3RefusesAddressesOfOwnServices(String host) {
    var facts =
        new Facts("mail", "cluster.local", List.of(IpAddress.parse("10.96.0.7").orElseThrow()));
    assertThat(ConnectorRules.judge("internet", host(host), facts).errors())
        .singleElement()
        .asString()
        .contains("own Services");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Server Name", "smtp", "foo..bar", "-a.example", "a.123", "a_b.example"})
  void rule4RefusesWhatIsNoFullyQualifiedName(String host) {
    assertThat(errors(host(host)))
        .singleElement()
        .asString()
        .startsWith(
            HOST
                + ": Invalid value: \""
                + host
                + "\": must be a fully qualified domain name, such as smtp.example.net");
  }

  @Test
  void rule4SaysWhereAPortBelongs() {
    assertThat(errors(host("smtp.example.net:587")))
        .singleElement()
        .asString()
        .endsWith("; the port belongs into the field port");
  }

  @Test
  void rule4ShowsInvisibleCharactersAndNoPasswords() {
    assertThat(errors(smartHosts("[{host: \"smtp\\u00a0.example.net\\x1b[31m\"}]")))
        .singleElement()
        .asString()
        .contains("\"smtp\\u00a0.example.net\\x1b[31m\"");
    assertThat(errors(host("smtp://user:hunter2@smtp.example.net")))
        .singleElement()
        .asString()
        .doesNotContain("hunter2")
        .contains("smtp://user:***@");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "smtp://me:p@hunter2@smtp.example.net",
        "smtp://me@example.com:p@hunter2@smtp.example.net",
        "me:hunter2@smtp.example.net",
        "me:pa/hunter2@smtp.example.net",
      })
  void showsNothingOfAPasswordThatHoldsAnAt(String host) {
    assertThat(errors(host(host)))
        .singleElement()
        .asString()
        .doesNotContain("hunter2")
        .doesNotContain("p@")
        .contains(":***@smtp.example.net");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mail.example.com",
        "MAIL.example.COM.",
        "ｍａｉｌ.example.com",
        "internet.mail.svc",
        "Internet.MAIL.svc.",
        "internet.mail.svc.cluster.local",
        "internet-edge.mail.svc",
        "internet-edge.mail.svc.cluster.local.",
        "internet-edge-pods.mail.svc.cluster.local",
        "internet-edge-0.internet-edge-pods.mail.svc.cluster.local",
        "internet-edge-0.internet-edge-pods.mail.svc",
      })
  void rule5RefusesEveryNameOfThisServer(String host) {
    assertThat(errors(host(host))).singleElement().asString().contains("mail would come back to");
  }

  @Test
  void rule5ComparesInternationalisedHostnames() {
    var spec =
        Connectors.spec(
            """
            routing: {mode: SmartHost, smartHosts: [{host: xn--bcher-kva.example}]}
            bridgeheads: [{name: edge, hostname: BÜCHER.example}]
            """);
    assertThat(errors(spec)).singleElement().asString().contains("own hostname");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "internet.other.svc",
        "internet.mail.svc.example.net",
        "internet2.mail.svc",
        "xinternet.mail.svc",
        "internet-edge2.mail.svc.cluster.local",
        "other.mail.svc.cluster.local",
        "smtp.mail.example.com",
      })
  void rule5LeavesOtherNamesAlone(String host) {
    assertThat(errors(host(host))).isEmpty();
  }

  @Test
  void rule5KnowsTheClustersOwnDomain() {
    var facts = Facts.offline("mail", "K8s.Example.org.");
    assertThat(
            ConnectorRules.judge("internet", host("internet.mail.svc.k8s.example.org"), facts)
                .errors())
        .hasSize(1);
    assertThat(
            ConnectorRules.judge("internet", host("internet.mail.svc.cluster.local"), facts)
                .errors())
        .isEmpty();
  }

  @Test
  void rule9AllowsCredentialsOnlyOverVerifiedTls() {
    String hosts = "[{host: smtp.example.net, port: 587, credentialsRef: {name: relay}}]";
    for (String mode : List.of("None", "Opportunistic", "Required")) {
      assertThat(errors(smartHosts(hosts, "outbound: {tls: {mode: " + mode + "}}")))
          .containsExactly(
              "spec.routing.smartHosts[0].credentialsRef: Forbidden: needs spec.outbound.tls.mode"
                  + " Verified: a password goes only to a host that proved its name");
    }
    assertThat(errors(smartHosts(hosts))).hasSize(1);
    assertThat(errors(smartHosts(hosts, "outbound: {tls: {mode: Verified}}"))).isEmpty();
  }

  @Test
  void rule9RefusesImplicitTlsWithoutTls() {
    String hosts = "[{host: smtp.example.net, port: 465, implicitTls: true}]";
    assertThat(errors(smartHosts(hosts, "outbound: {tls: {mode: None}}")))
        .singleElement()
        .asString()
        .startsWith("spec.routing.smartHosts[0].implicitTls: Invalid value: true: ");
    assertThat(errors(smartHosts(hosts))).isEmpty();
  }

  @Test
  void tlsNameIsAnFqdnAndNeedsTls() {
    String hosts = "[{host: \"[192.0.2.25]\", port: 587, tlsName: smtp.example.net}]";
    assertThat(errors(smartHosts(hosts))).isEmpty();
    assertThat(errors(smartHosts(hosts, "outbound: {tls: {mode: None}}")))
        .containsExactly(
            "spec.routing.smartHosts[0].tlsName: Forbidden: must not be set with"
                + " spec.outbound.tls.mode None, which never uses TLS");
    assertThat(errors(smartHosts(hosts.replace("smtp.example.net", "smtp"))))
        .singleElement()
        .asString()
        .startsWith("spec.routing.smartHosts[0].tlsName: Invalid value: \"smtp\": must be a fully");
  }

  @ParameterizedTest
  @CsvSource({
    "'{host: \"[8.8.8.8]\"}', 1",
    "'{host: \"[8.8.8.8]\", port: 25}', 1",
    "'{host: \"[2001:db8::1]\", port: 25}', 1",
    "'{host: \"[8.8.8.8]\", port: 587}', 0",
    "'{host: \"[10.1.2.3]\"}', 0",
    "'{host: \"[100.64.1.1]\"}', 0",
    "'{host: \"[::ffff:192.168.1.1]\"}', 0",
    "'{host: \"[fd00::1]\"}', 0",
    "'{host: smtp.example.net}', 0",
  })
  void rule11WarnsOfAPublicAddressOnPort25(String host, int expected) {
    assertThat(warnings(smartHosts("[" + host + "]"))).hasSize(expected);
  }
}
