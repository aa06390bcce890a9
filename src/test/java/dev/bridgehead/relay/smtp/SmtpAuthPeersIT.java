package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.auth.Scram;
import dev.bridgehead.relay.auth.TokenTrust;
import dev.bridgehead.relay.auth.Tokens;
import dev.bridgehead.relay.auth.Users;
import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.MailPeers;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.Tier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AUTH with clients that others wrote: Python, curl, GNU SASL. */
@Tag("tier3")
class SmtpAuthPeersIT {
  private static final SelfSigned SERVER = SelfSigned.of("localhost");
  private static final Tokens SIGNER = Tokens.rsa(2048);
  private static final Accounts ACCOUNTS =
      new Accounts(
          new Users(
              Map.of(
                  "shop@example.com", Scram.store("pencil", new byte[16], 4096),
                  "müller", Scram.store("pencil ü", new byte[16], 4096))),
          TokenTrust.of(
              "iss",
              "internet.mail.svc",
              Tokens.set(SIGNER.jwk()),
              Set.of("system:serviceaccount:shop:web")));

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private static void require(String program) {
    if (Command.of("sh", "-c", "command -v " + program).attempt().status() != 0) {
      throw Tier.skip("there is no " + program);
    }
  }

  private static ServerUnderTest server() throws IOException {
    return ServerUnderTest.start(SmtpAuthTest.config(SERVER, ACCOUNTS));
  }

  private String trusted() throws IOException {
    return Files.writeString(folder.resolve("ca.pem"), SERVER.certificatePem()).toString();
  }

  private static String token() {
    long now = ServerUnderTest.NOW.getEpochSecond();
    return SIGNER.token(
        """
        {"aud":["internet.mail.svc"],"exp":%d,"iat":%d,"iss":"iss","kubernetes.io":{"namespace":"shop",
         "serviceaccount":{"name":"web","uid":"3"}},"sub":"system:serviceaccount:shop:web"}"""
            .formatted(now + 3600, now));
  }

  private static final String PYTHON =
      """
      import smtplib, ssl, sys
      port, mechanism, user, password, ca = sys.argv[1:]
      with smtplib.SMTP('localhost', int(port)) as s:
          s.starttls(context=ssl.create_default_context(cafile=ca))
          s.ehlo()
          s.esmtp_features['auth'] = mechanism
          print(s.login(user, password))
          print(s.sendmail('a@client.example', ['b@example.org'], 'Subject: x\\r\\n\\r\\nhello'))
      """;

  @ParameterizedTest
  @CsvSource({"PLAIN,password", "LOGIN,password", "PLAIN,token", "LOGIN,token"})
  void pythonLogsIn(String mechanism, String kind) throws IOException {
    require("python3");
    boolean token = kind.equals("token");
    try (ServerUnderTest server = server()) {
      String out =
          Command.of("python3", "-c", PYTHON, Integer.toString(server.port()), mechanism)
              .with(token ? "web" : "shop@example.com", token ? token() : "pencil")
              .with(trusted())
              .attempt()
              .out();
      assertThat(out).contains("(235, ");
      assertThat(server.spool.only().text()).contains(" with ESMTPSA id ");
    }
  }

  @ParameterizedTest
  @CsvSource({"PLAIN,false", "LOGIN,false", "OAUTHBEARER,true", "XOAUTH2,true"})
  void curlLogsIn(String mechanism, boolean token) throws IOException {
    require("curl");
    try (ServerUnderTest server = server()) {
      Command curl =
          Command.of("curl", "-sS", "--ssl-reqd", "--cacert", trusted())
              .with("--login-options", "AUTH=" + mechanism)
              .with("--user", token ? "any:" : "müller:pencil ü")
              .with("--mail-from", "a@client.example", "--mail-rcpt", "b@example.org")
              .with("--upload-file", "-", "smtp://localhost:" + server.port() + "/client.example");
      Command.Result result =
          (token ? curl.with("--oauth2-bearer", token()) : curl)
              .withInput("Subject: x\r\n\r\nhello\r\n")
              .attempt();
      assertThat(result.status()).as(result.err()).isZero();
      assertThat(server.spool.only().text()).contains(" with ESMTPSA id ");
    }
  }

  @Test
  void curlIsRefusedWithAWrongPassword() throws IOException {
    require("curl");
    try (ServerUnderTest server = server()) {
      Command.Result result =
          Command.of("curl", "-sS", "--ssl-reqd", "--cacert", trusted())
              .with("--user", "shop@example.com:pen")
              .with("--mail-from", "a@client.example", "--mail-rcpt", "b@example.org")
              .with("--upload-file", "-", "smtp://localhost:" + server.port())
              .withInput("x")
              .attempt();
      assertThat(result.status()).isEqualTo(67); // CURLE_LOGIN_DENIED
      assertThat(server.handedOver).isEmpty();
    }
  }

  /** Left to itself it binds to the channel, and gives up where there is no -PLUS. */
  @ParameterizedTest
  @CsvSource({"pencil ü,true", "pen,false"})
  void gnuSaslProvesItselfByScram(String password, boolean right) throws IOException {
    try (ServerUnderTest server = server()) {
      Command.Result result =
          MailPeers.program("usr/bin/gsasl")
              .with("--smtp", "--starttls", "--connect", "localhost:" + server.port())
              .with("--no-cb", "--x509-ca-file", trusted(), "--mechanism", "SCRAM-SHA-256")
              .with("--authentication-id", "müller", "--password", password)
              .withInput("QUIT\n")
              .attempt();
      assertThat(result.status() == 0).as(result.out() + result.err()).isEqualTo(right);
      assertThat(
              server
                  .metrics
                  .get("bridgehead.smtp.auth")
                  .tag("mechanism", "scram-sha-256")
                  .tag("result", right ? "ok" : "failed")
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }
}
