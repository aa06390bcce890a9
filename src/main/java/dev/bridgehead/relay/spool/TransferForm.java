package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import java.io.IOException;

/**
 * A message without its content, as one relay hands it to another: the form of the spool, so that
 * nothing that is kept on disk can be forgotten on the way.
 *
 * @param envelope without an origin, which is the taker's to know
 */
public record TransferForm(Envelope envelope, MessageState state) {
  public TransferForm {
    envelope = envelope.from(null);
    state = state.unconfirmed(false);
  }

  public byte[] encode() {
    return EnvelopeForm.encode(envelope, state);
  }

  /**
   * @throws IOException where it is none, or one of a later version
   */
  public static TransferForm decode(byte[] octets) throws IOException {
    EnvelopeForm.Read read = EnvelopeForm.read(octets);
    return new TransferForm(read.envelope(), read.state(null));
  }
}
