package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig.Access;
import java.net.InetAddress;
import java.time.Clock;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many messages each client may still begin: as many as the limit at once, and as many a minute
 * from then on. Any thread.
 */
final class ClientRates {
  private static final long MINUTE = 60_000;

  /**
   * Above so many clients, those that were quiet for a minute are forgotten: they have all again.
   */
  private static final int MANY = 10_000;

  private static final long SWEEP = 1_000;

  private final Clock clock;
  private final ConcurrentMap<InetAddress, Allowance> clients = new ConcurrentHashMap<>();
  private final AtomicLong swept = new AtomicLong();

  /**
   * @param left messages, and the share of the next one
   * @param at milliseconds, when that was
   */
  private record Allowance(double left, long at, boolean granted) {}

  ClientRates(Clock clock) {
    this.clock = clock;
  }

  /**
   * Counts a message.
   *
   * @throws RefusedException where it is one too many
   */
  void count(InetAddress client, Access access) throws RefusedException {
    Integer limit = access.messagesPerMinute();
    if (limit != null && !granted(client, limit)) {
      throw new RefusedException(
          Refusal.TOO_MANY_MESSAGES,
          450,
          7,
          1,
          "too many messages from your address: " + limit + " a minute, try again in a minute");
    }
  }

  private boolean granted(InetAddress client, int limit) {
    long now = clock.millis();
    sweep(now);
    return clients.compute(client, (address, before) -> next(before, limit, now)).granted();
  }

  private static Allowance next(@Nullable Allowance before, int limit, long now) {
    double left = limit;
    if (before != null) {
      long passed = Math.max(0, now - before.at()); // a clock may be set back
      left = Math.min(limit, before.left() + (double) passed * limit / MINUTE);
    }
    return left >= 1 ? new Allowance(left - 1, now, true) : new Allowance(left, now, false);
  }

  private void sweep(long now) {
    long last = swept.get();
    if (clients.size() > MANY && Math.abs(now - last) > SWEEP && swept.compareAndSet(last, now)) {
      clients.values().removeIf(each -> now - each.at() > MINUTE);
    }
  }
}
