package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.TlsRequirement;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An envelope in octets: a version, then fields of tag, length and value. A reader passes over tags
 * that it does not know, so that later versions may add some; what an older one must not pass over
 * needs another version, which is written only where there is such a field. docs/spool-format.md
 * lists them.
 */
final class EnvelopeForm {
  static final int VERSION = 1;

  /** With what was taken over from another relay. */
  static final int TAKEN_OVER = 2;

  /** Under REQUIRETLS, whether taken over or not. */
  static final int TLS_REQUIRED = 3;

  private static final int ARRIVED = 1;
  private static final int FLAGS = 2;
  private static final int FROM = 3;
  private static final int TO = 4;
  private static final int RETURNED = 5;
  private static final int ENVELOPE_ID = 6;
  private static final int DSN_OF_RECIPIENT = 7;
  private static final int ORIGIN = 8;
  private static final int FIRST_STATE = 9;

  private static final int EIGHT_BIT = 1;
  private static final int UTF8 = 2;
  private static final int NOTICE = 4;
  private static final int REQUIRES_TLS = 8;
  private static final int NEEDS_NO_TLS = 16;

  /** In place of the set of NOTIFY, where it was not given. */
  private static final int NOTIFY_ABSENT = 0xff;

  private EnvelopeForm() {}

  static byte[] encode(Envelope envelope) {
    return encode(envelope, null);
  }

  /**
   * @param first the state in which the message came; null is that of one that is new
   */
  static byte[] encode(Envelope envelope, @Nullable MessageState first) {
    Octets.Writer out = new Octets.Writer(64 + 48 * envelope.recipients().size());
    out.write(version(envelope, first));
    out.write(ARRIVED);
    out.varint(12);
    out.instant(envelope.arrived());
    out.write(FLAGS);
    out.varint(1);
    out.write(
        (envelope.body() == BodyType.EIGHT_BIT_MIME ? EIGHT_BIT : 0)
            | (envelope.smtpUtf8() ? UTF8 : 0)
            | (envelope.notice() ? NOTICE : 0)
            | bits(envelope.tls()));
    if (envelope.reversePath() != null) {
      out.write(FROM);
      out.block(address(envelope.reversePath()));
    }
    for (MailAddress recipient : envelope.recipients()) {
      out.write(TO);
      out.block(address(recipient));
    }
    dsn(envelope.dsn(), out);
    if (envelope.origin() != null) {
      out.write(ORIGIN);
      out.block(origin(envelope.origin()));
    }
    if (first != null) {
      out.write(FIRST_STATE);
      out.block(StateForm.encode(first));
    }
    return out.toByteArray();
  }

  private static int version(Envelope envelope, @Nullable MessageState first) {
    if (envelope.tls() == TlsRequirement.REQUIRED) {
      return TLS_REQUIRED;
    }
    return envelope.origin() == null && first == null ? VERSION : TAKEN_OVER;
  }

  private static int bits(TlsRequirement tls) {
    return switch (tls) {
      case UNSPECIFIED -> 0;
      case REQUIRED -> REQUIRES_TLS;
      case OPTIONAL -> NEEDS_NO_TLS;
    };
  }

  private static byte[] origin(Origin origin) {
    Octets.Writer out = new Octets.Writer(48);
    out.int64(origin.spool().getMostSignificantBits());
    out.int64(origin.spool().getLeastSignificantBits());
    out.instant(origin.taken());
    out.id(origin.id());
    return out.toByteArray();
  }

  private static void dsn(DsnParameters dsn, Octets.Writer out) {
    if (dsn.returned() != null) {
      out.write(RETURNED);
      out.varint(1);
      out.write(dsn.returned().ordinal());
    }
    if (dsn.envelopeId() != null) {
      out.write(ENVELOPE_ID);
      out.text(dsn.envelopeId());
    }
    for (ForRecipient each : dsn.recipients()) {
      out.write(DSN_OF_RECIPIENT);
      Octets.Writer value = new Octets.Writer(48);
      value.write(bits(each.notifyOn()));
      if (each.originalRecipient() != null) {
        value.text(each.originalRecipient());
      }
      out.block(value.toByteArray());
    }
  }

  private static byte[] address(MailAddress address) {
    byte[] local = address.localPart().getBytes(StandardCharsets.UTF_8);
    byte[] domain = address.domain().getBytes(StandardCharsets.UTF_8);
    Octets.Writer out = new Octets.Writer(local.length + domain.length + 3);
    out.block(local);
    out.write(domain, 0, domain.length);
    return out.toByteArray();
  }

  private static int bits(@Nullable Set<Notify> set) {
    return set == null
        ? NOTIFY_ABSENT
        : set.stream().mapToInt(each -> 1 << each.ordinal()).reduce(0, (a, b) -> a | b);
  }

  /**
   * What was read.
   *
   * @param first the state in which the message came, in the form of {@link StateForm}; null where
   *     it was new
   */
  record Read(Envelope envelope, byte @Nullable [] first) {
    /**
     * The message's state.
     *
     * @param recorded what was recorded last; null where nothing was
     */
    MessageState state(byte @Nullable [] recorded) throws DamagedFileException {
      byte[] known = recorded == null ? first : recorded;
      return known == null ? MessageState.fresh(envelope) : StateForm.decode(known, envelope);
    }
  }

  /**
   * @throws DamagedFileException where it is not what {@link #encode} wrote
   */
  static Read read(byte[] octets) throws DamagedFileException {
    return Octets.read(octets, EnvelopeForm::read);
  }

  /** The same without the state. */
  static Envelope decode(byte[] octets) throws DamagedFileException {
    return read(octets).envelope();
  }

  private static Read read(ByteBuffer in) throws DamagedFileException {
    int version = in.get();
    if (version < VERSION || version > TLS_REQUIRED) {
      throw new DamagedFileException("an envelope of version " + version);
    }
    Fields fields = new Fields();
    while (in.hasRemaining()) {
      int tag = in.get();
      fields.take(tag, ByteBuffer.wrap(Octets.block(in)));
    }
    return new Read(fields.envelope(), fields.first);
  }

  /** What has been read so far. */
  private static final class Fields {
    private Instant arrived = Instant.EPOCH;
    private int flags;
    private @Nullable MailAddress from;
    private final List<MailAddress> to = new ArrayList<>();
    private DsnParameters.@Nullable Return returned;
    private @Nullable String envelopeId;
    private final List<ForRecipient> dsn = new ArrayList<>();
    private @Nullable Origin origin;
    private byte @Nullable [] first;

    void take(int tag, ByteBuffer value) throws DamagedFileException {
      switch (tag) {
        case ARRIVED -> arrived = Octets.instant(value);
        case FLAGS -> flags = value.get();
        case FROM -> from = address(value);
        case TO -> to.add(address(value));
        case RETURNED -> returned = DsnParameters.Return.values()[value.get()];
        case ENVELOPE_ID -> envelopeId = text(value);
        case DSN_OF_RECIPIENT -> {
          Set<Notify> set = set(value.get() & 0xff);
          dsn.add(new ForRecipient(set, value.hasRemaining() ? Octets.text(value) : null));
        }
        case ORIGIN -> {
          UUID spool = new UUID(value.getLong(), value.getLong());
          Instant taken = Octets.instant(value);
          origin = new Origin(spool, Octets.id(value), taken);
        }
        case FIRST_STATE -> first = Octets.rest(value);
        default -> {} // of a later version
      }
    }

    private static MailAddress address(ByteBuffer value) throws DamagedFileException {
      return new MailAddress(Octets.text(value), text(value));
    }

    private static String text(ByteBuffer rest) {
      return new String(Octets.rest(rest), StandardCharsets.UTF_8);
    }

    private static @Nullable Set<Notify> set(int bits) {
      if (bits == NOTIFY_ABSENT) {
        return null;
      }
      Set<Notify> set = EnumSet.noneOf(Notify.class);
      for (Notify each : Notify.values()) {
        if ((bits & 1 << each.ordinal()) != 0) {
          set.add(each);
        }
      }
      return set;
    }

    private TlsRequirement tls() {
      if ((flags & REQUIRES_TLS) != 0) {
        return TlsRequirement.REQUIRED;
      }
      return (flags & NEEDS_NO_TLS) != 0 ? TlsRequirement.OPTIONAL : TlsRequirement.UNSPECIFIED;
    }

    Envelope envelope() {
      return new Envelope(
          from,
          to,
          (flags & EIGHT_BIT) != 0 ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT,
          (flags & UTF8) != 0,
          arrived,
          (flags & NOTICE) != 0,
          tls(),
          returned == null && envelopeId == null && dsn.isEmpty()
              ? DsnParameters.NONE
              : new DsnParameters(returned, envelopeId, dsn),
          origin);
    }
  }
}
