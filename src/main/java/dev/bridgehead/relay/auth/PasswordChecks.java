package dev.bridgehead.relay.auth;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import dev.bridgehead.validation.Saslprep;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Passwords in clear against stored ones. A check is thousands of hashes, on purpose: only a few
 * run at a time, so that no flood of them takes the processors from the mail. Nothing is kept of a
 * password. Any thread.
 */
public final class PasswordChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Semaphore running;
  private final Duration patience;

  /** For half of the processors, and one at least. */
  public static PasswordChecks forThisMachine() {
    return new PasswordChecks(
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2), PATIENCE);
  }

  /**
   * @param atATime checks at the same time
   * @param patience how long another one waits before the client is told to come again
   */
  PasswordChecks(int atATime, Duration patience) {
    this.running = new Semaphore(atATime, true);
    this.patience = patience;
  }

  Turn check(Users users, String name, String password) {
    String preparedName;
    String preparedPassword;
    try {
      preparedName = Saslprep.query(name);
      preparedPassword = Saslprep.query(password);
    } catch (IllegalArgumentException none) {
      return new Rejected(Reason.BAD_CREDENTIALS, name, "");
    }
    try {
      if (!running.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        return new Rejected(Reason.NOT_NOW, name, "too many passwords to check at the same time");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return new Rejected(Reason.NOT_NOW, name, "the server stops");
    }
    try {
      Users.Found found = users.find(preparedName);
      boolean right = Scram.matches(found.password(), preparedPassword) & found.known();
      return right ? new Accepted(preparedName) : new Rejected(Reason.BAD_CREDENTIALS, name, "");
    } finally {
      running.release();
    }
  }
}
