package dev.bridgehead.node;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Messages as text whose characters are octets. */
final class Octets {
  private static final List<String> ADDED_ON_THE_WAY =
      List.of("return-path:", "delivered-to:", "x-original-to:", "received:");

  private Octets() {}

  static String base64(String message) {
    return Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A message with line ends as LF and without the trace fields that servers put on top. */
  static String withoutTrace(String message) {
    StringBuilder rest = new StringBuilder();
    boolean inHeader = true;
    boolean dropped = false;
    for (String line : message.replace("\r\n", "\n").split("\n", -1)) {
      inHeader = inHeader && !line.isEmpty();
      boolean folded = line.startsWith(" ") || line.startsWith("\t");
      if (inHeader && !folded) {
        String field = line.toLowerCase(java.util.Locale.ROOT);
        dropped = ADDED_ON_THE_WAY.stream().anyMatch(field::startsWith);
      }
      if (!inHeader || !dropped) {
        rest.append(line).append('\n');
      }
    }
    return rest.toString().stripTrailing() + "\n";
  }
}
