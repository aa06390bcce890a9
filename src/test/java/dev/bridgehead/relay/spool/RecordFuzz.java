package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Envelopes, states and records in octets, from a disk or from another relay. They are read and
 * written again as the same, or said to be damaged, and nothing else. The first octet of the input
 * says which form the others have.
 */
public final class RecordFuzz {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope THREE =
      new Envelope(
          ANN,
          List.of(ANN, new MailAddress("b", "b.test"), new MailAddress("c", "c.test")),
          BodyType.SEVEN_BIT,
          false,
          Instant.EPOCH,
          false);

  private RecordFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] octets = Arrays.copyOfRange(input, 1, input.length);
    try {
      switch (input[0] & 3) {
        case 0 -> envelope(octets);
        case 1 -> transfer(octets);
        case 2 -> state(octets);
        default -> record(octets, input[0] & 0xFF);
      }
    } catch (DamagedFileException damaged) {
      assertThat(damaged.getMessage()).isNotBlank();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void envelope(byte[] octets) throws DamagedFileException {
    Envelope envelope = EnvelopeForm.decode(octets);
    assertThat(EnvelopeForm.decode(EnvelopeForm.encode(envelope))).isEqualTo(envelope);
  }

  private static void transfer(byte[] octets) throws IOException {
    TransferForm form = TransferForm.decode(octets);
    assertThat(TransferForm.decode(form.encode())).isEqualTo(form);
    assertThat(form.envelope().origin()).isNull();
  }

  private static void state(byte[] octets) throws DamagedFileException {
    MessageState state = StateForm.decode(octets, THREE);
    byte[] encoded = StateForm.encode(state);
    assertThat(StateForm.decode(encoded, THREE)).isEqualTo(state);
    assertThat(StateForm.isSettled(encoded)).isEqualTo(state.open().isEmpty());
  }

  private static void record(byte[] octets, int head) throws DamagedFileException {
    Entry entry = new Entry(0, 1 + (head >> 2) % 4, head >> 4 & 7, octets, 0, 0);
    byte[] again =
        switch (entry.told()) {
          case Entry.Told.Message message ->
              Entry.messageMeta(
                  message.id(),
                  message.body() ? message.size() : -1,
                  message.outcome(),
                  message.envelope());
          case Entry.Told.State state -> Entry.stateMeta(state.id(), state.state());
          case Entry.Told.Done done -> Entry.doneMeta(done.id(), done.segment());
        };
    Entry second = new Entry(0, entry.type(), entry.flags(), again, 0, 0);
    assertThat(second.told())
        .usingRecursiveComparison() // octets are equal by what they are
        .isEqualTo(entry.told());
  }
}
