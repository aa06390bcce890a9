package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An envelope as lines of text, {@code KEY VALUE}, in UTF-8: readable with {@code tail} when
 * something went wrong. An address is written domain first, since a quoted local part may hold
 * blanks.
 */
final class EnvelopeText {
  private EnvelopeText() {}

  static byte[] encode(Envelope envelope) {
    StringBuilder text = new StringBuilder();
    text.append("arrived ").append(envelope.arrived()).append('\n');
    text.append("body ").append(envelope.body()).append('\n');
    text.append("smtputf8 ").append(envelope.smtpUtf8()).append('\n');
    text.append("notice ").append(envelope.notice()).append('\n');
    MailAddress from = envelope.reversePath();
    text.append("from ").append(from == null ? "<>" : line(from)).append('\n');
    for (MailAddress recipient : envelope.recipients()) {
      text.append("to ").append(line(recipient)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws DamagedFileException where it is not what {@link #encode} wrote
   */
  static Envelope decode(byte[] octets) throws DamagedFileException {
    Map<String, String> fields = new HashMap<>();
    List<MailAddress> recipients = new ArrayList<>();
    for (String line : new String(octets, StandardCharsets.UTF_8).split("\n")) {
      int blank = line.indexOf(' ');
      if (blank < 0) {
        throw new DamagedFileException("an envelope line without a value");
      }
      String value = line.substring(blank + 1);
      if (line.startsWith("to ")) {
        recipients.add(address(value));
      } else {
        fields.put(line.substring(0, blank), value);
      }
    }
    try {
      String from = field(fields, "from");
      return new Envelope(
          from.equals("<>") ? null : address(from),
          recipients,
          BodyType.valueOf(field(fields, "body")),
          Boolean.parseBoolean(field(fields, "smtputf8")),
          Instant.parse(field(fields, "arrived")),
          Boolean.parseBoolean(field(fields, "notice")));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new DamagedFileException("the envelope can't be read: " + e.getMessage());
    }
  }

  private static String line(MailAddress address) {
    String line = address.domain() + " " + address.localPart();
    if (address.domain().indexOf(' ') >= 0 || line.chars().anyMatch(c -> c < ' ' || c == 127)) {
      throw new IllegalArgumentException("an address with a control character");
    }
    return line;
  }

  private static MailAddress address(String value) throws DamagedFileException {
    int blank = value.indexOf(' ');
    if (blank < 0) {
      throw new DamagedFileException("an address without a local part");
    }
    return new MailAddress(value.substring(blank + 1), value.substring(0, blank));
  }

  private static String field(Map<String, String> fields, String key) throws DamagedFileException {
    @Nullable String value = fields.get(key);
    if (value == null) {
      throw new DamagedFileException("the envelope lacks \"" + key + "\"");
    }
    return value;
  }
}
