package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.PIPELINING;
import static dev.bridgehead.relay.delivery.Deliveries.TO;
import static dev.bridgehead.relay.delivery.Deliveries.message;
import static dev.bridgehead.relay.delivery.Deliveries.outcome;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one attempt comes to where the next hop, or this relay, ends it at some stage. */
class DeliveryStagesTest {
  /** Each stage of a session that a next hop answers. */
  @Retention(RetentionPolicy.RUNTIME)
  @ValueSource(
      strings = {"EHLO", "MAIL", "RCPT", "DATA", ScriptedHost.END_OF_DATA, ScriptedHost.GREETING})
  private @interface EveryStage {}

  @ParameterizedTest
  @ValueSource(strings = {"MAIL", "RCPT", "DATA", ScriptedHost.END_OF_DATA})
  void failsOnA5xx(String stage) {
    try (ScriptedHost host = ScriptedHost.answering(stage, "550 5.7.1 go away")) {
      Diagnostic why = ((Failed) outcome(host)).why();

      assertThat(why.status()).hasToString("5.7.1");
      assertThat(why.reply()).hasToString("550 5.7.1 go away");
      assertThat(why.text()).contains("mx1.example.test[127.0.0.1]:").contains("go away");
    }
  }

  @ParameterizedTest
  @EveryStage
  void defersOnA4xx(String stage) {
    try (ScriptedHost host = ScriptedHost.answering(stage, "450 4.2.0 later")) {
      assertThat(outcome(host)).isInstanceOf(Deferred.class);
    }
  }

  @ParameterizedTest
  @EveryStage
  void defersWhereThePeerHangsUp(String stage) {
    try (ScriptedHost host = ScriptedHost.answering(stage, ScriptedHost.CLOSE)) {
      assertThat(((Deferred) outcome(host)).why().reason()).isEqualTo(Reason.CONNECTION_LOST);
    }
  }

  @ParameterizedTest
  @EveryStage
  void defersWhereThePeerSaysNothing(String stage) {
    try (ScriptedHost host = ScriptedHost.answering(stage, ScriptedHost.STALL)) {
      assertThat(((Deferred) outcome(host)).why().reason()).isEqualTo(Reason.TIMEOUT);
    }
  }

  @ParameterizedTest
  @EveryStage
  void defersWhereThePeerTalksNonsense(String stage) {
    try (ScriptedHost host = ScriptedHost.answering(stage, "<html>")) {
      assertThat(((Deferred) outcome(host)).why().reason()).isEqualTo(Reason.REPLY);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"MAIL", "RCPT", "DATA", ScriptedHost.END_OF_DATA})
  void defersWhereThePeerLosesCount(String stage) {
    String reply = stage.equals("DATA") ? "250 Ok" : "354 go on";
    try (ScriptedHost host = ScriptedHost.answering(stage, reply)) {
      assertThat(outcome(host)).isInstanceOf(Deferred.class);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "EHLO, 250 host",
    "MAIL, 250 Ok",
    "RCPT, 250 Ok",
    "DATA, 354 go on",
    "MAIL, 354 go on",
    "RCPT, 354 go on"
  })
  void takesNoReplyToNothingForTheOneThatCounts(String stage, String reply) {
    // Twice the reply, or one more: the next ones are not for what was said last.
    for (String extra : List.of(reply, "250 2.0.0 queued as 1")) {
      for (String offered : List.of("250 host", PIPELINING)) {
        ScriptedHost.Script script =
            (said, _) ->
                said.startsWith(stage)
                    ? Optional.of(reply + "\r\n" + extra)
                    : said.startsWith("EHLO") ? Optional.of(offered) : Optional.empty();
        try (ScriptedHost host = ScriptedHost.answering(script)) {
          assertThat(outcome(host)).isInstanceOf(Deferred.class);
          assertThat(host.messages()).isEmpty();
        }
      }
    }
  }

  @Test
  void endsOutcomesAsDeferredWhereItIsClosed() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      SmtpDelivery delivery = Deliveries.to(host).start();
      delivery.close();

      assertThat(delivery.attempt(message(TO))).hasOnlyElementsOfType(Deferred.class);
      assertThat(host.sessions()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ScriptedHost.GREETING, "EHLO", "STARTTLS", "MAIL"})
  void breaksOffAnyStageWhereItIsClosed(String stage) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    ScriptedHost.Script script =
        (said, _) -> {
          if (said.startsWith(stage)) {
            reached.countDown();
            return Optional.of(ScriptedHost.STALL);
          }
          return said.startsWith("EHLO") && stage.equals("STARTTLS")
              ? Optional.of("250-host.example.test\r\n250 STARTTLS")
              : Optional.empty();
        };
    try (ScriptedHost host = ScriptedHost.answering(script);
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      CompletableFuture<List<Outcome>> outcomes =
          CompletableFuture.supplyAsync(() -> delivery.attempt(message(TO)));
      assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
      delivery.close();

      assertThat(outcomes.get(20, TimeUnit.SECONDS)).hasOnlyElementsOfType(Deferred.class);
      assertThat(host.sessions()).isEqualTo(1);
    }
  }
}
