package dev.bridgehead.operator.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Contenders for a Lease of a real API server, each with clocks of its own that the test moves, and
 * each asked to look when the test says so.
 */
@Tag("tier2")
class LeaseElectionIT {
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration WRITES = Duration.ofSeconds(10);
  private static final Duration MOMENT = Duration.ofMillis(1);
  private static final LeaseElection.Terms TERMS =
      new LeaseElection.Terms(LEASE, WRITES, Duration.ofSeconds(2), Duration.ofSeconds(1));
  private static final String NAMESPACE = "election";

  private final ApiServer apiServer = ApiServer.shared();
  private final List<Contender> contenders = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // before each test
  private String lease;

  @BeforeEach
  void nameLease(TestInfo test) {
    lease = test.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT);
    apiServer
        .admin()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .serverSideApply();
  }

  @AfterEach
  void closeClients() {
    contenders.forEach(contender -> contender.client.close());
  }

  @Test
  void whoComesFirstLeadsAndTheOtherStandsBy() {
    Contender first = contender("a");
    Contender second = contender("b");

    first.look();
    second.look();

    assertThat(first.leads()).isTrue();
    assertThat(second.leads()).isFalse();
    assertThat(holder()).startsWith("a_");
  }

  @Test
  void aReleasedLeaseIsTakenAtTheNextLook() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    first.election.close();
    first.election.release();
    second.look();

    assertThat(first.leads()).isFalse();
    assertThat(second.leads()).isTrue();
  }

  @Test
  void aSilentLeaderIsReplacedAfterItsLeaseAndNotBefore() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    second.clocks.pass(LEASE);
    second.look();
    assertThat(second.leads()).isFalse();
    assertThat(second.election.untilNextRound()).isEqualTo(MOMENT);
    second.clocks.pass(MOMENT);
    second.look();
    assertThat(second.leads()).isTrue();
  }

  @Test
  void aStandbyLooksOftenAndAgainWhenTheLeaseEnds() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    assertThat(second.election.untilNextRound()).isEqualTo(TERMS.look());
    second.clocks.pass(LEASE.minus(TERMS.look()).plusMillis(100));
    second.look();

    assertThat(second.election.untilNextRound())
        .isEqualTo(TERMS.look().minusMillis(100).plus(MOMENT));
    assertThat(first.election.untilNextRound()).isEqualTo(TERMS.renewal());
  }

  @Test
  void aLeaderThatWasPausedFindsItsFenceShutAndIsDeposedAtItsNextLook() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    // Paused: no look of its own. Both machines' clocks go on.
    first.clocks.pass(WRITES);
    second.clocks.pass(WRITES);
    assertThat(first.leads()).as("long before anybody else may lead").isFalse();
    first.clocks.pass(LEASE);
    second.clocks.pass(LEASE);
    second.look();
    assertThat(second.leads()).isTrue();

    assertThatThrownBy(() -> first.write("too-late")).isInstanceOf(NotLeaderException.class);
    first.look();
    assertThat(first.deposedBy).startsWith("b_");
    assertThat(first.leads()).isFalse();
    second.write("in-time");
  }

  @Test
  void aLeaderThatCouldNotReachTheApiServerGoesOnWhereNobodyElseLed() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();
    first.cut = true;
    second.cut = true;

    for (int i = 0; i < 20; i++) {
      pass(first, second, Duration.ofSeconds(9));
    }
    assertThat(first.leads()).isFalse();
    first.cut = false;
    second.cut = false;
    second.look();

    assertThat(second.leads()).as("time in which it could not ask does not count").isFalse();
    first.look();
    assertThat(first.leads()).isTrue();
    assertThat(first.elections).hasValue(1);
    assertThat(first.deposedBy).isNull();
  }

  private static void pass(Contender first, Contender second, Duration time) {
    first.clocks.pass(time);
    second.clocks.pass(time);
    first.look();
    second.look();
  }

  @Test
  void aStandbyThatIsAnsweredOnlyNowAndThenTakesOverAllTheSame() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    for (int tick = 0; tick < 60; tick++) {
      second.cut = tick % 3 == 0; // a busy API server refuses every third look
      second.clocks.pass(Duration.ofSeconds(1));
      second.look();
      if (second.leads()) {
        break;
      }
    }

    assertThat(second.leads()).isTrue();
    assertThat(second.clocks.passed()).isGreaterThan(LEASE);
  }

  @Test
  void aLeaderPutsBackADurationThatSomebodyEdited() {
    Contender first = contender("a");
    first.look();
    editDuration(86_400);

    first.look();

    assertThat(stored().getSpec().getLeaseDurationSeconds()).isEqualTo(15);
  }

  @Test
  void aStandbyWaitsWithinReasonWhateverTheLeaseSays() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    editDuration(Integer.MAX_VALUE);
    second.look();

    second.clocks.pass(LEASE.multipliedBy(2));
    second.look();
    assertThat(second.leads()).as("a leader may ask for more").isFalse();
    second.clocks.pass(LEASE.multipliedBy(2).plus(MOMENT));
    second.look();

    assertThat(second.leads()).isTrue();
  }

  private void editDuration(int seconds) {
    Lease lease = stored();
    lease.getSpec().setLeaseDurationSeconds(seconds);
    apiServer.admin().resource(lease).update();
  }

  @Test
  void anElectionThatFailsForAFaultOfItsOwnSaysSoAndWritesNothing() {
    Contender contender = contender("a");
    contender.faulty = true;

    contender.election.begin();

    Awaitility.await().until(() -> contender.failure != null);
    assertThat(contender.failure).contains("as a test wants it");
    assertThat(contender.leads()).isFalse();
    Awaitility.await().until(() -> !contender.election.runs());
  }

  @Test
  void aLookThatDoesNotEndIsNoticed() {
    Contender contender = contender("a");
    contender.look();
    assertThat(contender.election.hangs()).isFalse();

    contender.clocks.pass(Duration.ofSeconds(61)); // as if the last look had no end
    assertThat(contender.election.hangs()).isTrue();
    contender.look();

    assertThat(contender.election.hangs()).isFalse();
  }

  @Test
  void aLeaderThatAloneCannotReachTheApiServerIsReplaced() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();
    first.cut = true;

    pass(first, second, Duration.ofSeconds(9));
    pass(first, second, Duration.ofSeconds(9));

    assertThat(first.leads()).isFalse();
    assertThat(second.leads()).isTrue();
  }

  @Test
  void clocksThatAreSetMakeNobodyALeader() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    second.clocks.setForward(Duration.ofDays(365));
    second.look();
    assertThat(second.leads()).isFalse();

    first.clocks.setForward(Duration.ofDays(-365));
    first.look();
    assertThat(first.leads()).isTrue();
  }

  @Test
  void aLeaseThatIsDeletedUnderALeaderIsNobodysUntilItsTimeIsOver() {
    Contender first = contender("a");
    Contender second = contender("b");
    first.look();
    second.look();

    apiServer.admin().leases().inNamespace(NAMESPACE).withName(lease).delete();
    second.look();
    assertThat(second.leads()).isFalse();
    first.look();

    assertThat(first.leads()).isTrue();
    assertThat(holder()).startsWith("a_");
  }

  @Test
  void aRestartedContainerOfTheSamePodDoesNotWait() {
    Contender crashed = contender("a");
    crashed.look();

    Contender restarted = contender("a");
    restarted.look();

    assertThat(restarted.leads()).isTrue();
    crashed.look();
    assertThat(crashed.deposedBy).isEqualTo(holder());
  }

  @Test
  void ofManyThatComeAtOnceOneLeads() throws InterruptedException {
    for (int i = 0; i < 8; i++) {
      contender("pod-" + i);
    }
    lookAllAtOnce();

    assertThat(contenders).filteredOn(Contender::leads).hasSize(1);
  }

  @Test
  void ofManyThatTakeAReleasedLeaseAtOnceOneLeads() throws InterruptedException {
    Contender first = contender("first");
    first.look();
    first.election.close();
    first.election.release();
    contenders.remove(first);
    first.client.close();
    for (int i = 0; i < 8; i++) {
      contender("pod-" + i);
    }
    lookAllAtOnce();

    assertThat(contenders).filteredOn(Contender::leads).hasSize(1);
  }

  private void lookAllAtOnce() throws InterruptedException {
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> threads =
        contenders.stream()
            .map(
                contender ->
                    Thread.startVirtualThread(
                        () -> {
                          awaitQuietly(begin);
                          contender.look();
                        }))
            .toList();
    begin.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Contender contender(String pod) {
    String run = pod + "_" + contenders.size();
    Contender contender = new Contender(apiServer.config(), NAMESPACE, lease, run, TERMS);
    contenders.add(contender);
    return contender;
  }

  private String holder() {
    return stored().getSpec().getHolderIdentity();
  }

  private Lease stored() {
    return apiServer.admin().leases().inNamespace(NAMESPACE).withName(lease).get();
  }
}
