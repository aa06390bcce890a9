package dev.bridgehead.operator;

import static dev.bridgehead.operator.ConnectorsInNamespace.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.ApiServer.Write;
import dev.bridgehead.testbed.ReplicaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The API server's process is stopped, and started again on the same data and port. {@code
 * -Doutage=PT3M} says for how long; figures go to {@code target/outage-report.txt}.
 */
@Tag("tier2")
class ApiServerOutageIT {
  private static final Path REPORT = Path.of("target/outage-report.txt");

  /** By default longer than a leader may write without having renewed its Lease. */
  private static final Duration OUTAGE = Duration.parse(System.getProperty("outage", "PT20S"));

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private ApiServer server;

  @SuppressWarnings("NullAway.Init") // before each test
  private ReplicaProcess operator;

  @BeforeEach
  void start() {
    server = ApiServer.startAudited().withCrds().startControllers();
    new ConnectorsInNamespace(server, "bridgehead");
    operator =
        ReplicaProcess.start(server.kubeconfig(), "bridgehead", "outage", Map.of(), folder)
            .awaitLine("The controllers run");
  }

  @AfterEach
  void end() {
    operator.close();
    server.close();
  }

  @Test
  void theOperatorGoesOnWithoutARestartWhenTheApiServerIsBack() throws IOException {
    ConnectorsInNamespace connectors = new ConnectorsInNamespace(server, "mail");
    List<String> names = names("c", 20);
    names.forEach(name -> connectors.apply(name, "10.0.0.0/8"));
    names.forEach(name -> await(name + " converged", () -> connectors.converged(name)));
    int events = connectors.events();

    server.stopServing();
    awaitFor(OUTAGE);
    server.serveAgain();
    Instant back = Instant.now();
    connectors.apply("c0", "10.9.0.0/16");
    connectors.apply("new", "10.9.0.0/16");
    connectors.delete("c1");

    await("a change is taken over", () -> connectors.effective("c0").contains("10.9.0.0/16"));
    Duration change = Duration.between(back, Instant.now());
    await("a new one has all its objects", () -> connectors.made("new"));
    Duration creation = Duration.between(back, Instant.now());
    // Its pod and claim follow by Kubernetes' controllers, which take their time to be back.
    await("it converged", () -> connectors.converged("new"));
    await("a deleted one gone", () -> connectors.objects("c1").isEmpty());
    Duration all = Duration.between(back, Instant.now());
    names.stream()
        .filter(name -> !name.equals("c1"))
        .forEach(name -> await(name + " converged", () -> connectors.converged(name)));

    List<Write> writes = writes(back);
    report(
        "API server away for %s, %d connectors: a change taken over %.1f s after it was back, a new"
            + " connector's objects made after %.1f s, its pod made and a deleted connector's pod gone"
            + " by Kubernetes after %.1f s; events before %d, after %d; the operator's writes since"
            + " then, but for its Lease: %d",
        OUTAGE,
        names.size(),
        seconds(change),
        seconds(creation),
        seconds(all),
        events,
        connectors.events(),
        writes.size());
    // Seconds; with room for a slow day, and less than a failed look's longest wait for the next.
    assertThat(change).isLessThan(Duration.ofSeconds(45));
    assertThat(creation).isLessThan(Duration.ofSeconds(45));
    // What the three of them lead to, and nothing for the others.
    assertThat(connectors.events()).isLessThan(events + 15);
    assertThat(writes).filteredOn(write -> untouched(write.name())).isEmpty();
    assertThat(operator.alive()).isTrue();
    assertThat(operator.log()).doesNotContain("\tat ").doesNotContain("a watch ended");
  }

  /** Whether an object is of a connector that nobody changed. */
  private static boolean untouched(String object) {
    return object.matches("mail/(spool-)?c([2-9]|1[0-9])(-.*)?");
  }

  private List<Write> writes(Instant since) {
    return server.writes().stream()
        .filter(write -> write.userAgent().endsWith("/outage"))
        .filter(write -> !write.resource().equals("leases"))
        .filter(write -> write.time().isAfter(since))
        .toList();
  }

  private void awaitFor(Duration time) {
    Awaitility.await()
        .during(time)
        .atMost(time.plusSeconds(10))
        .pollInterval(Duration.ofSeconds(1))
        .until(operator::alive);
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1000.0;
  }

  private static void report(String format, Object... values) throws IOException {
    String line = format.formatted(values) + "\n";
    System.out.print(line);
    Files.writeString(REPORT, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void await(String what, BooleanSupplier condition) {
    try {
      Awaitility.await(what)
          .atMost(Duration.ofSeconds(120))
          .pollInterval(Duration.ofMillis(100))
          .failFast(() -> !operator.alive())
          .until(condition::getAsBoolean);
    } catch (RuntimeException e) {
      throw new AssertionError(what + "; the operator said:\n" + operator.log(), e);
    }
  }
}
