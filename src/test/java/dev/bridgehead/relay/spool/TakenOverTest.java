package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.mail.TlsRequirement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that another relay had before. */
class TakenOverTest {
  private static final Instant LONG_AGO = Instant.parse("2026-01-02T03:04:05.006Z");
  private static final Envelope ENVELOPE =
      new Envelope(
          null,
          List.of(new MailAddress("ann", "one.example"), new MailAddress("ben", "two.example")),
          BodyType.EIGHT_BIT_MIME,
          true,
          LONG_AGO,
          true,
          TlsRequirement.REQUIRED,
          new DsnParameters(
              DsnParameters.Return.HDRS,
              "QQ1",
              List.of(
                  new DsnParameters.ForRecipient(Set.of(DsnParameters.Notify.DELAY), "rfc822;x"),
                  DsnParameters.ForRecipient.NONE)),
          new Origin(UUID.randomUUID(), new QueueId("0123456789ABCDEF"), LONG_AGO.plusSeconds(60)));
  private static final MessageState STATE =
      new MessageState(
          List.of(
              new MessageState.Group(
                  List.of(1), 7, LONG_AGO.plusSeconds(90), MessageState.Hold.BY_HAND, true)),
          true);

  @TempDir private Path folder = Path.of("");

  private LogSpool open() throws IOException {
    return LogSpool.open(folder, new LocalDisk(), Clock.systemUTC());
  }

  private static StoredMessage store(LogSpool spool) throws IOException {
    byte[] content = "Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (Intake intake = spool.takeOver(content.length, LONG_AGO)) {
      intake.write(content, 0, content.length);
      return intake.commit(ENVELOPE, STATE);
    }
  }

  @Test
  void areReadAgainWithOriginAndTheStateInWhichTheyCame() throws IOException {
    StoredMessage stored;
    UUID uuid;
    try (LogSpool spool = open()) {
      stored = store(spool);
      uuid = spool.uuid();
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(stored);
      assertThat(stored.envelope()).isEqualTo(ENVELOPE);
      assertThat(stored.state()).isEqualTo(STATE);
      assertThat(spool.uuid()).isEqualTo(uuid);
    }
  }

  @Test
  void areNamedByTheirArrival() throws IOException {
    try (LogSpool spool = open()) {
      QueueId first = store(spool).id();
      QueueId second = store(spool).id();
      QueueId fresh = Spools.store(spool, ENVELOPE.from(null), "x").id();

      assertThat(first).isNotEqualTo(second).isLessThan(fresh);
      assertThat(second).isLessThan(fresh);
    }
  }

  @Test
  void stayWithoutAnythingToDoUntilNobodyAsksForThem() throws IOException {
    MessageState settled = new MessageState(List.of(), true);
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = store(spool);
      spool.record(stored.id(), settled);
    }
    try (OfflineSpool offline = OfflineSpool.open(folder)) {
      assertThat(offline.messages()).isEmpty();
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool))
          .containsExactly(new StoredMessage(stored.id(), ENVELOPE, stored.size(), settled));
      spool.record(stored.id(), settled.unconfirmed(false));
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).isEmpty();
    }
  }

  @Test
  void areInAFormOfTheirOwnThatAnEarlierVersionRefusesToReadHalf() {
    Envelope usual = ENVELOPE.asking(TlsRequirement.UNSPECIFIED);
    assertThat(EnvelopeForm.encode(usual.from(null))[0]).isEqualTo((byte) 1);
    assertThat(EnvelopeForm.encode(usual, STATE)[0]).isEqualTo((byte) 2);
  }

  @Test
  void travelWithoutAnOriginAndWithAllElse() throws IOException {
    TransferForm form = TransferForm.decode(new TransferForm(ENVELOPE, STATE).encode());

    assertThat(form.envelope()).isEqualTo(ENVELOPE.from(null));
    assertThat(form.state()).isEqualTo(STATE.unconfirmed(false));
    assertThatThrownBy(() -> TransferForm.decode(new byte[] {4})).hasMessageContaining("version 4");
  }
}
