package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.MESSAGE;
import static dev.bridgehead.relay.delivery.Deliveries.PIPELINING;
import static dev.bridgehead.relay.delivery.Deliveries.TO;
import static dev.bridgehead.relay.delivery.Deliveries.attempt;
import static dev.bridgehead.relay.delivery.Deliveries.message;
import static dev.bridgehead.relay.delivery.Deliveries.outcome;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one attempt comes to for one or several recipients, by what one next hop answers. */
class SmtpDeliveryTest {
  @Test
  void deliversAMessageOctetForOctet() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      assertThat(outcome(host))
          .isInstanceOfSatisfying(
              Delivered.class,
              delivered -> {
                assertThat(delivered.remoteMta()).isEqualTo("mx1.example.test");
                assertThat(delivered.reply()).hasToString("250 2.0.0 queued as 1");
              });
      assertThat(host.messages()).containsExactly(MESSAGE.replace(".dotted", "..dotted"));
      await().until(() -> host.commands().contains("QUIT"));
      assertThat(host.commands())
          .containsExactly(
              "EHLO relay.example.test",
              "MAIL FROM:<sender@example.test> SIZE=" + MESSAGE.length(),
              "RCPT TO:<rcpt@example.test>",
              "DATA",
              "QUIT");
    }
  }

  @Test
  void greetsAnOldServerWithHelo() {
    try (ScriptedHost host = ScriptedHost.answering("EHLO", "502 what?")) {
      assertThat(outcome(host)).isInstanceOf(Delivered.class);
      assertThat(host.commands())
          .contains("HELO relay.example.test", "MAIL FROM:<sender@example.test>");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void givesEachRecipientItsOwnOutcome(boolean pipelining) {
    try (ScriptedHost host =
        ScriptedHost.answering(
            (stage, _) -> {
              if (stage.startsWith("EHLO") && pipelining) {
                return Optional.of(PIPELINING);
              }
              return stage.contains("later@")
                  ? Optional.of("450 4.2.0 later")
                  : stage.contains("never@") ? Optional.of("550 5.1.1 no") : Optional.empty();
            })) {
      List<Outcome> outcomes =
          attempt(host, message("a@x.test", "later@x.test", "never@x.test", "b@x.test"));

      assertThat(outcomes)
          .hasExactlyElementsOfTypes(
              Delivered.class, Deferred.class, Failed.class, Delivered.class);
      assertThat(host.messages()).hasSize(1);
    }
  }

  @Test
  void endsAnEmptyMessageWhereDataWasPipelinedForNobody() {
    try (ScriptedHost host =
        ScriptedHost.answering(
            (stage, _) ->
                stage.startsWith("EHLO")
                    ? Optional.of(PIPELINING)
                    : stage.startsWith("RCPT") ? Optional.of("550 no") : Optional.empty())) {
      assertThat(outcome(host)).isInstanceOf(Failed.class);
      assertThat(host.messages()).containsExactly("");
      await().until(() -> host.commands().getLast().equals("QUIT"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"452 4.5.3 too many", "552 too many", "452 4.3.1 too many"})
  void sendsTheRestAtOnceWhereAPeerTakesFewRecipients(String reply) {
    AtomicInteger taken = new AtomicInteger();
    try (ScriptedHost host =
        ScriptedHost.answering(
            (stage, _) -> {
              if (stage.startsWith("MAIL")) {
                taken.set(0);
              }
              return stage.startsWith("RCPT") && taken.incrementAndGet() > 2
                  ? Optional.of(reply)
                  : Optional.empty();
            })) {
      List<Outcome> outcomes =
          attempt(host, message("a@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"));

      assertThat(outcomes).hasOnlyElementsOfType(Delivered.class);
      assertThat(host.messages()).hasSize(3);
      assertThat(host.sessions()).isEqualTo(1);
    }
  }

  @Test
  void doesNotTakeAFullMailboxForTooManyRecipients() {
    try (ScriptedHost host = ScriptedHost.answering("RCPT TO:<full@", "552 5.2.2 mailbox full")) {
      assertThat(attempt(host, message("a@x.test", "full@x.test")))
          .hasExactlyElementsOfTypes(Delivered.class, Failed.class);
      assertThat(host.messages()).hasSize(1);
    }
  }

  @Test
  void sendsAtMostAHundredRecipientsAtOnce() {
    String[] many =
        IntStream.range(0, 250).mapToObj(i -> "r" + i + "@x.test").toArray(String[]::new);
    try (ScriptedHost host = ScriptedHost.friendly()) {
      assertThat(attempt(host, message(many))).hasSize(250).hasOnlyElementsOfType(Delivered.class);
      assertThat(host.messages()).hasSize(3);
      assertThat(host.sessions()).isEqualTo(1);
    }
  }

  @Test
  void refusesWhatIsTooBigForTheHostWithoutSendingIt() {
    try (ScriptedHost host = ScriptedHost.answering("EHLO", "250-host\r\n250 SIZE 10")) {
      assertThat(((Failed) outcome(host)).why().status()).hasToString("5.3.4");
      assertThat(host.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void returnsEightBitContentWhereThePeerTakesNone() {
    try (ScriptedHost host = ScriptedHost.answering("EHLO", "250 host")) {
      Outcome outcome =
          attempt(
                  host,
                  message("Subject: x\r\n\r\n\u00e4\r\n".getBytes(StandardCharsets.UTF_8), TO))
              .getFirst();

      assertThat(((Failed) outcome).why().status()).hasToString("5.6.3");
    }
  }

  @Test
  void sendsSevenBitContentToAPeerWithoutExtensionsWhateverWasDeclared() {
    try (ScriptedHost host = ScriptedHost.answering("EHLO", "250 host")) {
      byte[] content = MESSAGE.getBytes(StandardCharsets.UTF_8);

      assertThat(attempt(host, message(content, BodyType.EIGHT_BIT_MIME, true, TO)))
          .hasOnlyElementsOfType(Delivered.class);
      assertThat(host.commands()).contains("MAIL FROM:<sender@example.test>");
    }
  }

  @Test
  void declaresEightBitContentWhereThePeerKnowsIt() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      attempt(host, message("Subject: x\r\n\r\n\u00e4\r\n".getBytes(StandardCharsets.UTF_8), TO));

      assertThat(host.commands("MAIL")).singleElement().asString().endsWith(" BODY=8BITMIME");
    }
  }

  @Test
  void returnsAnInternationalAddressWhereThePeerKnowsNone() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      Outcome outcome = attempt(host, message("j\u00f6rg@example.test")).getFirst();

      assertThat(((Failed) outcome).why().status()).hasToString("5.6.7");
    }
  }

  @Test
  void sendsToTheOthersWhereThePeerKnowsNoInternationalAddress() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      List<Outcome> outcomes = attempt(host, message("a@x.test", "j\u00f6rg@y.test", "c@z.test"));

      assertThat(outcomes)
          .hasExactlyElementsOfTypes(Delivered.class, Failed.class, Delivered.class);
      assertThat(((Failed) outcomes.get(1)).why().status()).hasToString("5.6.7");
      assertThat(host.commands("RCPT")).containsExactly("RCPT TO:<a@x.test>", "RCPT TO:<c@z.test>");
    }
  }

  /** A thousand of them may be held at a time, and logged. */
  @ParameterizedTest
  @CsvSource({"RCPT, 450", "(end of data), 550", "(end of data), 250"})
  void keepsLittleOfALongReply(String stage, int code) {
    String lines = (code + "-" + "x".repeat(1500) + "\r\n").repeat(90) + code + " end";
    try (ScriptedHost host = ScriptedHost.answering(stage, lines)) {
      assertThat(attempt(host, message(TO)).getFirst().toString()).hasSizeLessThan(3000);
    }
  }

  @Test
  void sendsAnInternationalAddressWhereThePeerKnowsThem() {
    try (ScriptedHost host =
        ScriptedHost.answering("EHLO", "250-host\r\n250-8BITMIME\r\n250 SMTPUTF8")) {
      assertThat(attempt(host, message("j\u00f6rg@example.test")))
          .hasOnlyElementsOfType(Delivered.class);
      assertThat(host.commands())
          .contains("MAIL FROM:<sender@example.test> SMTPUTF8", "RCPT TO:<j\u00f6rg@example.test>");
    }
  }

  @Test
  void passesOnWhatWasAskedAboutNotices() {
    try (ScriptedHost host =
        ScriptedHost.answering("EHLO", "250-host\r\n250-8BITMIME\r\n250 DSN")) {
      assertThat(attempt(host, withDsn()).getFirst())
          .isInstanceOfSatisfying(
              Delivered.class, delivered -> assertThat(delivered.reportsSuccess()).isTrue());
      assertThat(host.commands())
          .contains(
              "MAIL FROM:<sender@example.test> RET=HDRS ENVID=QQ+2B1",
              "RCPT TO:<a@x.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;A@x.test",
              "RCPT TO:<b@x.test> NOTIFY=NEVER",
              "RCPT TO:<c@x.test>");
    }
  }

  @Test
  void keepsTheDutyToReportWhereThePeerKnowsNoDsn() {
    try (ScriptedHost host = ScriptedHost.answering("EHLO", "250 host")) {
      assertThat(attempt(host, withDsn()))
          .allSatisfy(outcome -> assertThat(((Delivered) outcome).reportsSuccess()).isFalse());
      assertThat(host.commands())
          .contains("MAIL FROM:<sender@example.test>", "RCPT TO:<a@x.test>", "RCPT TO:<b@x.test>");
    }
  }

  private static Attempt withDsn() {
    return withDsn("a@x.test", "b@x.test", "c@x.test");
  }

  /** The first asks for success and failure, the second for nothing, others don't say. */
  static Attempt withDsn(String... recipients) {
    Attempt plain = message(recipients);
    Envelope envelope = plain.envelope();
    DsnParameters dsn =
        new DsnParameters(
            DsnParameters.Return.HDRS,
            "QQ+2B1",
            List.of(
                    new ForRecipient(Set.of(Notify.FAILURE, Notify.SUCCESS), "rfc822;A@x.test"),
                    new ForRecipient(Set.of(), null),
                    ForRecipient.NONE)
                .subList(0, recipients.length));
    return new Attempt(
        plain.id(),
        new Envelope(
            envelope.reversePath(),
            envelope.recipients(),
            envelope.body(),
            false,
            envelope.arrived(),
            false,
            dsn),
        plain.destination(),
        plain.recipients(),
        plain.size(),
        plain.content());
  }

  @Test
  void neverSendsALineEndInsideACommand() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      Outcome outcome = attempt(host, message("a\r\nRSET\r\n@example.test")).getFirst();

      assertThat(((Failed) outcome).why().status()).hasToString("5.1.3");
      assertThat(host.commands()).isEmpty();
    }
  }

  @Test
  void keepsAMessageThatCannotBeRead() {
    Attempt whole = message(TO);
    Attempt broken =
        new Attempt(
            whole.id(),
            whole.envelope(),
            whole.destination(),
            whole.recipients(),
            whole.size(),
            () -> {
              throw new IOException("disk failed");
            });
    try (ScriptedHost host = ScriptedHost.friendly()) {
      assertThat(((Deferred) attempt(host, broken).getFirst()).why().reason())
          .isEqualTo(Reason.LOCAL);
      assertThat(host.messages()).isEmpty();
    }
  }

  @Test
  void givesThePeerNoFinalDotWhereTheMessageEndsInAnError() {
    Attempt whole = message("x".repeat(70).concat("\r\n").repeat(10_000).getBytes(US_ASCII), TO);
    AtomicInteger opened = new AtomicInteger();
    Attempt broken =
        new Attempt(
            whole.id(),
            whole.envelope(),
            whole.destination(),
            whole.recipients(),
            whole.size(),
            () ->
                opened.incrementAndGet() == 1
                    ? whole.content().open()
                    : new InputStream() {
                      private int left = 100_000;

                      @Override
                      public int read() throws IOException {
                        if (left == 0) {
                          throw new IOException("disk failed");
                        }
                        left--;
                        return 'x';
                      }
                    });
    try (ScriptedHost host = ScriptedHost.friendly()) {
      assertThat(((Deferred) attempt(host, broken).getFirst()).why().reason())
          .isEqualTo(Reason.LOCAL);
      assertThat(host.messages()).isEmpty();
    }
  }
}
