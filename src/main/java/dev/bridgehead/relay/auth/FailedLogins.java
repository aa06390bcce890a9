package dev.bridgehead.relay.auth;

import dev.bridgehead.validation.Cidr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How often an address has failed to log in: a bucket of failures for each, which one comes back to
 * after a while. An IPv6 /64 has a bucket too, many times as large: one machine may have all of its
 * addresses, but it may also be all pods of a node or of a zone, where one with a wrong password
 * must not lock out the others. Bounded: past {@link #MOST} of either, the one that failed longest
 * ago is forgotten. Any thread.
 */
public final class FailedLogins {
  /** Failures in a row: a Deployment with a wrong password is many clients at one address. */
  static final int BURST = 20;

  /** And one more every so often. */
  static final Duration REFILL = Duration.ofSeconds(10);

  /** A network may fail as often as so many addresses, at once and from then on. */
  static final int ADDRESSES_PER_NETWORK = 20;

  static final int MOST = 10_000;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();
  private final Buckets<InetAddress> addresses = new Buckets<>(1); // guarded by lock
  private final Buckets<Cidr> networks = new Buckets<>(ADDRESSES_PER_NETWORK); // guarded by lock

  /**
   * @param nanoTime as {@link System#nanoTime}
   */
  public FailedLogins(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Whether a client may try. */
  public boolean allows(InetAddress client) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      return addresses.allow(client, now)
          && Cidr.network64(client).map(it -> networks.allow(it, now)).orElse(true);
    } finally {
      lock.unlock();
    }
  }

  /** A try failed. */
  public void failed(InetAddress client) {
    lock.lock();
    try {
      long now = nanoTime.getAsLong();
      addresses.take(client, now);
      Cidr.network64(client).ifPresent(it -> networks.take(it, now));
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return Math.max(addresses.byLastFailure.size(), networks.byLastFailure.size());
    } finally {
      lock.unlock();
    }
  }

  /** At {@code nanos}, so many failures were left; more have come back since. */
  private record Bucket(double left, long nanos) {}

  private static final class Buckets<K> {
    private final int addresses;
    private final Map<K, Bucket> byLastFailure =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<K, Bucket> eldest) {
            return size() > MOST;
          }
        };

    /**
     * @param addresses so many times the failures of one
     */
    Buckets(int addresses) {
      this.addresses = addresses;
    }

    boolean allow(K key, long now) {
      Bucket bucket = byLastFailure.get(key);
      return bucket == null || left(bucket, now) >= 1;
    }

    void take(K key, long now) {
      Bucket before = byLastFailure.remove(key); // and to the end, as the latest
      double left = before == null ? full() : left(before, now);
      byLastFailure.put(key, new Bucket(Math.max(0, left - 1), now));
    }

    private double full() {
      return (double) BURST * addresses;
    }

    private double left(Bucket bucket, long now) {
      double back = (double) (now - bucket.nanos()) * addresses / REFILL.toNanos();
      return Math.min(full(), bucket.left() + back);
    }
  }
}
