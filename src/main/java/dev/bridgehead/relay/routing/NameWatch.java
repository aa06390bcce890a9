package dev.bridgehead.relay.routing;

import dev.bridgehead.relay.config.RelayConfig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks the smart hosts up at the start, at each change and now and then, so that a name that leads
 * nowhere is known before mail waits for it. On a virtual thread of its own; any thread may ask.
 */
public final class NameWatch implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Router router;
  private final Supplier<RelayConfig> configs;
  private final Semaphore wake = new Semaphore(0);
  private volatile @Nullable Seen seen;
  private volatile boolean closed;

  private record Seen(RelayConfig config, List<String> unresolved) {}

  public NameWatch(Router router, Supplier<RelayConfig> configs) {
    this.router = router;
    this.configs = configs;
  }

  public void start() {
    Thread.ofVirtual().name("name-watch").start(this::run);
  }

  /** Looks now, not at the end of the interval. */
  public void look() {
    wake.release();
  }

  /**
   * Smart hosts of the configuration in force that no mail can be sent to, a line each; null where
   * that is not known yet.
   */
  public @Nullable List<String> unresolved() {
    Seen last = seen;
    return last != null && last.config() == configs.get() ? last.unresolved() : null;
  }

  private void run() {
    try {
      while (!closed) {
        RelayConfig config = configs.get();
        seen = new Seen(config, router.unresolvedSmartHosts());
        if (wake.tryAcquire(INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
  }
}
