package dev.bridgehead.relay.management;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Census;
import dev.bridgehead.relay.queue.QueueEntry;
import dev.bridgehead.relay.queue.QueueTools;
import dev.bridgehead.relay.queue.Selection;
import dev.bridgehead.relay.queue.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The queue's records as JSON, and what is asked of it from text. Field names are the API. */
final class QueueJson {
  private static final Set<String> FILTERS = Set.of("destination", "from", "to", "state");

  private QueueJson() {}

  /**
   * @throws IllegalArgumentException with what is wrong
   */
  static Selection selection(Map<String, String> asked) {
    for (String name : asked.keySet()) {
      if (!FILTERS.contains(name)) {
        throw new IllegalArgumentException(
            shown(name) + ": unknown; there are destination, from, to and state");
      }
    }
    String state = asked.get("state");
    return new Selection(
        asked.get("destination"),
        asked.get("from"),
        asked.get("to"),
        state == null ? null : standing(state));
  }

  private static Standing standing(String text) {
    for (Standing standing : Standing.values()) {
      if (name(standing).equals(text.toLowerCase(Locale.ROOT))) {
        return standing;
      }
    }
    throw new IllegalArgumentException(
        "state: \"" + shown(text) + "\": must be ready, waiting, held or active");
  }

  /** What a stranger wrote, short and without control characters. */
  static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() <= 80 ? printable : printable.substring(0, 80) + "…";
  }

  private static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static String sender(Envelope envelope) {
    return envelope.reversePath() == null ? "<>" : envelope.reversePath().toString();
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private static @Nullable String hold(QueueEntry entry) {
    return switch (entry.hold()) {
      case NONE -> null;
      case BY_HAND -> "by hand";
      case NO_ADDRESSEE -> "nobody to tell";
    };
  }

  static Map<String, @Nullable Object> entry(QueueEntry entry, Envelope envelope) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", entry.id().toString());
    json.put("arrived", entry.arrived().toString());
    json.put("size", entry.size());
    standing(json, entry);
    json.put("sender", sender(envelope));
    json.put("recipients", entry.addresses(envelope).stream().map(MailAddress::toString).toList());
    json.put("reason", entry.reason());
    return json;
  }

  private static void standing(Map<String, @Nullable Object> json, QueueEntry entry) {
    json.put("state", name(entry.standing()));
    json.put("hold", hold(entry));
    json.put("attempts", entry.attempts());
    json.put("next", text(entry.next()));
    json.put("destination", entry.destination());
    json.put("delayTold", entry.delayTold());
  }

  static Map<String, @Nullable Object> message(QueueId id, QueueTools.Shown shown) {
    Envelope envelope = shown.envelope();
    QueueEntry first = shown.entries().getFirst();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id.toString());
    json.put("arrived", envelope.arrived().toString());
    json.put("size", first.size());
    json.put("sender", sender(envelope));
    json.put("notice", envelope.notice());
    json.put("smtpUtf8", envelope.smtpUtf8());
    json.put("body", name(envelope.body()));
    json.put("tls", name(envelope.tls()));
    json.put("envelopeId", envelope.dsn().envelopeId());
    List<Map<String, @Nullable Object>> recipients = new ArrayList<>();
    for (int i = 0; i < envelope.recipients().size(); i++) {
      recipients.add(recipient(i, envelope, shown.entries()));
    }
    json.put("recipients", recipients);
    return json;
  }

  private static Map<String, @Nullable Object> recipient(
      int index, Envelope envelope, List<QueueEntry> entries) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("address", envelope.recipients().get(index).toString());
    for (QueueEntry entry : entries) {
      if (entry.recipients().contains(index)) {
        standing(json, entry);
        json.put("reason", entry.reason());
        return json;
      }
    }
    json.put("state", "settled");
    return json;
  }

  static Map<String, @Nullable Object> result(QueueTools.Result result) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("done", result.done());
    json.put("active", result.active().stream().map(QueueId::toString).toList());
    json.put("actives", result.actives());
    json.put("missing", result.missing().stream().map(QueueId::toString).toList());
    json.put("failed", result.failed());
    json.put("partly", result.partly());
    return json;
  }

  static Map<String, @Nullable Object> census(Census census, long spoolBytes) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("messages", census.messages());
    json.put("bytes", census.bytes());
    json.put("spoolBytes", spoolBytes);
    json.put("oldest", text(census.oldest()));
    Map<String, Long> states = new LinkedHashMap<>();
    census.byStanding().forEach((standing, count) -> states.put(name(standing), count));
    json.put("states", states);
    json.put("destinations", census.destinations());
    json.put("largest", census.largest().stream().map(QueueJson::destination).toList());
    return json;
  }

  private static Map<String, @Nullable Object> destination(Census.OfDestination each) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("destination", each.destination());
    json.put("messages", each.messages());
    json.put("oldest", each.oldest().toString());
    json.put("next", text(each.next()));
    json.put("reason", each.reason());
    return json;
  }
}
