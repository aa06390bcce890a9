package dev.bridgehead.node;

import static org.awaitility.Awaitility.await;

import dev.bridgehead.testbed.Command;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Somebody who changes a connector again and again, each change first in a dry run: the webhook is
 * asked every time, and has nothing to object to.
 */
final class AdmissionLoad implements AutoCloseable {
  private static final int PERIODS = 10_000; // in minutes; each makes another spec

  private final Installation installation;
  private final String namespace;
  private final String manifest;
  private final AtomicInteger judged = new AtomicInteger();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private final Thread thread = Thread.ofVirtual().unstarted(this::run);
  private volatile boolean ended;

  private AdmissionLoad(Installation installation, String namespace, String manifest) {
    this.installation = installation;
    this.namespace = namespace;
    this.manifest = manifest;
  }

  /**
   * Starts it.
   *
   * @param manifest of a connector that says nothing of its deletion
   */
  static AdmissionLoad on(Installation installation, String namespace, String manifest) {
    var load = new AdmissionLoad(installation, namespace, manifest);
    load.thread.start();
    return load;
  }

  private void run() {
    for (int i = 1; !ended; i++) {
      String changed = manifest + "  deletion: {timeout: " + (1 + i % PERIODS) + "m}\n";
      apply(changed, "--dry-run=server");
      apply(changed, "--dry-run=none");
      judged.incrementAndGet();
    }
  }

  private void apply(String changed, String option) {
    Command.Result result =
        installation
            .cluster()
            .kubectl("apply", "-n", namespace, option, "-f", "-")
            .withInput(changed)
            .attempt();
    if (result.status() != 0) {
      refusals.add(option + ": " + result.err());
    }
  }

  /** Waits for some further changes that begin from now on. */
  void awaitMore(int changes) {
    int wanted = judged.get() + 1 + changes;
    await("applies").atMost(Duration.ofMinutes(2)).until(() -> judged.get() >= wanted);
  }

  /** What kubectl said where it failed. */
  List<String> refusals() {
    return List.copyOf(refusals);
  }

  @Override
  public void close() {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
