package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.auth.Exchange;
import dev.bridgehead.relay.auth.LoginChecks;
import dev.bridgehead.relay.auth.Mechanism;
import dev.bridgehead.relay.auth.Turn;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.testbed.SelfSigned;
import dev.bridgehead.testbed.ServerContexts;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** How this relay logs in at a smart host, in TLS with its certificate. */
@Timeout(60)
class SmartHostLoginTest {
  private static final String TO = "rcpt@example.test";
  private static final String PASSWORD = "correct horse battery staple";
  private static final SelfSigned CERTIFICATE = SelfSigned.of("mx1.example.test");

  /** A smart host that checks logins as our own server does. */
  static class Checking implements ScriptedHost.Script {
    private final String offered;
    private final Function<Mechanism, Exchange> begin;
    private final Map<Integer, Exchange> exchanges = new ConcurrentHashMap<>();

    Checking(String offered, String password) {
      this(offered, mechanism -> LoginChecks.of(mechanism, "relay", password));
    }

    Checking(String offered, Function<Mechanism, Exchange> begin) {
      this.offered = offered;
      this.begin = begin;
    }

    @Override
    public Optional<String> reply(String stage, int session) {
      if (stage.startsWith("EHLO")) {
        return Optional.of("250-mx1.example.test\r\n250-PIPELINING\r\n250 AUTH " + offered);
      }
      Exchange exchange = exchanges.get(session);
      if (stage.startsWith("AUTH ")) {
        String[] words = stage.split(" ", 3);
        Exchange begun = begin.apply(Mechanism.named(words[1]).orElseThrow());
        exchanges.put(session, begun);
        return reply(session, words.length < 3 ? begun.begin() : begun.respond(decode(words[2])));
      }
      return exchange == null ? Optional.empty() : reply(session, exchange.respond(decode(stage)));
    }

    private Optional<String> reply(int session, Turn turn) {
      if (turn instanceof Turn.Challenge(byte[] octets)) {
        return Optional.of("334 " + Base64.getEncoder().encodeToString(octets));
      }
      exchanges.remove(session);
      return Optional.of(turn instanceof Turn.Accepted ? "235 2.7.0 welcome" : "535 5.7.8 no");
    }

    private static byte[] decode(String base64) {
      return Base64.getDecoder().decode(base64);
    }
  }

  private static ScriptedHost host(ScriptedHost.Script script) {
    return ScriptedHost.overTls(ServerContexts.of(CERTIFICATE), script);
  }

  private static Deliveries deliveries(ScriptedHost host, String password) {
    return Deliveries.to(host)
        .implicitTls()
        .tls(TlsMode.VERIFIED, CERTIFICATE.certificate())
        .credentials("relay", password)
        .timeouts(Deliveries.SHORT);
  }

  private static Outcome outcome(ScriptedHost host, String password) {
    try (SmtpDelivery delivery = deliveries(host, password).start()) {
      return delivery.attempt(message(TO)).getFirst();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "PLAIN LOGIN SCRAM-SHA-256 OAUTHBEARER XOAUTH2, SCRAM-SHA-256",
    "LOGIN SCRAM-SHA-1 scram-sha-256, SCRAM-SHA-256",
    "LOGIN PLAIN CRAM-MD5, PLAIN",
    "GSSAPI LOGIN, LOGIN"
  })
  void logsInByTheStrongestThatIsOffered(String offered, String chosen) {
    try (ScriptedHost host = host(new Checking(offered, PASSWORD))) {
      assertThat(outcome(host, PASSWORD)).isInstanceOf(Delivered.class);
      assertThat(host.commands("AUTH ")).singleElement().asString().startsWith("AUTH " + chosen);
      assertThat(host.messages()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SCRAM-SHA-256", "PLAIN", "LOGIN"})
  void aWrongPasswordKeepsTheMail(String mechanism) {
    try (ScriptedHost host = host(new Checking(mechanism, PASSWORD))) {
      Deferred deferred = (Deferred) outcome(host, "wrong");

      assertThat(deferred.why().reason()).isEqualTo(Reason.AUTH);
      assertThat(deferred.why().status()).hasToString("4.7.8");
      assertThat(deferred.why().text())
          .endsWith("said: 535 5.7.8 no (in reply to AUTH " + mechanism + ")");
      assertThat(host.messages()).isEmpty();
    }
  }

  /** It would see no password by SCRAM, but the mail, with whatever it says to the proof. */
  @Test
  void aServerThatDoesNotKnowThePasswordIsSentNoMail() {
    Checking impostor =
        new Checking("SCRAM-SHA-256", "a guess") {
          @Override
          public Optional<String> reply(String stage, int session) {
            return super.reply(stage, session)
                .map(reply -> reply.startsWith("535") ? "235 2.7.0 welcome" : reply);
          }
        };
    try (ScriptedHost host = host(impostor)) {
      Deferred deferred = (Deferred) outcome(host, PASSWORD);

      assertThat(deferred.why().reason()).isEqualTo(Reason.AUTH);
      assertThat(deferred.why().text())
          .endsWith("the server did not prove that it knows the password (AUTH SCRAM-SHA-256)");
      assertThat(host.commands("MAIL")).isEmpty();
      await().until(() -> host.commands().contains("QUIT"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"334 ", "334 ?", "334 dj1BQUFB", "334 cj0x"})
  void aLoginThatMakesNoSenseIsCancelled(String reply) {
    try (ScriptedHost host =
        host(
            (stage, _) ->
                stage.startsWith("EHLO")
                    ? Optional.of("250-mx1.example.test\r\n250 AUTH SCRAM-SHA-256 PLAIN")
                    : stage.startsWith("AUTH")
                        ? Optional.of(reply)
                        : stage.equals("*") ? Optional.of("501 5.7.0 bye") : Optional.empty())) {
      assertThat(((Deferred) outcome(host, PASSWORD)).why().reason()).isEqualTo(Reason.AUTH);
      await().until(() -> host.commands().contains("QUIT"));
      assertThat(host.commands()).contains("*").doesNotContain("MAIL");
    }
  }

  @Test
  void namesTheMechanismsWhereNoneFits() {
    try (ScriptedHost host = host(new Checking("GSSAPI CRAM-MD5", PASSWORD))) {
      assertThat(((Deferred) outcome(host, PASSWORD)).why().text())
          .endsWith("none of AUTH SCRAM-SHA-256, AUTH PLAIN, AUTH LOGIN is offered");
    }
  }

  @Test
  void aPasswordThatFitsNoLineOfACommandIsSentInOneOfItsOwn() {
    String password = "x".repeat(600);
    try (ScriptedHost host = host(new Checking("PLAIN", password))) {
      assertThat(outcome(host, password)).isInstanceOf(Delivered.class);
      assertThat(host.commands("AUTH")).containsExactly("AUTH PLAIN");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"SCRAM-SHA-256", "PLAIN", "LOGIN"})
  void theLogShowsNothingToTryPasswordsOn(String mechanism) {
    Logger logger = (Logger) LoggerFactory.getLogger("bridgehead.session");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Level before = logger.getLevel();
    logger.setLevel(Level.DEBUG);
    log.start();
    logger.addAppender(log);
    try (ScriptedHost host = host(new Checking(mechanism, PASSWORD))) {
      outcome(host, PASSWORD);
    } finally {
      logger.detachAppender(log);
      logger.setLevel(before);
    }
    List<String> lines =
        log.list.stream()
            .map(ILoggingEvent::getFormattedMessage)
            .filter(line -> line.matches("> (AUTH .*|\\*\\*\\*.*)|< (334|235).*"))
            .toList();
    assertThat(lines.stream().distinct().collect(Collectors.toList()))
        .isSubsetOf(
            "> AUTH " + mechanism + " ***",
            "> AUTH " + mechanism,
            "> ***",
            "< 334 ***",
            "< 235 2.7.0 welcome")
        .hasSizeGreaterThan(1);
  }
}
