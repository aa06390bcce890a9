package dev.bridgehead.relay.mail;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for by the DSN extension (RFC 3461).
 *
 * @param returned what a notice of failure brings back (RET), null where the client left it open
 * @param envelopeId ENVID as given, still in xtext; null where there was none
 * @param recipients one for each of the envelope's, in its order; empty where none asked for
 *     anything
 */
public record DsnParameters(
    @Nullable Return returned, @Nullable String envelopeId, List<ForRecipient> recipients) {
  /** Nothing was asked for. */
  public static final DsnParameters NONE = new DsnParameters(null, null, List.of());

  public DsnParameters {
    recipients = List.copyOf(recipients);
  }

  /** RET (RFC 3461 §4.3). */
  public enum Return {
    FULL,
    HDRS
  }

  /** NOTIFY (RFC 3461 §4.1). */
  public enum Notify {
    SUCCESS,
    FAILURE,
    DELAY
  }

  /**
   * What was asked for one recipient.
   *
   * @param notifyOn null where NOTIFY was not given; empty is NEVER
   * @param originalRecipient ORCPT as given, {@code type;xtext}; null where there was none
   */
  public record ForRecipient(@Nullable Set<Notify> notifyOn, @Nullable String originalRecipient) {
    /** Nothing was asked for. */
    public static final ForRecipient NONE = new ForRecipient(null, null);

    private static final Set<Notify> USUAL = Set.of(Notify.FAILURE, Notify.DELAY);

    public ForRecipient {
      notifyOn = notifyOn == null ? null : Set.copyOf(notifyOn);
    }

    /** Whether a notice of this kind is wanted; without NOTIFY, of failure and delay. */
    public boolean wants(Notify kind) {
      return (notifyOn == null ? USUAL : notifyOn).contains(kind);
    }
  }

  /** What was asked for the recipient with this index in the envelope. */
  public ForRecipient of(int recipient) {
    return recipients.isEmpty() ? ForRecipient.NONE : recipients.get(recipient);
  }
}
