package dev.bridgehead.cli;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** {@code ./bridgehead run} or {@code relay} as a process of its own, which a test may kill. */
final class RelayProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);

  private final Process process;
  private final Path out;
  private final Path err;

  private RelayProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** Starts it; the words are those of a shell's command line. */
  static RelayProcess start(Path logs, Map<String, String> environment, List<String> words)
      throws IOException {
    Path out = Files.createTempFile(logs, "relay", ".out");
    Path err = Files.createTempFile(logs, "relay", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    return new RelayProcess(builder.start(), out, err);
  }

  /** {@code ./bridgehead run}, when it is ready. */
  static RelayProcess run(Path logs, String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of("./bridgehead", "run"));
    words.addAll(List.of(options));
    return start(logs, Map.of(), words).awaitOutput("ready");
  }

  RelayProcess awaitOutput(String text) {
    try {
      await().atMost(START).failFast(() -> !process.isAlive()).until(() -> output().contains(text));
      return this;
    } catch (RuntimeException e) {
      String said = output();
      close();
      throw new AssertionError("the relay did not say \"" + text + "\":\n" + said, e);
    }
  }

  /** What it wrote so far, to stdout and then to stderr. */
  String output() {
    try {
      return Files.readString(out) + Files.readString(err);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Whether it ended, however, within this time. */
  boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Of a process that has ended; 137 after SIGKILL. */
  int exitCode() {
    return process.exitValue();
  }

  /** SIGKILL, without waiting for its end. */
  void strike() {
    process.destroyForcibly();
  }

  /** SIGKILL: nothing is flushed, closed or said. */
  void kill9() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM, as the kubelet sends; gives its exit code. */
  int terminate() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("still there a minute after SIGTERM:\n" + output());
    }
    return process.exitValue();
  }

  /** With all that it started. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
