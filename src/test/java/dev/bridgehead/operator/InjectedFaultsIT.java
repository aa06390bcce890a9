package dev.bridgehead.operator;

import static dev.bridgehead.operator.ConnectorsInNamespace.names;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.FaultyApiServer;
import dev.bridgehead.testbed.FaultyApiServer.Fault;
import dev.bridgehead.testbed.FaultyApiServer.Seen;
import dev.bridgehead.testbed.ReplicaProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The operator as a process of its own, and between it and a real API server with Kubernetes'
 * controllers a proxy that makes faults. There is no node: volumes are never bound and pods never
 * run, so that a deletion has nothing to drain.
 */
@Tag("tier2")
class InjectedFaultsIT {
  private static final String OPERATORS = "bridgehead";

  /** Longer than the longest time between two retries, a minute. */
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  /** The controllers' and the webhook's; more would be left over from something that failed. */
  private static final Map<String, Integer> WATCHES =
      Map.ofEntries(
          Map.entry("/api/v1/persistentvolumeclaims", 1),
          Map.entry("/api/v1/pods", 1),
          Map.entry("/api/v1/serviceaccounts", 1),
          Map.entry("/api/v1/services", 2),
          Map.entry("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", 1),
          Map.entry("/apis/apps/v1/statefulsets", 1),
          Map.entry("/apis/autoscaling/v2/horizontalpodautoscalers", 1),
          Map.entry("/apis/bridgehead.dev/v1/bridgeheads", 2),
          Map.entry("/apis/bridgehead.dev/v1/smtpconnectors", 1),
          Map.entry("/apis/networking.k8s.io/v1/networkpolicies", 1),
          Map.entry("/apis/policy/v1/poddisruptionbudgets", 1));

  @SuppressWarnings("NullAway.Init") // before all tests
  private static ApiServer server;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private FaultyApiServer faulty;

  @SuppressWarnings("NullAway.Init") // before each test
  private ReplicaProcess operator;

  @BeforeAll
  static void startServer() {
    server = ApiServer.start().withCrds().startControllers();
    new ConnectorsInNamespace(server, OPERATORS);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void startProxy() {
    faulty = FaultyApiServer.before(server, folder);
  }

  @AfterEach
  void end() {
    operator.close();
    faulty.close();
    server.kubectl("-n", OPERATORS, "delete", "lease", "bridgehead", "--ignore-not-found").run();
  }

  /** From the start of the process on, and while connectors are made, changed and deleted. */
  @Test
  void everythingConvergesWhenTheFaultsEnd() {
    ConnectorsInNamespace connectors = new ConnectorsInNamespace(server, "faults");
    long seed = System.nanoTime();
    System.out.println("seed of the faults: " + seed);
    faulty.follow(faults(new Random(seed)));
    start("faults");

    List<String> staying = names("stays", 4);
    List<String> leaving = names("leaves", 4);
    leaving.forEach(name -> connectors.apply(name, "10.0.0.0/8"));
    staying.forEach(name -> connectors.apply(name, "10.0.0.0/8"));
    awaitFaults(150);
    staying.forEach(name -> connectors.apply(name, "10.9.0.0/16"));
    awaitFaults(100);
    leaving.forEach(connectors::delete);
    awaitFaults(100);
    faulty.follow(request -> new Fault.None());

    staying.forEach(name -> await(name + " converged", () -> connectors.converged(name)));
    leaving.forEach(name -> await(name + " gone", () -> connectors.objects(name).isEmpty()));
    staying.forEach(name -> assertThat(connectors.effective(name)).contains("10.9.0.0/16"));
    System.out.println("requests by fault: " + faulty.faults());
    assertThat(faulty.faults())
        .containsKeys("409", "410", "429", "500", "503")
        .containsKeys("CutBefore", "CutAfter", "Late", "TooOld", "Dropped");
    assertThat(connectors.events()).isLessThan(8 * (staying.size() + leaving.size()));
    assertUnharmed();
  }

  /**
   * A third of all requests go wrong, and no watch lasts. After a 503 the client does without
   * WebSockets.
   */
  private static Function<Seen, Fault> faults(Random random) {
    return request -> {
      if (request.watch()) {
        return switch (random.nextInt(8)) {
          case 0 -> new Fault.TooOld();
          case 1 -> new Fault.Answer(410, Duration.ZERO);
          case 2 -> new Fault.Answer(503, Duration.ofSeconds(1));
          case 3 -> new Fault.CutBefore();
          default -> new Fault.Dropped(Duration.ofMillis(500 + random.nextInt(3000)));
        };
      }
      boolean reads = request.method().equals("GET");
      return switch (random.nextInt(24)) {
        case 0 -> new Fault.Answer(429, Duration.ofSeconds(1));
        case 1 -> new Fault.Answer(500, Duration.ZERO);
        case 2 -> new Fault.Answer(503, Duration.ofSeconds(2));
        case 3 -> reads ? new Fault.None() : new Fault.Answer(409, Duration.ZERO);
        case 4 -> new Fault.CutBefore();
        case 5, 6 -> new Fault.CutAfter();
        case 7 -> new Fault.Late(Duration.ofMillis(random.nextInt(2000)));
        default -> new Fault.None();
      };
    };
  }

  private void awaitFaults(int more) {
    long before = harmed();
    await(more + " more faults", () -> harmed() >= before + more);
  }

  private long harmed() {
    return faulty.seen().stream().filter(r -> !(r.fault() instanceof Fault.None)).count();
  }

  /** A Service that the API server can't store: its connector waits, the others don't. */
  @Test
  void aConnectorWhoseObjectAlwaysFailsStopsNobodyElse() {
    ConnectorsInNamespace connectors = new ConnectorsInNamespace(server, "failing");
    start("failing");
    faulty.follow(
        request ->
            request.path().contains("/services/failing-edge?")
                ? new Fault.Answer(500, Duration.ZERO)
                : new Fault.None());

    connectors.apply("failing", "10.0.0.0/8");
    await("several attempts", () -> attempts().size() >= 5);
    List<String> others = names("fine", 3);
    others.forEach(name -> connectors.apply(name, "10.0.0.0/8"));
    others.forEach(name -> await(name + " converged", () -> connectors.converged(name)));
    others.forEach(connectors::delete);
    others.forEach(name -> await(name + " gone", () -> connectors.objects(name).isEmpty()));

    assertThat(connectors.converged("failing")).isFalse();
    List<Instant> attempts = attempts();
    Duration first = Duration.between(attempts.get(0), attempts.get(2));
    Duration last =
        Duration.between(attempts.get(attempts.size() - 2), attempts.get(attempts.size() - 1));
    System.out.println("attempts at what always fails: " + attempts);
    assertThat(last).as("later each time").isGreaterThan(first);
    faulty.follow(request -> new Fault.None());
    await("the failing one converged", () -> connectors.converged("failing"));
    assertUnharmed();
  }

  private List<Instant> attempts() {
    return faulty.seen().stream()
        .filter(request -> request.path().contains("/services/failing-edge?"))
        .filter(request -> request.fault() instanceof Fault.Answer)
        .map(Seen::time)
        .toList();
  }

  @Test
  void aNamespaceGoesWhileRequestsFailAndNothingIsLeftOfIt() {
    ConnectorsInNamespace connectors = new ConnectorsInNamespace(server, "goes");
    start("goes");
    List<String> names = names("c", 4);
    names.forEach(name -> connectors.apply(name, "10.0.0.0/8"));
    names.forEach(name -> await(name + " converged", () -> connectors.converged(name)));
    long threads = operator.figure("Threads");
    long resident = operator.figure("VmRSS");

    faulty.follow(faults(new Random(System.nanoTime())));
    server.kubectl("delete", "namespace", "goes", "--wait=false").run();
    awaitFaults(60);
    faulty.follow(request -> new Fault.None());

    await("gone", () -> server.admin().namespaces().withName("goes").get() == null);
    assertUnharmed();
    System.out.printf(
        "threads %d, then %d; resident %d KiB, then %d%n",
        threads, operator.figure("Threads"), resident, operator.figure("VmRSS"));
    await("no threads left over", () -> operator.figure("Threads") < threads + 30);
  }

  private void start(String pod) {
    operator =
        ReplicaProcess.start(faulty.kubeconfig(), OPERATORS, pod, Map.of(), folder)
            .awaitLine("The controllers run");
  }

  /** The same process, and in it nothing that ended, is left over, or is out of its depth. */
  private void assertUnharmed() {
    await("one watch of each kind by each controller", () -> faulty.watches().equals(WATCHES));
    assertThat(operator.alive()).isTrue();
    assertThat(operator.log())
        .doesNotContain("a watch ended")
        .doesNotContain("can't start yet")
        .doesNotContain("\tat ");
  }

  private void await(String what, BooleanSupplier condition) {
    try {
      Awaitility.await(what)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .failFast(() -> !operator.alive())
          .until(condition::getAsBoolean);
    } catch (RuntimeException e) {
      throw new AssertionError(
          what + "; watches " + faulty.watches() + "; the operator said:\n" + operator.log(), e);
    }
  }
}
