package dev.bridgehead.operator;

import dev.bridgehead.testbed.ApiServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** {@code bridgehead operator} as a process of its own, as in a pod of this name. */
final class ReplicaProcess implements AutoCloseable {
  static final String NAMESPACE = "bridgehead";
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final String pod;
  private final Process process;
  private final Path log;

  private ReplicaProcess(String pod, Process process, Path log) {
    this.pod = pod;
    this.process = process;
    this.log = log;
  }

  static ReplicaProcess start(ApiServer server, String pod, Path logs) {
    return start(server, pod, logs, List.of());
  }

  static ReplicaProcess start(ApiServer server, String pod, Path logs, List<String> java) {
    Path log = logs.resolve(pod + ".log");
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("@src/aot/launcher.options");
    // The tests on the class path have a configuration of their own that says less.
    words.add("-Dlogback.configurationFile=src/main/resources/logback.xml");
    words.addAll(java);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.bridgehead.cli.Main"));
    words.addAll(List.of("operator", "--management-port=0", "--webhook-port=0"));
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("KUBECONFIG", server.kubeconfig().toString());
    builder.environment().put("POD_NAME", pod);
    builder.environment().put("POD_NAMESPACE", NAMESPACE);
    builder.environment().put("BRIDGEHEAD_IMAGE", "bridgehead:test");
    builder.environment().put("BRIDGEHEAD_LOG", "text");
    try {
      return new ReplicaProcess(pod, builder.start(), log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String pod() {
    return pod;
  }

  long pid() {
    return process.pid();
  }

  ReplicaProcess awaitLine(String text) {
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

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean alive() {
    return process.isAlive();
  }

  boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** TERM, KILL, STOP or CONT. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
