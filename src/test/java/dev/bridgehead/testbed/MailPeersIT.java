package dev.bridgehead.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

@Tag("tier3")
class MailPeersIT {
  @Test
  void smtpSinkKeepsWhatSmtpSourceSends() {
    try (var sink = SmtpSink.start()) {
      MailPeers.smtpSource("127.0.0.1:" + sink.port(), "-m", "5", "-f", "a@example.test").run();

      assertThat(sink.messages()).hasSize(5).allMatch(m -> m.contains("a@example.test"));
    }
  }

  @Test
  void postfixDeliversToItsMaildir() {
    try (var postfix = PostfixServer.setup().start()) {
      MailPeers.smtpSource("127.0.0.1:" + postfix.port(), "-t", "b@example.test").run();

      assertThat(postfix.awaitMessage(m -> true)).contains("X-Original-To: b@example.test");
    }
  }

  @Test
  void postfixAnswersARecipientAsTold() {
    try (var postfix =
        PostfixServer.setup().reply("gone@example.test", "550 5.1.1 No such user").start()) {
      var sent =
          MailPeers.smtpSource("127.0.0.1:" + postfix.port(), "-t", "gone@example.test").attempt();

      assertThat(sent.err()).contains("550 5.1.1").contains("No such user");
      assertThat(postfix.messages()).isEmpty();
    }
  }

  @Test
  void postfixAuthenticatesOverVerifiedTls(@TempDir Path folder) {
    var ca = TestCa.in(folder, "test-ca");
    try (var postfix =
        PostfixServer.setup()
            .hostname("relay.example.test")
            .tlsOnly(ca.issue("relay.example.test"))
            .user("relay", "secret")
            .start()) {
      // AHJlbGF5AHNlY3JldA== is PLAIN for relay and secret.
      String dialogue =
          "EHLO client.example.test\nAUTH PLAIN AHJlbGF5AHNlY3JldA==\n"
              + "MAIL FROM:<a@example.test>\nRCPT TO:<b@example.test>\nQUIT\n";
      var session =
          Command.of("openssl", "s_client", "-quiet", "-ign_eof", "-starttls", "smtp", "-crlf")
              .with("-verify_return_error", "-verify_hostname", "relay.example.test")
              .with("-CAfile", ca.certificate().toString())
              .with("-connect", "127.0.0.1:" + postfix.port())
              .withInput(dialogue)
              .attempt();

      assertThat(session.out()).contains("235 2.7.0").contains("250 2.1.5").contains("221 2.0.0");
    }
  }

  @Test
  void eximDeliversToItsMaildir(@TempDir Path folder) {
    try (var exim = OtherMailServer.exim(TestCa.in(folder, "ca").issue("exim.example.test"))) {
      MailPeers.smtpSource("127.0.0.1:" + exim.port(), "-t", "b@example.test").run();

      assertThat(exim.awaitMessage(m -> true)).contains("Envelope-to: b@example.test");
    }
  }

  @Test
  void openSmtpdDeliversToItsMaildir(@TempDir Path folder) {
    try (var smtpd =
        OtherMailServer.openSmtpd(TestCa.in(folder, "ca").issue("opensmtpd.example.test"))) {
      MailPeers.smtpSource("127.0.0.1:" + smtpd.port(), "-t", "b@example.test").run();

      assertThat(smtpd.awaitMessage(m -> true)).contains("Delivered-To: b@example.test");
    }
  }

  @Test
  void dnsServesItsZonesAndNothingElse() throws IOException {
    try (var dns =
        DnsServer.start(Map.of("example.test", "@ IN MX 10 mx1\nmx1 IN A 127.0.0.1"))
            .failing("broken.test")) {
      var resolver = new SimpleResolver(dns.address());

      Message mx = resolver.send(query("example.test.", Type.MX));
      assertThat(mx.getSection(Section.ANSWER)).singleElement().asString().contains("10 mx1");
      assertThat(resolver.send(query("elsewhere.test.", Type.A)).getRcode())
          .isEqualTo(Rcode.NXDOMAIN);
      assertThat(resolver.send(query("mx.broken.test.", Type.A)).getRcode())
          .isEqualTo(Rcode.SERVFAIL);

      dns.with("example.test", "@ IN MX 0 .");

      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  resolver
                      .send(query("example.test.", Type.MX))
                      .getSection(Section.ANSWER)
                      .toString()
                      .contains("0 ."));
    }
  }

  private static Message query(String name, int type) throws IOException {
    return Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
  }
}
