package dev.bridgehead.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * What clients were promised and what the next hop got, for a relay that is killed again and again.
 * Written by the client's and the next hop's threads at the moment it happens; times are {@link
 * System#nanoTime}.
 */
final class Ledger {
  /**
   * Between a next hop's 250 and a kill, for a duplicate to be RFC 1047's: the outcome goes to the
   * kernel at once, but a thread of a busy machine may wait for its turn.
   */
  private static final Duration WINDOW = Duration.ofSeconds(2);

  private static final Duration NEVER = Duration.ofDays(1);

  /** How the next hop treats a recipient. */
  enum Kind {
    /** Taken at once. */
    TAKEN,
    /** 451 to the first RCPT, taken later. */
    LATER,
    /** 550: its sender must get a notice. */
    GONE
  }

  /** One recipient of one message: what is promised, and kept, on its own. */
  record Entry(long message, Kind kind) {
    /** {@code later-17}, the local part that says it all. */
    String localPart() {
      return kind.name().toLowerCase(Locale.ROOT) + "-" + message;
    }

    /** Of what {@link #localPart} gives. */
    static Entry of(String localPart) {
      int dash = localPart.indexOf('-');
      return new Entry(
          Long.parseLong(localPart.substring(dash + 1)),
          Kind.valueOf(localPart.substring(0, dash).toUpperCase(Locale.ROOT)));
    }
  }

  private final Set<Entry> sent = ConcurrentHashMap.newKeySet();
  private final Set<Entry> promised = ConcurrentHashMap.newKeySet();
  private final Set<Entry> owed = ConcurrentHashMap.newKeySet();
  private final Map<Entry, Queue<Copy>> received = new ConcurrentHashMap<>();

  /** When each life of the relay ended; its number is the index. */
  private final List<Long> kills = new CopyOnWriteArrayList<>();

  private final Queue<String> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger messages = new AtomicInteger();
  private final AtomicInteger lives = new AtomicInteger();
  private final AtomicInteger broken = new AtomicInteger();
  private final Map<Entry, Integer> logged = new ConcurrentHashMap<>();

  /** Before the client sends the end of data: from now on it may arrive. */
  void sending(List<Entry> entries) {
    sent.addAll(entries);
  }

  /** After the client has read its 250: from now on it must arrive. */
  void promise(List<Entry> entries) {
    messages.incrementAndGet();
    promised.addAll(entries);
    owed.addAll(entries);
    for (Entry entry : entries) {
      if (received.containsKey(entry)) { // before the client had read its 250, or meanwhile
        owed.remove(entry);
      }
    }
  }

  /**
   * Before the next hop answers 250: a message, or for {@link Kind#GONE} the notice of it.
   *
   * @param life of the relay that sent it
   */
  void receive(Entry entry, int life) {
    if (!sent.contains(entry)) {
      fault(entry + " arrived, and nobody sent it");
    }
    received
        .computeIfAbsent(entry, _ -> new ConcurrentLinkedQueue<>())
        .add(new Copy(life, System.nanoTime()));
    owed.remove(entry);
  }

  /** Before the relay is started, once more. */
  void begin() {
    lives.incrementAndGet();
  }

  /** Which of the relay's lives this is, from 0. */
  int life() {
    return lives.get() - 1;
  }

  /** Before the signal. What is in the sockets' buffers may still arrive after it. */
  void kill() {
    kills.add(System.nanoTime());
  }

  /** A session that ended in the middle, as each kill makes some. */
  void broken() {
    broken.incrementAndGet();
  }

  /** From the log of a relay that was killed: it knew that the next hop has it. */
  void loggedAsDelivered(Entry entry) {
    logged.merge(entry, 1, Integer::sum);
  }

  /** Something that must never be. */
  void fault(String what) {
    faults.add(what);
  }

  /** Promised and not received so far. */
  int owed() {
    return owed.size();
  }

  /** What no later delivery can make good. */
  boolean beyondRepair() {
    return !faults.isEmpty();
  }

  /** Everything that is wrong; empty where every promise was kept. */
  List<String> faults() {
    List<String> all = new ArrayList<>(faults);
    owed.stream().limit(20).forEach(entry -> all.add(entry + " was promised and never came"));
    duplicates().stream()
        .filter(duplicate -> !duplicate.explained())
        .limit(20)
        .forEach(duplicate -> all.add(duplicate + ": not explained by a kill"));
    return all;
  }

  /** Every copy but the last of what arrived more than once. */
  private List<Duplicate> duplicates() {
    List<Duplicate> all = new ArrayList<>();
    received.forEach(
        (entry, copies) -> {
          List<Copy> sorted = copies.stream().sorted(Comparator.comparing(Copy::life)).toList();
          boolean logged = this.logged.getOrDefault(entry, 0) >= sorted.size();
          for (int i = 0; i + 1 < sorted.size(); i++) {
            all.add(new Duplicate(entry, gap(sorted.get(i), sorted.get(i + 1)), logged));
          }
        });
    return all;
  }

  /** From a copy to the end of the life that sent it. */
  private Duration gap(Copy copy, Copy next) {
    return copy.life() == next.life()
        ? NEVER
        : Duration.ofNanos(Math.max(0, kills.get(copy.life()) - copy.time()));
  }

  /** Figures for a report. */
  String summary() {
    List<Duplicate> duplicates = duplicates();
    var lines = new LinkedHashMap<String, Object>();
    lines.put("kills", kills.size());
    lines.put("sessions broken by them", broken.get());
    lines.put("messages with 250", messages.get());
    lines.put("recipients promised", promised.size());
    lines.put(
        "  of them arrived, or their notice",
        promised.stream().filter(received::containsKey).count());
    lines.put("  still owed", owed.size());
    lines.put(
        "arrived though nobody read a 250",
        received.keySet().stream().filter(e -> !promised.contains(e)).count());
    lines.put(
        "notices of failure",
        received.keySet().stream().filter(e -> e.kind() == Kind.GONE).count());
    lines.put("duplicates", duplicates.size());
    lines.put(
        "  whose first copy was logged", duplicates.stream().filter(Duplicate::logged).count());
    lines.put(
        "  longest from copy to kill, ms",
        duplicates.stream()
            .filter(Duplicate::explained)
            .mapToLong(d -> d.toKill().toMillis())
            .max()
            .orElse(0));
    lines.put("  not explained by a kill", duplicates.stream().filter(d -> !d.explained()).count());
    lines.put("faults", faults().size());
    return lines.entrySet().stream()
        .map(line -> "%-36s %s%n".formatted(line.getKey(), line.getValue()))
        .collect(Collectors.joining());
  }

  private record Copy(int life, long time) {}

  /**
   * A copy that was followed by another.
   *
   * @param toKill from its receipt to the kill
   * @param logged whether every copy has its line in the relay's log: killed between line and
   *     record
   */
  private record Duplicate(Entry entry, Duration toKill, boolean logged) {
    boolean explained() {
      return toKill.compareTo(WINDOW) <= 0;
    }
  }
}
