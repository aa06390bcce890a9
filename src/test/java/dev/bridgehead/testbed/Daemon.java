package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A server process that lives as long as this object, and never longer than the JVM: a shell holds
 * one end of a pipe and ends the program, and what it started, when the other end, ours, is closed,
 * by {@link #close} or by the JVM's death.
 */
final class Daemon implements AutoCloseable {
  private static final String GUARD =
      """
      exec 3<&0
      setsid "$@" </dev/null 3<&- & program=$!
      cat <&3 >/dev/null & guard=$!
      exec 3<&-
      wait -n $program $guard
      kill $program 2>/dev/null
      for i in $(seq 50); do kill -0 $program 2>/dev/null || break; sleep 0.1; done
      kill -9 -- -$program 2>/dev/null
      wait $program
      status=$?
      kill $guard 2>/dev/null
      exit $status
      """;

  private static final Set<Integer> given = ConcurrentHashMap.newKeySet();

  private final String name;
  private final Process guard;
  private final Path log;

  private Daemon(String name, Process guard, Path log) {
    this.name = name;
    this.guard = guard;
    this.log = log;
  }

  /** Starts a program whose output goes to a log file in a folder of its own. */
  static Daemon start(String name, Path folder, Command command) {
    var words = new ArrayList<>(List.of("bash", "-c", GUARD, name));
    words.addAll(command.words());
    Path log = folder.resolve(name + ".log");
    var builder =
        new ProcessBuilder(words)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(command.environment());
    try {
      return new Daemon(name, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A port that nobody has now. It is none of those that a system gives to clients (Linux: 32768
   * and above), one of which may take it before the server that it is for, and is given once only.
   */
  static int freePort() {
    for (int tries = 0; tries < 100; tries++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
      try (var socket = new ServerSocket(port)) {
        if (given.add(port)) {
          return socket.getLocalPort();
        }
      } catch (BindException e) {
        // another one
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    throw new AssertionError("no port from 20000 to 29999 is free");
  }

  /** Waits until it answers; its log is in the error where it doesn't. */
  Daemon await(Condition ready) {
    try {
      Awaitility.await(name)
          .atMost(60, TimeUnit.SECONDS)
          .pollDelay(0, TimeUnit.MILLISECONDS)
          .pollInterval(50, TimeUnit.MILLISECONDS)
          .failFast(() -> !guard.isAlive())
          .until(() -> answers(ready));
      return this;
    } catch (ConditionTimeoutException | org.awaitility.core.TerminalFailureException e) {
      close();
      throw new AssertionError(name + " did not come up:\n" + log(), e);
    }
  }

  private static boolean answers(Condition ready) {
    try {
      return ready.holds();
    } catch (IOException e) {
      return false;
    }
  }

  boolean alive() {
    return guard.isAlive();
  }

  /** All that it wrote so far. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the program: first asked to, after five seconds made to. */
  @Override
  public void close() {
    try {
      guard.getOutputStream().close();
      if (!guard.waitFor(15, TimeUnit.SECONDS)) {
        guard.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A question to a server; one that can't be asked yet throws. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }
}
