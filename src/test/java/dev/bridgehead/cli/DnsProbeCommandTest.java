package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.dns.ScriptedServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DnsProbeCommandTest {
  private final Path folder;
  private ScriptedServer server;

  DnsProbeCommandTest(@TempDir Path folder) {
    this.folder = folder;
  }

  record Result(int exitCode, List<String> out, List<String> err) {}

  @BeforeEach
  void start() throws IOException {
    server =
        ScriptedServer.answering(
            "example.com. 60 MX 10 mx1.example.com.",
            "example.com. 60 MX 20 mx2.example.com.",
            "example.com. 60 MX 30 192.0.2.9.",
            "mx1.example.com. 60 A 192.0.2.1",
            "mx2.example.com. 60 A 10.0.0.2",
            "mx2.example.com. 60 A 169.254.169.254",
            "nomail.example.com. 60 MX 0 .",
            "smtp.example.net. 60 A 192.0.2.7");
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private Result probe(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] all = new String[arguments.length + 5];
    List<String> fixed =
        List.of("dns", "probe", "--dnssec=off", "--dns-server", "127.0.0.1:" + port());
    for (int i = 0; i < 5; i++) {
      all[i] = fixed.get(i);
    }
    System.arraycopy(arguments, 0, all, 5, arguments.length);
    int exitCode =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(all);
    return new Result(exitCode, out.toString().lines().toList(), err.toString().lines().toList());
  }

  private int port() {
    return server.address().getPort();
  }

  private String connector(String routing) throws IOException {
    return Files.writeString(
            folder.resolve("connector.yaml"),
            """
            apiVersion: bridgehead.dev/v1
            kind: SmtpConnector
            metadata: {name: internet, namespace: mail}
            spec:
              routing: %s
              addressSpaces: [{domain: example.com}]
              bridgeheads: [{name: edge, hostname: mail.example.org, virtualServer: {outboundPort: 2525}}]
              outbound: {addressFamily: IPv4}
              access: {allowedClients: [10.0.0.0/8]}
              postmaster: postmaster@example.com
            """
                .formatted(routing))
        .toString();
  }

  @Test
  void printsTheRouteWithWhatIsNotConnectedAndWhy() {
    assertThat(probe("Example.COM."))
        .isEqualTo(
            new Result(
                0,
                List.of(
                    "example.com: 3 MX records, DNSSEC indeterminate: DNSSEC is switched off",
                    "  MTA-STS: no policy: there is no TXT record",
                    "  10 mx1.example.com: addresses DNSSEC indeterminate: DNSSEC is switched off",
                    "    192.0.2.1 port 25",
                    "    TLS: where it is offered, certificate not checked: mode Opportunistic;"
                        + " DNSSEC is switched off",
                    "  20 mx2.example.com: addresses DNSSEC indeterminate: DNSSEC is switched off",
                    "    not connected: mx2.example.com has no address that may be connected:"
                        + " 10.0.0.2 is a private address, which"
                        + " spec.routing.allowPrivateAddresses does not allow, 169.254.169.254 is a"
                        + " link-local address",
                    "  30 192.0.2.9",
                    "    not connected: 192.0.2.9 stands where a host's name belongs (RFC 5321"
                        + " section 5.1), and is none"),
                List.of()));
  }

  @Test
  void routesByTheConnectorThatItIsGiven() throws IOException {
    Result result =
        probe("example.com", "-f", connector("{mode: DNS, allowPrivateAddresses: true}"));

    assertThat(result.out()).contains("    10.0.0.2 port 2525");
    assertThat(probe("example.org", "-f", connector("{mode: DNS}")).out().get(1))
        .contains("not among the connector's address spaces");
  }

  @Test
  void printsSmartHosts() throws IOException {
    Result result =
        probe(
            "example.com",
            "-f",
            connector("{mode: SmartHost, smartHosts: [{host: smtp.example.net, port: 587}]}"));

    assertThat(result.exitCode()).isZero();
    assertThat(result.out()).contains("    192.0.2.7 port 587");
  }

  @Test
  void printsWhyThereIsNoRoute() {
    Result result = probe("nomail.example.com");

    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out())
        .last()
        .isEqualTo(
            "no route: refused: 5.1.10 the domain nomail.example.com takes no mail (RFC 7505)");
  }

  @Test
  void printsJson() throws IOException {
    Result result = probe("example.com", "-o", "json");
    JsonNode json = new ObjectMapper().readTree(String.join("\n", result.out()));

    assertThat(result.exitCode()).isZero();
    assertThat(json.path("route").asText()).isEqualTo("found");
    assertThat(json.at("/exchangers/dnssec").asText()).isEqualTo("indeterminate");
    assertThat(json.at("/hosts/0/addresses/0").asText()).isEqualTo("192.0.2.1");
    assertThat(json.at("/hosts/0/tls/demand").asText()).isEqualTo("opportunistic");
    assertThat(json.at("/hosts/0/tls/policy").asText()).isEqualTo("opportunistic");
    assertThat(json.at("/hosts/1/notConnected/0").asText()).contains("private address");
    assertThat(json.at("/hosts/1/tls").isMissingNode()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "Server Name, must be a fully qualified domain name",
    "a@example.com, must be a fully qualified domain name",
    "[300.1.1.1], must hold an IPv4 address",
  })
  void refusesWhatIsNoDomain(String domain, String message) {
    Result result = probe(domain);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).singleElement().asString().contains(domain, message);
  }

  @ParameterizedTest
  @CsvSource({
    "--dns-server=localhost, must be an IP address",
    "--dns-server=192.0.2.1:0, the port must be from 1 to 65535",
    "--trust-anchors=/nowhere, only for --dnssec validate",
  })
  void refusesOptionsThatMakeNoSense(String option, String message) {
    Result result = probe("example.com", option);

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.err()).singleElement().asString().contains(message);
  }

  @Test
  void refusesTrustAnchorsThatAreNone() throws IOException {
    Path file = Files.writeString(folder.resolve("anchors"), ". 1 IN A 192.0.2.1\n");
    StringWriter err = new StringWriter();

    int exitCode =
        Main.commandLine()
            .setErr(new PrintWriter(err))
            .execute(
                "dns",
                "probe",
                "example.com",
                "--dnssec=validate",
                "--trust-anchors",
                file.toString());

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("holds no DS or DNSKEY record");
  }
}
