package dev.bridgehead.operator.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
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

    assertThat(contenders).filteredOn(Contender::leads).hasSize(1);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Contender contender(String pod) {
    Contender contender = new Contender(pod);
    contenders.add(contender);
    return contender;
  }

  private String holder() {
    Lease stored = apiServer.admin().leases().inNamespace(NAMESPACE).withName(lease).get();
    return stored.getSpec().getHolderIdentity();
  }

  /** One replica, without its thread. */
  private final class Contender implements Candidate, Interceptor {
    private final TwoClocks clocks = new TwoClocks();
    private final AtomicInteger elections = new AtomicInteger();
    private final KubernetesClient client = ApiServerClient.sendingOnce(apiServer.config(), this);
    private final LeaseElection election;
    private volatile boolean cut;
    private @Nullable String deposedBy;

    private Contender(String pod) {
      String run = pod + "_" + contenders.size();
      election =
          new LeaseElection(
              new LeaseStore(client, NAMESPACE, lease, run, Clock.systemUTC()),
              TERMS,
              this,
              clocks);
    }

    private void look() {
      election.round();
    }

    private boolean leads() {
      return election.leads();
    }

    private void write(String name) {
      try (KubernetesClient fenced =
          ApiServerClient.sendingOnce(apiServer.config(), new FencedWrites(election.fence()))) {
        fenced
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace(NAMESPACE)
                    .withName(name)
                    .endMetadata()
                    .build())
            .serverSideApply();
      }
    }

    @Override
    public void elected() {
      elections.incrementAndGet();
    }

    @Override
    public void deposed(String by) {
      deposedBy = by;
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
      if (cut) {
        throw new KubernetesClientException("no way to the API server");
      }
    }
  }
}
