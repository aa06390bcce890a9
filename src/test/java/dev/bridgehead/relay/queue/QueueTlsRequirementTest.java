package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.spool.Intake;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a sender asks of TLS, of the message and of the notices about it (RFC 8689 §5, §6). */
class QueueTlsRequirementTest {
  private static final DsnParameters FULL =
      new DsnParameters(DsnParameters.Return.FULL, null, List.of());

  private final QueueFixture f;

  QueueTlsRequirementTest(@TempDir Path folder) throws IOException {
    this.f =
        new QueueFixture(
            folder, "retryIntervals: [1m, 5m], expireAfter: 2h, delayNotificationAfter: 30m");
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  private void accept(TlsRequirement asked) throws IOException {
    Envelope envelope =
        new Envelope(
            SENDER, List.of(ANN), BodyType.SEVEN_BIT, false, f.clock.instant(), false, FULL);
    byte[] content = "Subject: x\r\n\r\nthe secret\r\n".getBytes(StandardCharsets.US_ASCII);
    try (Intake intake = f.spool.open(0)) {
      intake.write(content, 0, content.length);
      f.queue.enqueue(intake.commit(envelope.asking(asked)));
    }
  }

  private Attempt last() {
    return f.hop.attempts().getLast();
  }

  @ParameterizedTest
  @EnumSource
  void isOfTheMessageAtEachAttemptAlsoAfterARestart(TlsRequirement asked) throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REPLY));
    accept(asked);
    f.queue.startDue();
    assertThat(last().envelope().tls()).isEqualTo(asked);
    f.restart();
    f.after(Duration.ofMinutes(2));
    assertThat(f.hop.attempts()).hasSize(2);
    assertThat(last().envelope().tls()).isEqualTo(asked);
  }

  @ParameterizedTest
  @EnumSource
  void isOfTheNoticeOfAFailureToo(TlsRequirement asked) throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    accept(asked);
    f.queue.startDue();
    assertThat(last().recipients()).containsExactly(SENDER);
    assertThat(last().envelope().reversePath()).isNull();
    assertThat(last().envelope().tls()).isEqualTo(asked);
  }

  @ParameterizedTest
  @EnumSource
  void isOfTheNoticeOfADelayToo(TlsRequirement asked) throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.REQUIRETLS));
    accept(asked);
    f.queue.startDue();
    f.passing(Duration.ofMinutes(40), Duration.ofMinutes(1));
    Attempt notice =
        f.hop.attempts().stream().filter(it -> it.envelope().notice()).findFirst().orElseThrow();
    assertThat(notice.envelope().tls()).isEqualTo(asked);
  }

  @Test
  void returnsNoContentThatTlsWasRequiredForWhateverRetSays() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    accept(TlsRequirement.REQUIRED);
    f.queue.startDue();
    assertThat(content())
        .contains("Content-Type: text/rfc822-headers\r\n", "Subject: x\r\n")
        .doesNotContain("the secret", "TLS-Required");
  }

  @Test
  void asksAsLittleForTheNoticeAsForAMessageThatNeedsNoTls() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.failed());
    accept(TlsRequirement.OPTIONAL);
    f.queue.startDue();
    assertThat(content().split("\r\n\r\n", 2)[0]).contains("\r\nTLS-Required: No\r\n");
    assertThat(content()).contains("the secret");
  }

  private String content() {
    return f.hop.content(SENDER);
  }
}
