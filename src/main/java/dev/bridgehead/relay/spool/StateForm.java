package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.Envelope;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A message's state in octets: a version, the number of groups, each group, and flags where any is
 * set.
 */
final class StateForm {
  static final int VERSION = 1;

  private static final int UNCONFIRMED = 1;

  private StateForm() {}

  static byte[] encode(MessageState state) {
    Octets.Writer out = new Octets.Writer(40);
    out.write(VERSION);
    out.varint(state.open().size());
    for (MessageState.Group group : state.open()) {
      out.varint(group.attempts());
      out.instant(group.due());
      out.write(group.hold().ordinal());
      out.write(group.delayTold() ? 1 : 0);
      out.varint(group.recipients().size());
      group.recipients().forEach(out::varint);
    }
    if (state.unconfirmed()) {
      out.write(UNCONFIRMED);
    }
    return out.toByteArray();
  }

  /** Whether there is nothing left to be delivered. */
  static boolean isSettled(byte[] state) {
    return state.length > 1 && state[0] == VERSION && state[1] == 0;
  }

  /**
   * @throws DamagedFileException where it is no state of a message with this envelope
   */
  static MessageState decode(byte[] octets, Envelope envelope) throws DamagedFileException {
    MessageState state = Octets.read(octets, StateForm::decode);
    int recipients = envelope.recipients().size();
    for (MessageState.Group group : state.open()) {
      if (group.recipients().stream().anyMatch(it -> it < 0 || it >= recipients)) {
        throw new DamagedFileException("it names a recipient that the message doesn't have");
      }
    }
    return state;
  }

  private static MessageState decode(ByteBuffer in) throws DamagedFileException {
    int version = in.get();
    if (version != VERSION) {
      throw new DamagedFileException("a state of version " + version);
    }
    List<MessageState.Group> groups = new ArrayList<>();
    for (int left = Octets.varint(in); left > 0; left--) {
      int attempts = Octets.varint(in);
      Instant due = Octets.instant(in);
      MessageState.Hold hold = MessageState.Hold.values()[in.get()];
      boolean delayTold = in.get() != 0;
      List<Integer> recipients = new ArrayList<>();
      for (int more = Octets.varint(in); more > 0; more--) {
        recipients.add(Octets.varint(in));
      }
      groups.add(new MessageState.Group(recipients, attempts, due, hold, delayTold));
    }
    return new MessageState(groups, in.hasRemaining() && (in.get() & UNCONFIRMED) != 0);
  }
}
