package dev.bridgehead.cli;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** A message that says who it is and how to tell whether it is whole. */
final class LedgerMessage {
  private static final Pattern IDENTITY =
      Pattern.compile("(?md)^X-Ledger: ([0-9]+) ([0-9]+) ([0-9a-f]+)\r$");

  private LedgerMessage() {}

  /** CRLF line ends, lines that begin with dots, not dot-stuffed. */
  static String write(long message, Random random) {
    // Most are small; some are well above what a spool keeps in line with others.
    int octets = random.nextInt(100) == 0 ? 300_000 : 100 + random.nextInt(6000);
    var body = new StringBuilder(octets + 80);
    while (body.length() < octets) {
      int length = random.nextInt(77);
      for (int i = 0; i < length; i++) {
        body.append(i == 0 && random.nextInt(8) == 0 ? '.' : (char) (' ' + 1 + random.nextInt(94)));
      }
      body.append("\r\n");
    }
    return "X-Ledger: %d %d %x\r\nFrom: <sender-%d@src.example>\r\nSubject: message %d\r\n\r\n%s"
        .formatted(message, body.length(), sum(body.toString()), message, message, body);
  }

  /** Which message it is; says what is wrong with it. */
  static long read(String content, Consumer<String> fault) {
    int end = content.indexOf("\r\n\r\n");
    Matcher identity = IDENTITY.matcher(content.substring(0, Math.max(0, end + 2)));
    if (!identity.find()) {
      fault.accept("a message without identity: " + content.lines().limit(10).toList());
      return -1;
    }
    String body = content.substring(end + 4);
    if (body.length() != Integer.parseInt(identity.group(2))
        || sum(body) != Long.parseLong(identity.group(3), 16)) {
      fault.accept("message " + identity.group(1) + " is damaged: " + body.length() + " octets");
    }
    return Long.parseLong(identity.group(1));
  }

  private static long sum(String body) {
    CRC32C sum = new CRC32C();
    sum.update(body.getBytes(StandardCharsets.ISO_8859_1));
    return sum.getValue();
  }
}
