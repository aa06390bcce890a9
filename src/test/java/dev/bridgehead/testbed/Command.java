package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * A program that is run to its end. Immutable: each {@code with…} gives another one.
 *
 * @param words the program and its arguments; no shell reads them
 * @param environment variables in addition to the JVM's own
 * @param input what it reads on standard input
 * @param limit how long it may take
 */
public record Command(
    List<String> words, Map<String, String> environment, String input, Duration limit) {
  private static final Executor readers = Thread::startVirtualThread;

  /** Copies what it is given. */
  public Command {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  /** A program and its arguments, for two minutes at most. */
  public static Command of(String... words) {
    return new Command(List.of(words), Map.of(), "", Duration.ofMinutes(2));
  }

  /** The same with further arguments. */
  public Command with(String... more) {
    var all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return new Command(all, environment, input, limit);
  }

  /** The same run by another program, such as {@code nsenter --net=…}. */
  public Command by(List<String> prefix) {
    var all = new ArrayList<>(prefix);
    all.addAll(words);
    return new Command(all, environment, input, limit);
  }

  /** The same with an environment variable. */
  public Command withVariable(String name, String value) {
    var all = new TreeMap<>(environment);
    all.put(name, value);
    return new Command(words, all, input, limit);
  }

  /** The same with something to read. */
  public Command withInput(String text) {
    return new Command(words, environment, text, limit);
  }

  /** The same with another limit. */
  public Command within(Duration time) {
    return new Command(words, environment, input, time);
  }

  /** Runs it, and expects status 0. Gives its standard output, without the last line's end. */
  public String run() {
    Result result = attempt();
    if (result.status() != 0) {
      throw new AssertionError(
          "%s: status %d%n%s%s".formatted(this, result.status(), result.out(), result.err()));
    }
    return result.out().stripTrailing();
  }

  /** Runs it, whatever its status. */
  public Result attempt() {
    var builder = new ProcessBuilder(words);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      try {
        return finish(process);
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + this, e);
    }
  }

  private Result finish(Process process) throws IOException, InterruptedException {
    var out = CompletableFuture.supplyAsync(() -> text(process.getInputStream()), readers);
    var err = CompletableFuture.supplyAsync(() -> text(process.getErrorStream()), readers);
    try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
      stdin.write(input);
    } catch (IOException e) {
      // A program that ends without reading its input is judged by its status.
      if (process.isAlive()) {
        throw e;
      }
    }
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("not done after " + limit + ": " + this);
    }
    return new Result(process.exitValue(), out.join(), err.join());
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return String.join(" ", words);
  }

  /** How a program ended, and what it wrote. */
  public record Result(int status, String out, String err) {}
}
