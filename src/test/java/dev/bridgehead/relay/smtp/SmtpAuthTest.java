package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.auth.Scram;
import dev.bridgehead.relay.auth.TokenTrust;
import dev.bridgehead.relay.auth.Tokens;
import dev.bridgehead.relay.auth.Users;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.validation.Cidr;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** AUTH as it is spoken: RFC 4954. */
@Timeout(120)
class SmtpAuthTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);
  private static final SSLContext CLIENT = TlsClients.trusting(SERVER);
  private static final Tokens SIGNER = Tokens.elliptic(256);
  private static final String WEB = "system:serviceaccount:shop:web";
  private static final Accounts ACCOUNTS =
      new Accounts(
          new Users(Map.of("shop", Scram.store("pencil", new byte[16], 4096))),
          TokenTrust.of("iss", "internet.mail.svc", Tokens.set(SIGNER.jwk()), Set.of(WEB)));

  /** Nobody may relay but who logs in. */
  static RelayConfig config(SelfSigned certificate, Accounts accounts) {
    return config(
        certificate,
        new RelayConfig.Access(List.of(), List.of(), false, null, accounts, null, List.of()));
  }

  private static RelayConfig config(SelfSigned certificate, RelayConfig.Access access) {
    RelayConfig config = TlsClients.config(certificate);
    return new RelayConfig(
        config.identity(),
        config.listening(),
        access,
        config.routes(),
        config.outgoing(),
        config.retry());
  }

  private static ServerUnderTest server() throws IOException {
    return ServerUnderTest.start(config(SERVER, ACCOUNTS));
  }

  /** After STARTTLS and EHLO. */
  private static RawClient secured(ServerUnderTest server) throws IOException {
    return secured(server.session());
  }

  private static RawClient secured(RawClient client) throws IOException {
    client.ask("STARTTLS");
    client.secure(CLIENT);
    client.ask("EHLO client.example");
    return client;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  private static String plain(String name, String password) {
    return "AUTH PLAIN " + base64("\0" + name + "\0" + password);
  }

  private static String token(String account) {
    long now = ServerUnderTest.NOW.getEpochSecond();
    return SIGNER.token(
        """
        {"aud":["internet.mail.svc"],"exp":%d,"iat":%d,"iss":"iss","kubernetes.io":{"namespace":"shop",
         "serviceaccount":{"name":"%s","uid":"3"}},"sub":"system:serviceaccount:shop:%s"}"""
            .formatted(now + 3600, now, account, account));
  }

  @Test
  void ehloOffersAuthInsideTlsOnly() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.connect()) {
      client.reply();
      assertThat(client.ask("EHLO client.example")).doesNotContain("AUTH");
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("538 5.7.11");
      client.ask("STARTTLS");
      client.secure(CLIENT);
      assertThat(client.ask("EHLO client.example"))
          .contains("AUTH PLAIN LOGIN SCRAM-SHA-256 OAUTHBEARER XOAUTH2");
    }
  }

  @Test
  void withoutAccountsOrCertificateThereIsNoAuth() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(config(SERVER, Accounts.NONE));
        RawClient client = secured(server)) {
      assertThat(client.ask("EHLO client.example")).doesNotContain("AUTH");
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("502 5.5.1");
    }
    try (ServerUnderTest server =
            ServerUnderTest.start(TlsClients.with(config(SERVER, ACCOUNTS), null));
        RawClient client = server.session()) {
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("502 5.5.1");
    }
  }

  @ParameterizedTest
  @CsvSource({"'',ESMTPSA", "' SMTPUTF8',UTF8SMTPSA"})
  void whoLogsInMayRelay(String parameter, String protocol) throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>"))
          .startsWith("530 5.7.0 authentication required");
      client.ask("RSET");
      assertThat(client.ask(plain("shop", "pencil")))
          .isEqualTo("235 2.7.0 authentication successful");
      client.ask("MAIL FROM:<a@client.example>" + parameter);
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
      assertThat(client.message("hello")).startsWith("250");
      assertThat(server.spool.only().text()).contains(" with " + protocol + " id ");
      assertThat(logins(server, "plain", "ok")).isEqualTo(1);
    }
  }

  @Test
  void aResponseMayFollowTheChallenge() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask("AUTH PLAIN")).isEqualTo("334 ");
      assertThat(client.ask(base64("\0shop\0pencil"))).startsWith("235");
    }
  }

  @Test
  void loginAsksTwice() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask("auth login")).isEqualTo("334 " + base64("Username:"));
      assertThat(client.ask(base64("shop"))).isEqualTo("334 " + base64("Password:"));
      assertThat(client.ask(base64("pencil"))).startsWith("235");
    }
  }

  @Test
  void aTokenIsEnough() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      String message = "n,a=web,\u0001auth=Bearer " + token("web") + "\u0001\u0001";
      assertThat(client.ask("AUTH OAUTHBEARER " + base64(message))).startsWith("235");
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
    }
  }

  @Test
  void aTokenThatIsNotGoodHereIsToldWhyAndRefused() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      String message = "user=job\u0001auth=Bearer " + token("job") + "\u0001\u0001";
      String reply = client.ask("AUTH XOAUTH2 " + base64(message));
      assertThat(new String(Base64.getDecoder().decode(reply.substring(4)), UTF_8))
          .isEqualTo("{\"status\":\"401\",\"schemes\":\"Bearer\"}");
      assertThat(client.ask("")).startsWith("535 5.7.8");
    }
  }

  @Test
  void whoComesAgainWithoutEndIsSentAway() throws IOException {
    String login = plain("web", Tokens.elliptic(384).token("{}"));
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.send((login + "\r\n").repeat(200)).rest())
          .startsWith("454 4.7.0")
          .endsWith("421 4.7.0 too many errors\n");
    }
  }

  @Test
  void aTokenWithANewKeyIsAskedToComeAgain() throws IOException {
    Tokens other = Tokens.elliptic(384);
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask(plain("web", other.token("{}")))).startsWith("454 4.7.0");
      assertThat(server.refused(Refusal.AUTH_NOT_NOW)).isEqualTo(1);
    }
  }

  @Test
  void aMechanismIsCancelledByAStar() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      String first = client.ask("AUTH SCRAM-SHA-256 " + base64("n,,n=shop,r=abc"));
      assertThat(new String(Base64.getDecoder().decode(first.substring(4)), UTF_8))
          .startsWith("r=abc")
          .endsWith(",s=AAAAAAAAAAAAAAAAAAAAAA==,i=4096");
      assertThat(client.ask("*")).isEqualTo("501 5.7.0 authentication cancelled");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AUTH, 501 5.5.4",
    "AUTH CRAM-MD5, 504 5.5.4",
    "AUTH SCRAM-SHA-256-PLUS, 504 5.5.4",
    "AUTH PLAIN AHNob3A= AHBlbmNpbA==, 501 5.5.4",
    "AUTH PLAIN AHNob3AAcGVuY2ls*, 501 5.5.2",
    "AUTH PLAIN AHNob3AAcGVuY2ls=, 501 5.5.2",
    "AUTH PLAIN =, 501 5.5.2",
    "AUTH PLAIN AHNob3A=, 501 5.5.2",
    "AUTH LOGIN =, 501 5.5.2",
  })
  void otherFormsAreRefused(String command, String reply) throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      assertThat(client.ask(command)).startsWith(reply);
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void aResponseOfTwelveThousandOctetsIsReadAndALongerOneSkipped() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      String longest = base64("x".repeat(9213)); // 12,284 octets, and CR LF
      client.ask("AUTH PLAIN");
      assertThat(client.ask(longest)).startsWith("501 5.5.2 the response is not one of");
      client.ask("AUTH PLAIN");
      assertThat(client.ask(longest + "AAAA")).startsWith("500 5.5.6");
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void authHasItsPlaceInASession() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.session()) {
      client.ask("STARTTLS");
      client.secure(CLIENT);
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("503 5.5.1 send EHLO");
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("503 5.5.1");
      client.ask("RSET");
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("235");
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("503 5.5.1 authenticated");
      client.ask("EHLO client.example");
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
    }
  }

  @Test
  void whoIsTakenOffTheListMayRelayNoMore() throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(plain("shop", "pencil"));
      server.config.set(config(SERVER, new Accounts(Users.NONE, ACCOUNTS.tokens())));
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("530 5.7.0");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "AUTH=<>, 250",
    "AUTH=a+2Bb@example.com, 250",
    "AUTH=a+0Ab@example.com, 501 5.5.4",
    "AUTH, 501 5.5.4",
  })
  void mailNamesItsAuthorWhereAuthIsOffered(String parameter, String reply) throws IOException {
    try (ServerUnderTest server = server();
        RawClient client = server.session()) {
      assertThat(client.ask("MAIL FROM:<a@client.example> AUTH=<>")).startsWith("555 5.5.4");
      secured(client);
      assertThat(client.ask("MAIL FROM:<a@client.example> " + parameter)).startsWith(reply);
    }
  }

  @Test
  void anAddressThatFailsTooOftenMustWait() throws IOException {
    try (ServerUnderTest server = server()) {
      int failures = 0;
      for (int session = 0; session < 2; session++) {
        try (RawClient client = secured(server)) {
          for (int i = 0; i < 10; i++) {
            assertThat(client.ask(plain(i % 2 == 0 ? "shop" : "nobody", "pen")))
                .isEqualTo("535 5.7.8 authentication credentials invalid");
            failures++;
          }
        }
      }
      try (RawClient client = secured(server)) {
        assertThat(client.ask(plain("shop", "pencil"))).startsWith("421 4.7.0 too many failed");
        assertThat(client.rest()).isEmpty();
      }
      InetAddress other = InetAddress.getByName("127.0.0.2");
      try (RawClient client = new RawClient(server.port(), other)) {
        client.reply();
        client.ask("EHLO client.example");
        assertThat(secured(client).ask(plain("shop", "pencil"))).startsWith("235");
      }
      assertThat(logins(server, "plain", "failed")).isEqualTo(failures);
      assertThat(server.refused(Refusal.TOO_MANY_FAILURES)).isEqualTo(1);
    }
  }

  @Test
  void whomAFilterSpeaksForHasNotLoggedIn() throws IOException {
    RelayConfig.Access access =
        new RelayConfig.Access(
            List.of(), List.of(), false, null, ACCOUNTS, null, List.of(Cidr.parse("127.0.0.1")));
    try (ServerUnderTest server = ServerUnderTest.start(config(SERVER, access));
        RawClient client = secured(server)) {
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("235");
      assertThat(client.ask("XCLIENT ADDR=192.0.2.7 HELO=a.example")).startsWith("220");
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("530 5.7.0");
      client.ask("RSET");
      assertThat(client.ask(plain("shop", "pencil"))).startsWith("235");
      client.ask("MAIL FROM:<a@client.example>");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
    }
  }

  @Test
  void whoLogsInMaySendNoMoreMessagesAMinuteThanOthers() throws IOException {
    RelayConfig.Access access =
        new RelayConfig.Access(List.of(), List.of(), false, null, ACCOUNTS, 1, List.of());
    try (ServerUnderTest server = ServerUnderTest.start(config(SERVER, access));
        RawClient client = secured(server)) {
      client.ask(plain("shop", "pencil"));
      assertThat(client.ask("MAIL FROM:<a@client.example>")).startsWith("250");
      assertThat(client.ask("RCPT TO:<b@example.org>")).startsWith("250");
      client.ask("RSET");
      assertThat(client.ask("MAIL FROM:<a@client.example>")).startsWith("450 4.7.1");
    }
  }

  @Test
  void logsSayWhoAndNeverASecret() throws IOException {
    Logger logger = (Logger) LoggerFactory.getLogger("dev.bridgehead.relay.smtp");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try (ServerUnderTest server = server();
        RawClient client = secured(server)) {
      client.ask(plain("shop", "wrong-secret"));
      client.ask(plain("evil\r\n2026 forged", "wrong-secret"));
      client.ask(plain(token("job"), "wrong-secret"));
      client.ask(plain("any", token("job")));
      client.ask(plain("shop", "pencil"));
      client.ask("MAIL FROM:<a@client.example>");
      client.ask("RCPT TO:<b@example.org>");
      client.message("hello");
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(before);
    }
    List<String> all =
        List.copyOf(lines.list).stream()
            .map(event -> event.getFormattedMessage() + " " + event.getKeyValuePairs())
            .toList();
    String text = String.join("\n", all);
    assertThat(text)
        .contains("refused auth_failed from [127.0.0.1] (client.example), AUTH PLAIN as shop")
        .contains("as evil\\u{d}\\u{a}2026 forged")
        .contains("(system:serviceaccount:shop:job is not in access.serviceAccounts)")
        .contains("authenticated")
        .doesNotContain("secret", "pencil", "eyJ");
    assertThat(all)
        .filteredOn(line -> line.startsWith("accepted"))
        .singleElement()
        .asString()
        .contains("user=\"shop\"");
  }

  private static double logins(ServerUnderTest server, String mechanism, String result) {
    return server
        .metrics
        .get("bridgehead.smtp.auth")
        .tag("mechanism", mechanism)
        .tag("result", result)
        .counter()
        .count();
  }
}
