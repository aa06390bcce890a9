package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.Selection;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a session serves another message, and when not. */
class KeptSessionsTest {
  private static final String TO = "rcpt@example.test";

  @Test
  void sendsTheNextMessageInTheSameSession() {
    try (ScriptedHost host = ScriptedHost.friendly();
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      for (int i = 0; i < 3; i++) {
        assertThat(send(delivery)).isInstanceOf(Delivered.class);
      }
      assertThat(host.sessions()).isEqualTo(1);
      assertThat(host.messages()).hasSize(3);
      assertThat(host.commands("EHLO")).hasSize(1);
      assertThat(host.commands("RSET")).isEmpty();
    }
  }

  @Test
  void leavesWhereNoOtherMessageFollows() {
    try (ScriptedHost host = ScriptedHost.friendly();
        SmtpDelivery delivery = Deliveries.to(host).timeouts(Deliveries.SHORT).start()) {
      send(delivery);
      await().until(() -> host.commands().getLast().equals("QUIT"));
    }
  }

  @Test
  void leavesWhereTheRelayStops() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      SmtpDelivery delivery = Deliveries.to(host).start();
      send(delivery);
      delivery.close();
      await().until(() -> host.commands().getLast().equals("QUIT"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ScriptedHost.CLOSE, "421 4.3.2 enough for today"})
  void replacesASessionThatIsFoundDeadAndCountsNoAttempt(String answer) {
    AtomicInteger mails = new AtomicInteger();
    try (ScriptedHost host =
            ScriptedHost.answering(
                (stage, _) ->
                    stage.startsWith("MAIL") && mails.incrementAndGet() == 2
                        ? Optional.of(answer)
                        : Optional.empty());
        ScriptedHost backup = ScriptedHost.friendly();
        SmtpDelivery delivery = Deliveries.to(host, backup).start()) {
      send(delivery);
      assertThat(send(delivery)).isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(2);
      assertThat(host.messages()).hasSize(2);
      assertThat(backup.sessions()).isZero();
    }
  }

  @Test
  void replacesEverySessionThatDiedMeanwhile() {
    AtomicBoolean restarted = new AtomicBoolean();
    try (ScriptedHost host =
            ScriptedHost.answering(
                (stage, session) ->
                    stage.startsWith("MAIL") && session <= 2 && restarted.get()
                        ? Optional.of(ScriptedHost.CLOSE)
                        : Optional.empty());
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      twoAtATime(delivery, host);
      restarted.set(true);

      assertThat(send(delivery)).isInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(3);
    }
  }

  /** The first message's attempt is open, in its progress, while the second is made. */
  private static void twoAtATime(SmtpDelivery delivery, ScriptedHost host) {
    Attempt plain = message(TO);
    Attempt first =
        new Attempt(
            plain.id(),
            plain.envelope(),
            plain.destination(),
            plain.recipients(),
            plain.size(),
            () -> {
              if (host.sessions() == 1) {
                send(delivery);
              }
              return plain.content().open();
            });
    delivery.attempt(first);
    assertThat(host.sessions()).isEqualTo(2);
  }

  @Test
  void takesSilenceForAFailureOfTheAttempt() {
    AtomicInteger mails = new AtomicInteger();
    try (ScriptedHost host =
            ScriptedHost.answering(
                (stage, _) ->
                    stage.startsWith("MAIL") && mails.incrementAndGet() == 2
                        ? Optional.of(ScriptedHost.STALL)
                        : Optional.empty());
        SmtpDelivery delivery = Deliveries.to(host).timeouts(patient()).start()) {
      send(delivery);
      assertThat(send(delivery)).isInstanceOf(Deferred.class);
      assertThat(host.sessions()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"MAIL, 550 no", "RCPT, 550 no", "DATA, 451 later", "(end of data), 421 later"})
  void keepsNoneThatIsNotClean(String stage, String answer) {
    try (ScriptedHost host = ScriptedHost.answering(stage, answer);
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      send(delivery);
      send(delivery);
      assertThat(host.sessions()).isEqualTo(2);
    }
  }

  @Test
  void keepsOneWhoseLastMessageWasRefusedAsAWhole() {
    try (ScriptedHost host = ScriptedHost.answering(ScriptedHost.END_OF_DATA, "554 5.7.1 spam");
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      send(delivery);
      send(delivery);
      assertThat(host.sessions()).isEqualTo(1);
    }
  }

  @Test
  void dropsAPeerThatSpeaksUnasked() {
    try (ScriptedHost host =
            ScriptedHost.answering(
                ScriptedHost.END_OF_DATA, "250 2.0.0 queued\r\n250 2.0.0 and one more");
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      send(delivery);
      send(delivery);
      assertThat(host.sessions()).isEqualTo(2);
      assertThat(host.messages()).hasSize(2);
    }
  }

  @Test
  void introducesItselfAnewUnderAChangedName() {
    try (ScriptedHost host = ScriptedHost.friendly()) {
      Deliveries deliveries = Deliveries.to(host);
      try (SmtpDelivery delivery = deliveries.start()) {
        send(delivery);
        deliveries.ehloName("other.example.test");
        send(delivery);
      }
      assertThat(host.commands("EHLO"))
          .containsExactly("EHLO relay.example.test", "EHLO other.example.test");
    }
  }

  @Test
  void takesTurnsByConnectionAndNotByMessage() {
    try (ScriptedHost one = ScriptedHost.friendly();
        ScriptedHost other = ScriptedHost.friendly();
        SmtpDelivery delivery =
            Deliveries.to(one, other).selection(Selection.ROUND_ROBIN).start()) {
      for (int i = 0; i < 4; i++) {
        send(delivery);
      }
      assertThat(one.sessions() + other.sessions()).isEqualTo(1);
      assertThat(one.messages().size() + other.messages().size()).isEqualTo(4);
    }
  }

  @Test
  void goesBackToTheFirstHostAsSoonAsItAnswers() {
    AtomicBoolean down = new AtomicBoolean(true);
    try (ScriptedHost primary =
            ScriptedHost.answering(
                (stage, _) ->
                    stage.equals(ScriptedHost.GREETING) && down.get()
                        ? Optional.of("421 back soon")
                        : Optional.empty());
        ScriptedHost backup = ScriptedHost.friendly();
        SmtpDelivery delivery = Deliveries.to(primary, backup).start()) {
      send(delivery);
      send(delivery);
      assertThat(backup.sessions()).isEqualTo(1);
      assertThat(backup.messages()).hasSize(2);

      down.set(false);
      send(delivery);
      assertThat(primary.messages()).hasSize(1);
    }
  }

  @Test
  void reusesNoneForEver() {
    try (ScriptedHost host = ScriptedHost.friendly();
        SmtpDelivery delivery = Deliveries.to(host).start()) {
      for (int i = 0; i < 1001; i++) {
        send(delivery);
      }
      assertThat(host.sessions()).isEqualTo(2);
    }
  }

  /** As {@link Deliveries#SHORT}, but sessions last. */
  private static Timeouts patient() {
    Timeouts brief = Deliveries.SHORT;
    return new Timeouts(
        brief.connect(),
        brief.tls(),
        brief.greeting(),
        brief.command(),
        brief.dataInitiation(),
        brief.dataBlock(),
        brief.dataTermination(),
        brief.transaction(),
        brief.quit(),
        Timeouts.STANDARD.kept());
  }

  private static Outcome send(SmtpDelivery delivery) {
    List<Outcome> outcomes = delivery.attempt(message(TO));
    assertThat(outcomes).hasSize(1);
    return outcomes.getFirst();
  }
}
