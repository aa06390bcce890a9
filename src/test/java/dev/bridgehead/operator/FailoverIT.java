package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.ApiServer.Write;
import dev.bridgehead.testbed.ReplicaProcess;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two replicas as processes, and what happens to the leader. The API server's audit log says who
 * wrote what; measured times go to {@code target/failover-report.txt}.
 */
@Tag("tier2")
class FailoverIT {
  private static final String NAMESPACE = "bridgehead";
  private static final Path REPORT = Path.of("target/failover-report.txt");

  @SuppressWarnings("NullAway.Init") // before all tests
  private static ApiServer server;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path logs;

  @SuppressWarnings("NullAway.Init") // before each test
  private ReplicaProcess leader;

  @SuppressWarnings("NullAway.Init") // before each test
  private ReplicaProcess standby;

  @BeforeAll
  static void startServer() {
    server = ApiServer.startAudited().withCrds();
    for (String name : List.of(NAMESPACE, "mail")) {
      server
          .admin()
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .serverSideApply();
    }
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void startReplicas() {
    long number = System.nanoTime();
    leader = start("a-" + number).awaitLine("The controllers run");
    standby = start("b-" + number).awaitLine("Standing by");
    create("before");
    awaitAccepted("before");
  }

  private ReplicaProcess start(String pod) {
    return ReplicaProcess.start(server.kubeconfig(), NAMESPACE, pod, Map.of(), logs);
  }

  @AfterEach
  void endReplicas() {
    leader.close();
    standby.close();
    server.kubectl("-n", NAMESPACE, "delete", "lease", "bridgehead").run();
    // Nobody is left who would let the finalizers go.
    for (String name : List.of("before", "after", "meanwhile")) {
      server
          .kubectl("-n", "mail", "patch", "smtpconnector", name, "--type=merge")
          .with("--patch={\"metadata\":{\"finalizers\":null}}")
          .attempt();
      server.kubectl("-n", "mail", "delete", "smtpconnector", name, "--wait=false").attempt();
    }
  }

  @Test
  void theStandbyGoesOnWhenTheLeaderIsToldToStop() throws Exception {
    long begun = System.nanoTime();
    leader.signal("TERM");
    create("after");
    awaitAccepted("after");
    Duration taken = Duration.ofNanos(System.nanoTime() - begun);

    report("SIGTERM to the leader: reconciled by the standby after", taken);
    assertThat(holder()).startsWith(standby.pod());
    assertThat(taken).as("the Lease was released, it did not run out").isLessThan(LEASE);
    assertThat(leader.endsWithin(Duration.ofSeconds(30))).isTrue();
    assertOneAfterTheOther();
  }

  @Test
  void theStandbyTakesOverWhenTheLeaseOfAKilledLeaderEnds() throws Exception {
    awaitRenewal(); // the worst moment: a whole lease is left
    long begun = System.nanoTime();
    leader.signal("KILL");
    create("after");
    Awaitility.await("the Lease")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> holder().startsWith(standby.pod()));
    Duration taken = Duration.ofNanos(System.nanoTime() - begun);
    awaitAccepted("after");

    report("SIGKILL to the leader: the standby leads after", taken);
    report(
        "SIGKILL to the leader: reconciled by the standby after",
        Duration.ofNanos(System.nanoTime() - begun));
    assertThat(taken).isBetween(LEASE.minusSeconds(1), LEASE.plus(RETRY_PERIOD));
  }

  private static void awaitRenewal() {
    ZonedDateTime before = lease().getSpec().getRenewTime();
    Awaitility.await("a renewal")
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !lease().getSpec().getRenewTime().equals(before));
  }

  @Test
  void aLeaderThatWasStoppedLongerThanItsLeaseEndsAndWritesNothing() throws Exception {
    leader.signal("STOP");
    create("after");
    awaitAccepted("after"); // by the standby
    // Something to do for whoever thinks that it leads: its watches tell it when it goes on.
    create("meanwhile");
    Instant woken = Instant.now();
    leader.signal("CONT");

    assertThat(leader.endsWithin(Duration.ofSeconds(20))).isTrue();
    assertThat(leader.log()).contains("another replica leads: " + standby.pod());
    awaitAccepted("meanwhile");
    assertThat(writesOf(leader)).noneMatch(write -> write.time().isAfter(woken));
    assertOneAfterTheOther();
  }

  @Test
  void bothOutliveAnApiServerThatIsAway() throws Exception {
    server.stopServing();
    // Longer than a leader may write without a renewal.
    leader.awaitLine("The Lease can't be renewed");
    Awaitility.await()
        .during(LEASE.plusSeconds(5))
        .atMost(LEASE.plusSeconds(15))
        .until(() -> leader.alive() && standby.alive());
    server.serveAgain();
    create("after");
    awaitAccepted("after");

    assertThat(leader.alive()).isTrue();
    assertThat(standby.alive()).isTrue();
    assertThat(holder()).startsWith(leader.pod());
    for (ReplicaProcess replica : List.of(leader, standby)) {
      assertThat(replica.log()).doesNotContain("\tat ");
    }
  }

  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration RETRY_PERIOD = Duration.ofSeconds(2);

  /** The standby wrote nothing but its Lease before the leader's last write. */
  private void assertOneAfterTheOther() {
    Optional<Instant> last = writesOf(leader).stream().map(Write::time).max(Instant::compareTo);
    Optional<Instant> first = writesOf(standby).stream().map(Write::time).min(Instant::compareTo);
    assertThat(first).isPresent();
    assertThat(last).isPresent();
    assertThat(first.get()).isAfter(last.get());
  }

  /** What only a leader may write: neither the Lease nor the webhook's authority. */
  private static List<Write> writesOf(ReplicaProcess replica) {
    return server.writes().stream()
        .filter(write -> write.userAgent().endsWith("/" + replica.pod()))
        .filter(write -> !write.resource().equals("leases"))
        .filter(write -> !write.name().startsWith(NAMESPACE + "/"))
        .toList();
  }

  private static void create(String name) {
    server
        .kubectl("-n", "mail", "apply", "-f", "-")
        .withInput(OperatorTestBase.DNS.replace("name: internet", "name: " + name))
        .run();
  }

  private static void awaitAccepted(String name) {
    Awaitility.await(name)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              SmtpConnector found =
                  server
                      .admin()
                      .resources(SmtpConnector.class)
                      .inNamespace("mail")
                      .withName(name)
                      .get();
              return found != null
                  && found.getStatus() != null
                  && found
                      .getMetadata()
                      .getGeneration()
                      .equals(found.getStatus().observedGeneration());
            });
  }

  private static String holder() {
    return lease().getSpec().getHolderIdentity();
  }

  private static Lease lease() {
    return server.admin().leases().inNamespace(NAMESPACE).withName("bridgehead").get();
  }

  private static void report(String what, Duration taken) throws IOException {
    Files.writeString(
        REPORT,
        "%s %.1f s%n".formatted(what, taken.toMillis() / 1000.0),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
