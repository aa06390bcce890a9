package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The queue for people: what the relay answers as JSON, in columns. */
final class QueueText {
  private static final String COLUMNS = "%-16s %5s %6s %-8s %5s %5s %-24s %-28s %s";

  private QueueText() {}

  static String heading() {
    return COLUMNS.formatted(
        "ID", "AGE", "SIZE", "STATE", "TRIES", "NEXT", "DESTINATION", "SENDER", "REASON");
  }

  static String line(JsonNode entry, Instant now) {
    return COLUMNS
        .formatted(
            entry.path("id").asText(),
            age(entry.path("arrived"), now),
            size(entry.path("size").asLong()),
            entry.path("state").asText(),
            entry.path("attempts").asText(),
            next(entry, now),
            entry.path("destination").asText(),
            entry.path("sender").asText(),
            printable(
                entry.path("hold").asText("").isEmpty()
                    ? entry.path("reason").asText("")
                    : "(" + entry.path("hold").asText() + ") " + entry.path("reason").asText("")))
        .stripTrailing();
  }

  /** Peers write reasons: nothing of theirs moves the cursor. */
  static String printable(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static String age(JsonNode instant, Instant now) {
    return instant.isTextual() ? span(Duration.between(Instant.parse(instant.asText()), now)) : "-";
  }

  private static String next(JsonNode entry, Instant now) {
    JsonNode next = entry.path("next");
    if (!next.isTextual()) {
      return "-";
    }
    Duration until = Duration.between(now, Instant.parse(next.asText()));
    return until.isNegative() || until.isZero() ? "now" : span(until);
  }

  /** One number and one unit. */
  static String span(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    if (seconds < 120) {
      return seconds + "s";
    }
    if (seconds < 2 * 3600) {
      return seconds / 60 + "m";
    }
    return seconds < 48 * 3600 ? seconds / 3600 + "h" : seconds / 86_400 + "d";
  }

  static String size(long octets) {
    if (octets < 10_000) {
      return octets + "B";
    }
    return octets < 10_000_000
        ? octets / 1024 + "Ki"
        : octets < 10_000_000_000L ? (octets >> 20) + "Mi" : (octets >> 30) + "Gi";
  }

  static List<String> message(JsonNode message, Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add("id         " + message.path("id").asText());
    lines.add(
        "arrived    "
            + message.path("arrived").asText()
            + " ("
            + age(message.path("arrived"), now)
            + " ago)");
    lines.add("size       " + message.path("size").asLong() + " octets");
    lines.add("sender     " + message.path("sender").asText());
    if (message.path("notice").asBoolean()) {
      lines.add("           (a notice of this relay)");
    }
    switch (message.path("tls").asText()) {
      case "required" -> lines.add("TLS        required by its sender (REQUIRETLS)");
      case "optional" -> lines.add("TLS        not needed, says its sender (TLS-Required: No)");
      default -> {} // nothing is asked for
    }
    if (message.path("envelopeId").isTextual()) {
      lines.add("ENVID      " + printable(message.path("envelopeId").asText()));
    }
    for (JsonNode recipient : message.path("recipients")) {
      lines.add("recipient  " + recipient.path("address").asText());
      lines.add("           " + standing(recipient, now));
      if (recipient.path("reason").isTextual()) {
        lines.add("           " + printable(recipient.path("reason").asText()));
      }
    }
    return lines;
  }

  private static String standing(JsonNode recipient, Instant now) {
    String state = recipient.path("state").asText();
    if (state.equals("settled")) {
      return "settled: delivered, or given up";
    }
    String hold = recipient.path("hold").asText("");
    return "%s%s, attempts %s, next %s, by %s%s"
        .formatted(
            state,
            hold.isEmpty() ? "" : " (" + hold + ")",
            recipient.path("attempts").asText(),
            next(recipient, now),
            recipient.path("destination").asText(),
            recipient.path("delayTold").asBoolean() ? ", sender told of the delay" : "");
  }

  static List<String> census(JsonNode census, Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add("messages   " + census.path("messages").asLong());
    census
        .path("states")
        .properties()
        .forEach(state -> lines.add("  %-8s %s".formatted(state.getKey(), state.getValue())));
    lines.add("oldest     " + age(census.path("oldest"), now));
    lines.add("contents   " + size(census.path("bytes").asLong()));
    lines.add("on disk    " + size(census.path("spoolBytes").asLong()));
    lines.add("destinations " + census.path("destinations").asLong());
    for (JsonNode each : census.path("largest")) {
      lines.add(
          "  %-30s %9d  oldest %4s  next %4s  %s"
              .formatted(
                  each.path("destination").asText(),
                  each.path("messages").asLong(),
                  age(each.path("oldest"), now),
                  next(each, now),
                  printable(each.path("reason").asText("")))
              .stripTrailing());
    }
    return lines;
  }
}
