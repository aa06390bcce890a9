package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why parcels were put off, in few words, each text kept once: a million messages for a dead host
 * share one. Replies that differ from message to message are kept in full up to a number; then only
 * their code. Guarded by the queue's lock.
 */
final class Reasons {
  private static final int MOST = 10_000;
  private static final int LONGEST = 200;

  private final Map<String, Entry> entries = new HashMap<>();

  /** One text, and how many parcels have it. */
  static final class Entry {
    private final String text;
    private final Cause cause;
    private int uses;

    private Entry(String text, Cause cause) {
      this.text = text;
      this.cause = cause;
    }

    String text() {
      return text;
    }

    /** The same for other eyes. */
    Cause cause() {
      return cause;
    }
  }

  /** Replaces a parcel's reason; null takes it away. */
  void set(Parcel parcel, @Nullable Diagnostic why) {
    Entry before = parcel.reason();
    parcel.reason(why == null ? null : entry(why));
    if (before != null && --before.uses == 0) {
      entries.remove(before.text);
    }
  }

  /** A parcel was split: the new one has the same. */
  void share(Parcel from, Parcel to) {
    Entry same = from.reason();
    if (same != null) {
      same.uses++;
      to.reason(same);
    }
  }

  private Entry entry(Diagnostic why) {
    String text = shortened(text(why));
    Entry known = entries.get(text);
    boolean full = known == null && entries.size() >= MOST;
    if (full) {
      text = coarse(why);
      known = entries.get(text);
    }
    if (known == null) {
      Cause cause = Cause.of(why);
      known = new Entry(text, full ? cause.withoutWords(text) : cause);
      entries.put(text, known);
    }
    known.uses++;
    return known;
  }

  private static String text(Diagnostic why) {
    boolean said = why.reply() == null || why.text().contains(why.reply().lines().getFirst());
    return said ? why.text() : why.text() + ": " + why.reply();
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  /** Of a set that is bounded whatever peers say. */
  private static String coarse(Diagnostic why) {
    String reason = why.reason().name().toLowerCase(Locale.ROOT);
    return why.reply() == null ? reason : reason + " " + why.reply().code();
  }

  /** Texts kept. */
  int size() {
    return entries.size();
  }
}
