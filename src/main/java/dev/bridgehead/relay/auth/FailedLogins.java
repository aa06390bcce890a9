package dev.bridgehead.relay.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How often an address has failed to log in: a bucket of failures for each, which one comes back to
 * after a while. An IPv6 client is its /64, all of which one machine may have. Bounded: past {@link
 * #MOST} addresses the one that failed longest ago is forgotten. Any thread.
 */
public final class FailedLogins {
  /** Failures in a row: a Deployment with a wrong password is many clients at one address. */
  static final int BURST = 20;

  /** And one more every so often. */
  static final Duration REFILL = Duration.ofSeconds(10);

  static final int MOST = 10_000;

  private static final int IPV6_PREFIX_OCTETS = 64 / 8;

  /** At {@code nanos}, so many failures were left; more have come back since. */
  private record Bucket(double left, long nanos) {
    double leftAt(long now) {
      return Math.min(BURST, left + (double) (now - nanos) / REFILL.toNanos());
    }
  }

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<InetAddress, Bucket> buckets; // guarded by lock; by time of the last failure

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public FailedLogins(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.buckets =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<InetAddress, Bucket> eldest) {
            return size() > MOST;
          }
        };
  }

  /** Whether a client may try. */
  public boolean allows(InetAddress client) {
    lock.lock();
    try {
      Bucket bucket = buckets.get(key(client));
      return bucket == null || bucket.leftAt(nanoTime.getAsLong()) >= 1;
    } finally {
      lock.unlock();
    }
  }

  /** A try failed. */
  public void failed(InetAddress client) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      InetAddress key = key(client);
      Bucket before = buckets.remove(key); // and to the end, as the latest
      double left = before == null ? BURST : before.leftAt(now);
      buckets.put(key, new Bucket(Math.max(0, left - 1), now));
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return buckets.size();
    } finally {
      lock.unlock();
    }
  }

  private static InetAddress key(InetAddress client) {
    if (!(client instanceof Inet6Address)) {
      return client;
    }
    byte[] network = client.getAddress();
    Arrays.fill(network, IPV6_PREFIX_OCTETS, network.length, (byte) 0);
    try {
      return InetAddress.getByAddress(network);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError("sixteen octets are an address", e);
    }
  }
}
