package dev.bridgehead.relay.sts;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches kept policies anew before they expire, so that whoever would keep a relay from them needs
 * as long as they hold (RFC 8461 §10.2). On a virtual thread of its own, with few others.
 */
final class PolicyRefresh implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyRefresh.class);
  private static final Duration INTERVAL = Duration.ofMinutes(5);

  /** At a time: one host that says nothing must not keep the others' policies from a refresh. */
  private static final int FETCHES = 8;

  private final KeptPolicies policies;
  private final Thread thread = Thread.ofVirtual().name("sts-refresh").unstarted(this::run);

  PolicyRefresh(KeptPolicies policies) {
    this.policies = policies;
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(INTERVAL);
        sweep();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        LOG.error("MTA-STS policies can't be refreshed; the next try is in {}", INTERVAL, e);
      }
    }
  }

  /** Returns once all that is due was tried. */
  void sweep() {
    policies.expire();
    List<Kept> due = policies.due();
    if (due.isEmpty()) {
      return;
    }
    try (ExecutorService fetches =
        Executors.newFixedThreadPool(
            FETCHES, Thread.ofVirtual().name("sts-refresh-", 0).factory())) {
      due.forEach(kept -> fetches.execute(() -> policies.refresh(kept)));
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
