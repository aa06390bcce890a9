package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What of a failure may stand where many can read it. */
class CauseTest {
  private static final EnhancedStatus AUTH_FAILED = new EnhancedStatus(4, 7, 8);

  private static Diagnostic said(Reason reason, String command, Reply reply) {
    return new Diagnostic(
        reason,
        AUTH_FAILED,
        "relay.example.net[192.0.2.1]:587 said: %s (in reply to %s)".formatted(reply, command),
        "relay.example.net",
        reply);
  }

  private static Reply reply(int code, @Nullable EnhancedStatus status, String... lines) {
    return new Reply(code, status, List.of(lines));
  }

  @Test
  void repeatsNothingThatAHostSaysToAPassword() {
    Reply reply =
        reply(535, new EnhancedStatus(5, 7, 8), "wrong: user relay, password hunter2", "bye");

    assertThat(Cause.of(said(Reason.AUTH, "AUTH PLAIN", reply)).text())
        .isEqualTo("relay.example.net[192.0.2.1]:587 said: 535 5.7.8 (in reply to AUTH PLAIN)");
  }

  @Test
  void saysWhatAHostSaidWithoutAnybodysAddress() {
    Reply reply = reply(450, null, "<ann@one.example>: Recipient address rejected: Greylisted");

    assertThat(Cause.of(said(Reason.REPLY, "RCPT", reply)).text())
        .isEqualTo(
            "relay.example.net[192.0.2.1]:587 said: 450 <…>: Recipient address rejected: Greylisted (in reply to RCPT)");
  }

  @Test
  void isOneShortLineWhateverWasSaid() {
    Reply endless = reply(451, null, "\u202E\u2028 \uD83D\uDE00" + "x".repeat(1000), "y");
    String text = Cause.of(said(Reason.REPLY, "DATA", endless)).text();

    assertThat(text)
        .startsWith("relay.example.net[192.0.2.1]:587 said: 451 ?? ?xxx")
        .endsWith("… (in reply to DATA)")
        .hasSizeLessThan(250);
    Diagnostic ours = new Diagnostic(Reason.DNS, AUTH_FAILED, "\n" + "é".repeat(1000), null, null);
    assertThat(Cause.of(ours).text()).hasSize(250).startsWith("?éé").endsWith("é…");
    assertThat(Cause.of(ours).kind("d".repeat(1000) + "\r").deferral(1, "").nextHop()).hasSize(253);
  }

  @Test
  void isTheSameKindWhateverTheWords() {
    Cause one = Cause.of(said(Reason.REPLY, "DATA", reply(451, null, "try later (id 4711)")));
    Cause other = Cause.of(said(Reason.REPLY, "DATA", reply(451, null, "try later (id 4712)")));
    Cause third = Cause.of(said(Reason.REPLY, "DATA", reply(452, null, "try later")));

    assertThat(one.kind("smart hosts")).isEqualTo(other.kind("smart hosts"));
    assertThat(one.kind("smart hosts")).isNotEqualTo(third.kind("smart hosts"));
  }
}
