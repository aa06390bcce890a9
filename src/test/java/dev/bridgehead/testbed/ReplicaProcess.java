package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code bridgehead operator} as a process of its own, as in a pod of this name. */
public final class ReplicaProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final String pod;
  private final Process process;
  private final Path log;

  private ReplicaProcess(String pod, Process process, Path log) {
    this.pod = pod;
    this.process = process;
    this.log = log;
  }

  /**
   * Starts one.
   *
   * @param kubeconfig whom it is for the API server
   * @param namespace that its pod would be in
   * @param environment in addition to what every pod has
   * @param logs a folder for its log
   */
  public static ReplicaProcess start(
      Path kubeconfig, String namespace, String pod, Map<String, String> environment, Path logs) {
    Path log = logs.resolve(pod + ".log");
    List<String> words =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@src/aot/launcher.options",
            // The tests on the class path have a configuration of their own that says less.
            "-Dlogback.configurationFile=src/main/resources/logback.xml",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.bridgehead.cli.Main",
            "operator",
            "--management-port=0",
            "--webhook-port=0");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("BRIDGEHEAD_IMAGE", "bridgehead:test");
    builder.environment().putAll(environment);
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("POD_NAME", pod);
    builder.environment().put("POD_NAMESPACE", namespace);
    builder.environment().put("BRIDGEHEAD_LOG", "text");
    try {
      return new ReplicaProcess(pod, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String pod() {
    return pod;
  }

  /** Waits until its log has this; a failure shows all of the log. */
  public ReplicaProcess awaitLine(String text) {
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(20))
          .failFast(() -> !process.isAlive())
          .until(() -> log().contains(text));
      return this;
    } catch (RuntimeException e) {
      String said = log();
      close();
      throw new AssertionError(pod + " did not say \"" + text + "\":\n" + said, e);
    }
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** A figure of the kernel's, such as {@code Threads} or {@code VmRSS} (in KiB). */
  public long figure(String name) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith(name + ":"))
          .map(line -> line.replaceAll("[^0-9]", ""))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** TERM, KILL, STOP or CONT. */
  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
