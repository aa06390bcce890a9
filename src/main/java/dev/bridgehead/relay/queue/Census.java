package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.QueueId;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The queue in figures.
 *
 * @param messages in the queue
 * @param bytes octets of their contents
 * @param byStanding messages, each counted once, as the liveliest of its groups
 * @param oldest when it arrived; null where the queue is empty
 * @param destinations how many there are
 * @param largest the destinations with the most messages, at most twenty
 */
public record Census(
    long messages,
    long bytes,
    Map<Standing, Long> byStanding,
    @Nullable Instant oldest,
    int destinations,
    List<OfDestination> largest) {
  private static final int MOST_DESTINATIONS = 20;

  /**
   * One destination.
   *
   * @param next when it is asked again; null where it is not left alone at present
   * @param reason why it is left alone
   */
  public record OfDestination(
      String destination,
      long messages,
      Instant oldest,
      @Nullable Instant next,
      @Nullable String reason) {}

  static Census of(Listing listing) {
    Count count = new Count();
    listing.each(Selection.ALL, count::add);
    return count.census();
  }

  private static final class Count {
    private final Map<Standing, Long> byStanding = new EnumMap<>(Standing.class);
    private final Map<String, OfDestination> byDestination = new HashMap<>();
    private long messages;
    private long bytes;
    private @Nullable Instant oldest;
    private @Nullable QueueId current;
    private Standing liveliest = Standing.HELD;

    void add(QueueEntry entry) {
      if (current != null && entry.id().equals(current)) {
        liveliest = entry.standing().compareTo(liveliest) < 0 ? entry.standing() : liveliest;
      } else {
        close();
        current = entry.id();
        liveliest = entry.standing();
        messages++;
        bytes += entry.size();
        oldest = earlier(oldest, entry.arrived());
      }
      byDestination.merge(entry.destination(), single(entry), Count::merged);
    }

    private static OfDestination single(QueueEntry entry) {
      return new OfDestination(
          entry.destination(), 1, entry.arrived(), entry.next(), entry.reason());
    }

    private static OfDestination merged(OfDestination one, OfDestination other) {
      return new OfDestination(
          one.destination(),
          one.messages() + other.messages(),
          earlier(one.oldest(), other.oldest()),
          one.next() == null || other.next() == null
              ? one.next() == null ? other.next() : one.next()
              : earlier(one.next(), other.next()),
          other.reason() == null ? one.reason() : other.reason());
    }

    private static Instant earlier(@Nullable Instant one, Instant other) {
      return one == null || other.isBefore(one) ? other : one;
    }

    private void close() {
      if (current != null) {
        byStanding.merge(liveliest, 1L, Long::sum);
      }
    }

    Census census() {
      close();
      for (Standing standing : Standing.values()) {
        byStanding.putIfAbsent(standing, 0L);
      }
      List<OfDestination> largest =
          byDestination.values().stream()
              .sorted(
                  Comparator.comparingLong(OfDestination::messages)
                      .reversed()
                      .thenComparing(OfDestination::destination))
              .limit(MOST_DESTINATIONS)
              .toList();
      return new Census(messages, bytes, byStanding, oldest, byDestination.size(), largest);
    }
  }
}
