package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.testbed.SignedZone;
import dev.bridgehead.testbed.Unbound;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code dns probe} says of TLS, of zones that are signed. */
@Tag("tier3")
class DnsProbeIT {
  private static final String DIGEST = "ab".repeat(32);

  private static Unbound server;
  private static Path anchors;
  private static int exitCode;

  @BeforeAll
  static void start(@TempDir Path folder) throws IOException {
    String hosts =
        """
        @ IN MX 10 mx
        @ IN MX 20 old
        @ IN MX 30 plain
        mx IN A 192.0.2.9
        _25._tcp.mx IN TLSA 3 1 1 %s
        old IN A 192.0.2.10
        _25._tcp.old IN TLSA 1 1 1 %s
        plain IN A 192.0.2.11
        """
            .formatted(DIGEST, DIGEST);
    SignedZone signed = SignedZone.nsec("signed.test", hosts);
    SignedZone bogus =
        SignedZone.nsec(
                "bogus.test",
                "@ IN MX 10 mx\nmx IN A 192.0.2.9\n_25._tcp.mx IN TLSA 3 1 1 %s\n"
                    .formatted(DIGEST))
            .tampered(line -> line.contains("\tTLSA\t") ? line.replace("3 1 1", "3 1 2") : line);
    SignedZone top = SignedZone.nsec("test", SignedZone.delegations(signed, bogus));
    anchors = Files.writeString(folder.resolve("anchors"), top.ds() + "\n");
    server = Unbound.plain(top, signed, bogus);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<String> probe(String... arguments) {
    StringWriter out = new StringWriter();
    String address = "127.0.0.1:" + server.address().getPort();
    List<String> words =
        new ArrayList<>(List.of("dns", "probe", "--dnssec=validate", "--dns-server", address));
    words.addAll(List.of("--trust-anchors", anchors.toString()));
    words.addAll(List.of(arguments));
    exitCode =
        Main.commandLine().setOut(new PrintWriter(out)).execute(words.toArray(String[]::new));
    return out.toString().lines().toList();
  }

  @Test
  void printsWhatIsDemandedOfEachHostAndWhy() {
    assertThat(probe("signed.test"))
        .containsExactly(
            "signed.test: 3 MX records, secure (DNSSEC)",
            "  MTA-STS: no policy: there is no TXT record",
            "  10 mx.signed.test: addresses secure (DNSSEC)",
            "    192.0.2.9 port 25",
            "    TLS: required, proven by DANE: 1 TLSA record at mx.signed.test",
            "      TLSA 3 1 1 " + DIGEST,
            "  20 old.signed.test: addresses secure (DNSSEC)",
            "    192.0.2.10 port 25",
            "    TLS: required, certificate not checked: no usable TLSA record at"
                + " _25._tcp.old.signed.test (usage 1 means nothing to SMTP)",
            "  30 plain.signed.test: addresses secure (DNSSEC)",
            "    192.0.2.11 port 25",
            "    TLS: where it is offered, certificate not checked: mode Opportunistic; no TLSA"
                + " record at _25._tcp.plain.signed.test");
    assertThat(exitCode).isZero();
  }

  @Test
  void saysWhereNoHostMayBeConnected() throws IOException {
    List<String> lines = probe("bogus.test");

    assertThat(exitCode).isEqualTo(1);
    assertThat(lines.get(4)).startsWith("    TLS: not connected: TLSA records can't be told: ");
    assertThat(lines).last().isEqualTo("no route: unresolved: 4.7.5 no host may be connected");

    JsonNode json =
        new ObjectMapper().readTree(String.join("\n", probe("bogus.test", "-o", "json")));
    assertThat(json.path("route").asText()).isEqualTo("unresolved");
    assertThat(json.path("status").asText()).isEqualTo("4.7.5");
    assertThat(json.at("/hosts/0/tls/demand").asText()).isEqualTo("forbidden");
    assertThat(json.at("/hosts/0/tls/policy").asText()).isEqualTo("dane");
  }
}
