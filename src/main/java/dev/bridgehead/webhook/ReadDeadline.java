package dev.bridgehead.webhook;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends reads that take too long. A virtual thread that is interrupted while it reads from a socket
 * closes that ({@link java.net.Socket#getInputStream}); a time-out of single reads would not end
 * one that gets an octet now and then.
 */
final class ReadDeadline {
  private final Duration most;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("webhook-read-deadline").factory());

  /**
   * @param most that one read may take, as a whole
   */
  ReadDeadline(Duration most) {
    this.most = most;
    timer.setRemoveOnCancelPolicy(true);
  }

  /** From now until it is closed, by the thread that reads. */
  Guard begin() {
    return new Guard(Thread.currentThread());
  }

  final class Guard implements AutoCloseable {
    private final Thread reader;
    private final Future<?> end;
    private boolean closed;
    private boolean over;

    private Guard(Thread reader) {
      this.reader = reader;
      this.end = timer.schedule(this::end, most.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void end() {
      if (!closed) {
        over = true;
        reader.interrupt();
      }
    }

    /** An interruption that came too late to end the read must not end what follows. */
    @Override
    public synchronized void close() {
      closed = true;
      end.cancel(false);
      if (over) {
        boolean unused = Thread.interrupted();
      }
    }
  }
}
