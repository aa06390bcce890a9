package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The fields that the relay puts into a message; each ends with CRLF. */
final class TraceFields {
  /** RFC 5322 section 3.3; RFC_1123_DATE_TIME writes the obsolete zone GMT. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss Z", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final DateTimeFormatter COMPACT =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

  private TraceFields() {}

  /**
   * RFC 5321 section 4.4. All that comes from the client has been through a parser that lets no
   * control character pass.
   *
   * @param recipient for the {@code for} clause; null where there are several, whom it would show
   *     to each other
   */
  static String received(
      Client client,
      String hostname,
      boolean smtpUtf8,
      QueueId id,
      @Nullable MailAddress recipient,
      Instant now) {
    return "Received: from "
        + client.name()
        + " ("
        + literal(client.address())
        + ")"
        + (client.tls() == null ? "" : "\r\n\t(using " + client.tls() + ")")
        + "\r\n\tby "
        + hostname
        + " with "
        + client.protocol(smtpUtf8)
        + " id "
        + id
        + (recipient == null ? ";" : "\r\n\tfor <" + recipient + ">;")
        + "\r\n\t"
        + DATE.format(now)
        + "\r\n";
  }

  static String date(Instant now) {
    return "Date: " + DATE.format(now) + "\r\n";
  }

  /** The time as well as the queue id: another spool may give the same id one day. */
  static String messageId(QueueId id, String hostname, Instant now) {
    return "Message-ID: <" + COMPACT.format(now) + "." + id + "@" + hostname + ">\r\n";
  }

  /** RFC 5321 section 4.1.3. */
  static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    String bare = zone < 0 ? text : text.substring(0, zone);
    return address instanceof Inet6Address ? "[IPv6:" + bare + "]" : "[" + bare + "]";
  }
}
