package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.MailPeers;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with clients that others wrote: OpenSSL, Python, Postfix. */
@Tag("tier3")
class SmtpTlsPeersIT {
  private static final SelfSigned SERVER = SelfSigned.of("localhost");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private static void require(String program) {
    if (Command.of("sh", "-c", "command -v " + program).attempt().status() != 0) {
      throw Tier.skip("there is no " + program);
    }
  }

  private static ServerUnderTest server() throws IOException {
    return ServerUnderTest.start(TlsClients.config(SERVER));
  }

  private String trusted(SelfSigned server) throws IOException {
    return Files.writeString(folder.resolve("ca.pem"), server.certificatePem()).toString();
  }

  private static Command openssl(int port, boolean implicit, String... options) {
    Command command =
        Command.of("openssl", "s_client", "-connect", "localhost:" + port, "-crlf", "-ign_eof")
            .with(options);
    return implicit ? command : command.with("-starttls", "smtp");
  }

  @ParameterizedTest
  @CsvSource({"-tls1_2,false", "-tls1_3,false", "-tls1_2,true", "-tls1_3,true"})
  void openSslTrustsTheCertificateAndIsServed(String version, boolean implicit) throws IOException {
    require("openssl");
    try (ServerUnderTest server = server()) {
      int port = implicit ? server.server().implicitTlsPort() : server.port();
      Command.Result result =
          openssl(port, implicit, version, "-verify_return_error", "-servername", "any.example")
              .with("-CAfile", trusted(SERVER), "-verify_hostname", "localhost")
              .withInput(
                  "EHLO client.example\nMAIL FROM:<a@client.example>\nRCPT TO:<b@example.org>\n"
                      + "DATA\nSubject: x\n\nhello\n.\nQUIT\n")
              .attempt();
      assertThat(result.out())
          .contains("Verification: OK", "250 2.0.0 queued as", "221 2.0.0 bye")
          .contains("Secure Renegotiation IS" + (version.equals("-tls1_2") ? "" : " NOT"));
      assertThat(server.spool.only().text()).contains(" with ESMTPS id ");
    }
  }

  /** Case 9: a weak protocol or cipher is no TLS. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-tls1",
        "-tls1_1",
        "-tls1_2 -cipher AES128-GCM-SHA256", // no forward secrecy
        "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA", // no authenticated encryption
        "-tls1_2 -cipher NULL",
        "-tls1_2 -cipher aNULL",
      })
  void openSslIsRefusedWhatIsWeak(String options) throws IOException {
    require("openssl");
    try (ServerUnderTest server = server()) {
      Command.Result result =
          openssl(server.server().implicitTlsPort(), true, options.split(" "))
              .with("-cipher", options.contains("-cipher") ? options.split(" ")[2] : "ALL")
              .withInput("QUIT\n")
              .attempt();
      assertThat(result.status()).isNotZero();
      assertThat(result.out()).doesNotContain("220 ");
      assertThat(
              server
                  .metrics
                  .get("bridgehead.smtp.tls.handshakes")
                  .tag("result", "done")
                  .counter()
                  .count())
          .isZero();
    }
  }

  /** The line R makes s_client renegotiate. */
  @Test
  void openSslMayNotRenegotiate() throws IOException {
    require("openssl");
    try (ServerUnderTest server = server()) {
      Command.Result result =
          Command.of("openssl", "s_client", "-connect", "localhost:" + server.port())
              .with("-starttls", "smtp", "-crlf", "-tls1_2")
              .withInput("R\n")
              .within(Duration.ofSeconds(60))
              .attempt();
      assertThat(result.out() + result.err()).contains("RENEGOTIATING");
      assertThat(server.refused(Refusal.TLS_FAULT)).isEqualTo(1);
    }
  }

  @Test
  void openSslResumesItsSession() throws IOException {
    require("openssl");
    try (ServerUnderTest server = server()) {
      String session = folder.resolve("session").toString();
      String input = "EHLO client.example\nQUIT\n";
      openssl(server.port(), false, "-sess_out", session).withInput(input).attempt();
      assertThat(
              openssl(server.port(), false, "-sess_in", session).withInput(input).attempt().out())
          .contains("Reused, TLSv1.3")
          .contains("221 2.0.0");
    }
  }

  private static final String PYTHON =
      """
      import smtplib, ssl, sys
      context = ssl.create_default_context(cafile=sys.argv[3])
      body = 'Subject: big\\r\\n\\r\\n' + ('x' * 70 + '\\r\\n') * 1200
      with smtplib.SMTP('localhost', int(sys.argv[1])) as s:
          s.starttls(context=context)
          print(s.sock.version())
          for i in range(20):
              s.sendmail('a@client.example', ['b@example.org'], body)
      with smtplib.SMTP_SSL('localhost', int(sys.argv[2]), context=context) as s:
          s.sendmail('a@client.example', ['c@example.org'], 'Subject: small\\r\\n\\r\\nx')
      """;

  @Test
  void pythonSendsByBothWays() throws IOException {
    require("python3");
    try (ServerUnderTest server = server()) {
      assertThat(
              Command.of("python3", "-c", PYTHON, "" + server.port())
                  .with("" + server.server().implicitTlsPort(), trusted(SERVER))
                  .run())
          .isEqualTo("TLSv1.3");
      assertThat(server.handedOver).hasSize(21);
      assertThat(server.spool.kept.getFirst().text())
          .contains("(using TLSv1.3 with cipher ")
          .endsWith(("x".repeat(70) + "\r\n").repeat(1200));
    }
  }

  /** Postfix's own TLS client, which reports what it would do with mail. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void postfixTrustsTheConnection(String version) throws IOException {
    Files.createFile(folder.resolve("main.cf"));
    try (ServerUnderTest server = server()) {
      String report =
          MailPeers.program("usr/sbin/posttls-finger")
              .with("-t", "30", "-l", "secure", "-P", "/nonexistent", "-F", trusted(SERVER))
              .with("-p", version, "-o", "inet_protocols=ipv4", "-L", "summary")
              .with("[127.0.0.1]:" + server.port(), "localhost")
              .withVariable("MAIL_CONFIG", folder.toString())
              .run();
      assertThat(report).contains("Verified TLS connection established").contains(version);
    }
  }
}
