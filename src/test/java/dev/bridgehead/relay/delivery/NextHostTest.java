package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the next host is asked within the same attempt, and when not. */
class NextHostTest {
  private static final String TO = "rcpt@example.test";

  @ParameterizedTest
  @CsvSource({
    "(greeting), 554 5.7.1 no",
    "(greeting), 421 later",
    "(greeting), (close)",
    "(greeting), (stall)",
    "(greeting), nonsense",
    "EHLO, 421 later",
    "EHLO, 450 later",
    "EHLO, (close)",
    "MAIL, 421 later",
    "MAIL, (close)",
    "MAIL, (stall)",
    "RCPT, 421 later",
    "RCPT, (close)",
    "DATA, 421 later",
    "DATA, (close)",
    "(end of data), 421 later",
    "MAIL, 451 later",
    "RCPT, 451 later",
    "DATA, 451 later",
    "(end of data), 451 later",
  })
  void asksTheNextHost(String stage, String reply) {
    try (ScriptedHost first = ScriptedHost.answering(stage, reply);
        ScriptedHost second = ScriptedHost.friendly()) {
      assertThat(attempt(message(TO), first, second)).hasOnlyElementsOfType(Delivered.class);
      assertThat(first.sessions()).isEqualTo(1);
      assertThat(second.messages()).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"MAIL, 550 no", "RCPT, 550 no", "DATA, 554 no", "(end of data), 554 no"})
  void asksNobodyAfterARejection(String stage, String reply) {
    try (ScriptedHost first = ScriptedHost.answering(stage, reply);
        ScriptedHost second = ScriptedHost.friendly()) {
      assertThat(attempt(message(TO), first, second)).hasOnlyElementsOfType(Failed.class);
      assertThat(second.sessions()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"(close)", "(stall)", "nonsense"})
  void asksNobodyWhereTheReplyToTheFinalDotIsMissing(String reply) {
    try (ScriptedHost first = ScriptedHost.answering(ScriptedHost.END_OF_DATA, reply);
        ScriptedHost second = ScriptedHost.friendly()) {
      assertThat(attempt(message(TO), first, second)).hasOnlyElementsOfType(Deferred.class);
      assertThat(second.sessions()).isZero();
    }
  }

  @Test
  void saysWhyForThoseWhoseTurnNeverCame() {
    String[] many =
        IntStream.range(0, 150).mapToObj(i -> "r" + i + "@x.test").toArray(String[]::new);
    try (ScriptedHost only = ScriptedHost.answering(ScriptedHost.END_OF_DATA, ScriptedHost.CLOSE)) {
      assertThat(attempt(message(many), only))
          .hasSize(150)
          .allSatisfy(
              outcome ->
                  assertThat(((Deferred) outcome).why().text())
                      .contains("no reply after the final dot"));
    }
  }

  @Test
  void asksTwoHostsAtMostAfterA4xx() {
    try (ScriptedHost first = ScriptedHost.answering("RCPT", "450 later");
        ScriptedHost second = ScriptedHost.answering("RCPT", "450 later");
        ScriptedHost third = ScriptedHost.friendly()) {
      assertThat(attempt(message(TO), first, second, third)).hasOnlyElementsOfType(Deferred.class);
      assertThat(third.sessions()).isZero();
    }
  }

  /** Else the whole destination would be taken for dead. */
  @ParameterizedTest
  @CsvSource({
    "RCPT, 450 4.2.0 greylisted, REPLY, greylisted",
    "RCPT, 452 4.2.2 mailbox full, REPLY, mailbox full",
    "(end of data), 451 later, REPLY, later",
    "MAIL, 421 busy, REPLY, busy",
    "DATA, (close), CONNECTION_LOST, lost during DATA",
    "MAIL, (stall), TIMEOUT, lost during MAIL",
  })
  void remembersWhatAHostSaidWhereTheNextCannotBeReached(
      String stage, String reply, Reason reason, String text) throws IOException {
    try (ScriptedHost first = ScriptedHost.answering(stage, reply);
        SmtpDelivery delivery =
            Deliveries.to(first.address(), unused()).timeouts(Deliveries.SHORT).start()) {
      Outcome outcome = delivery.attempt(message(TO)).getFirst();

      assertThat(((Deferred) outcome).why().reason()).isEqualTo(reason);
      assertThat(((Deferred) outcome).why().text()).contains(text);
    }
  }

  @ParameterizedTest
  @CsvSource({"RCPT, 450 greylisted", "MAIL, 421 busy"})
  void saysWhatAHostSaidWhereTheOneBeforeItCouldNotBeReached(String stage, String reply)
      throws IOException {
    try (ScriptedHost second = ScriptedHost.answering(stage, reply);
        SmtpDelivery delivery = Deliveries.to(unused(), second.address()).start()) {
      Outcome outcome = delivery.attempt(message(TO)).getFirst();

      assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.REPLY);
      assertThat(((Deferred) outcome).why().text()).contains(reply);
    }
  }

  @Test
  void asksAllHostsWhereNoneIsThere() {
    try (ScriptedHost first = ScriptedHost.answering(ScriptedHost.GREETING, "421 busy");
        ScriptedHost second = ScriptedHost.answering(ScriptedHost.GREETING, "554 no");
        ScriptedHost third = ScriptedHost.answering("MAIL", "421 busy");
        ScriptedHost fourth = ScriptedHost.friendly()) {
      assertThat(attempt(message(TO), first, second, third, fourth))
          .hasOnlyElementsOfType(Delivered.class);
    }
  }

  @Test
  void asksTheNextHostOnlyForThoseWhoNeedIt() {
    try (ScriptedHost first = ScriptedHost.answering("RCPT TO:<later@", "450 later");
        ScriptedHost second = ScriptedHost.friendly()) {
      assertThat(attempt(message("now@x.test", "later@x.test"), first, second))
          .hasOnlyElementsOfType(Delivered.class);
      assertThat(second.commands("RCPT")).containsExactly("RCPT TO:<later@x.test>");
    }
  }

  @Test
  void tellsWhoHasItBeforeItAsksTheNextHostForTheOthers() {
    List<Set<Integer>> told = new CopyOnWriteArrayList<>();
    List<Integer> sessionsThen = new CopyOnWriteArrayList<>();
    try (ScriptedHost first = ScriptedHost.answering("RCPT TO:<later@", "450 later");
        ScriptedHost second = ScriptedHost.friendly()) {
      Attempt silent = message("later@x.test", "now@x.test");
      Attempt attempt =
          new Attempt(
              silent.id(),
              silent.envelope(),
              silent.destination(),
              silent.recipients(),
              silent.size(),
              silent.content(),
              delivered -> {
                told.add(delivered.keySet());
                sessionsThen.add(second.sessions());
              });
      assertThat(attempt(attempt, first, second)).hasOnlyElementsOfType(Delivered.class);
    }
    assertThat(told).containsExactly(Set.of(1));
    assertThat(sessionsThen).containsExactly(0);
  }

  @Test
  void asksTheNextHostForAllWhereASessionBreaksAfterSomeWereAccepted() {
    try (ScriptedHost first = ScriptedHost.answering("RCPT TO:<b@", ScriptedHost.CLOSE);
        ScriptedHost second = ScriptedHost.friendly()) {
      assertThat(attempt(message("a@x.test", "b@x.test", "c@x.test"), first, second))
          .hasOnlyElementsOfType(Delivered.class);
      assertThat(second.commands("RCPT")).hasSize(3);
    }
  }

  @Test
  void keepsARejectionWhereTheSessionBreaksAfterIt() {
    try (ScriptedHost first =
            ScriptedHost.answering(
                (stage, _) ->
                    stage.contains("never@")
                        ? Optional.of("550 no")
                        : stage.equals("DATA")
                            ? Optional.of(ScriptedHost.CLOSE)
                            : Optional.empty());
        ScriptedHost second = ScriptedHost.friendly()) {
      assertThat(attempt(message("never@x.test", "a@x.test"), first, second))
          .hasExactlyElementsOfTypes(Failed.class, Delivered.class);
      assertThat(second.commands("RCPT")).containsExactly("RCPT TO:<a@x.test>");
    }
  }

  @Test
  void asksTheNextHostWhereNobodyListens() throws IOException {
    InetSocketAddress nobody = unused();
    try (ScriptedHost second = ScriptedHost.friendly();
        SmtpDelivery delivery = Deliveries.to(nobody, second.address()).start()) {
      assertThat(delivery.attempt(message(TO))).hasOnlyElementsOfType(Delivered.class);
    }
  }

  @Test
  void saysWhyWhereNobodyListensAnywhere() throws IOException {
    try (SmtpDelivery delivery = Deliveries.to(unused()).start()) {
      Outcome outcome = delivery.attempt(message(TO)).getFirst();

      assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.CONNECT);
      assertThat(((Deferred) outcome).why().text())
          .startsWith("mx1.example.test[127.0.0.1]:")
          .contains("refused");
    }
  }

  @Test
  void passesOverAHostThatDidNotAnswerAMomentAgo() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ScriptedHost second = ScriptedHost.friendly();
        SmtpDelivery delivery =
            Deliveries.to((InetSocketAddress) silent.getLocalSocketAddress(), second.address())
                .timeouts(Deliveries.SHORT)
                .start()) {
      delivery.attempt(message(TO));
      silent.setSoTimeout(1000);
      silent.accept().close();
      delivery.attempt(message(TO));

      silent.setSoTimeout(1);
      assertThatThrownBy(silent::accept).isInstanceOf(SocketTimeoutException.class);
      assertThat(second.messages()).hasSize(2);
    }
  }

  private static InetSocketAddress unused() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }
  }

  private static List<Outcome> attempt(Attempt attempt, ScriptedHost... hosts) {
    try (SmtpDelivery delivery = Deliveries.to(hosts).timeouts(Deliveries.SHORT).start()) {
      return delivery.attempt(attempt);
    }
  }
}
