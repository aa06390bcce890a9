package dev.bridgehead.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.UUID;

/** Messages for {@code bridgehead send}: octets with CRLF line ends (RFC 5322). */
final class TestMessage {
  private TestMessage() {}

  /** A short one, with the header fields that every message needs. */
  static byte[] text(String from, List<String> to, String subject, Instant now) {
    String sender = from.equals("<>") ? "MAILER-DAEMON" : from;
    String text =
        """
        From: %s
        To: %s
        Subject: %s
        Date: %s
        Message-ID: <%s@bridgehead.invalid>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8

        A test message, sent with "bridgehead send".
        """
            .formatted(
                oneLine(sender),
                oneLine(String.join(", ", to)),
                oneLine(subject),
                DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC)),
                UUID.randomUUID());
    return withCrlf(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A line end in a field's value would begin another field. */
  private static String oneLine(String value) {
    return value.replaceAll("[\\p{Cntrl}]+", " ");
  }

  /** Line ends as CRLF, whatever they were; nothing else changes. */
  static byte[] withCrlf(byte[] octets) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(octets.length + octets.length / 32);
    for (int i = 0; i < octets.length; i++) {
      boolean crlf = octets[i] == '\r' && i + 1 < octets.length && octets[i + 1] == '\n';
      if (crlf) {
        i++;
      }
      if (crlf || octets[i] == '\r' || octets[i] == '\n') {
        out.write('\r');
        out.write('\n');
      } else {
        out.write(octets[i]);
      }
    }
    return out.toByteArray();
  }
}
