package dev.bridgehead.relay.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Selection;
import dev.bridgehead.dns.Answer;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SmartHostRoutingTest {
  private final Zone zone =
      new Zone()
          .host("a.test", "192.0.2.1", "192.0.2.11")
          .host("b.test", "192.0.2.2")
          .mx("a.test", "10 never.test");

  @Test
  void sendsEveryDomainToTheSmartHosts() {
    assertThat(router(Selection.FAILOVER, "a.test").destination(new MailAddress("a", "x.test")))
        .isEqualTo(new Destination.SmartHosts());
  }

  @Test
  void usesAddressesAndNeverExchangers() {
    assertThat(Routers.hops(router(Selection.FAILOVER, "a.test")))
        .containsExactly("a.test=192.0.2.1:25", "a.test=192.0.2.11:25");
  }

  @Test
  void usesALiteralAsItIs() {
    assertThat(Routers.hops(router(Selection.FAILOVER, "[192.0.2.9]")))
        .containsExactly("[192.0.2.9]=192.0.2.9:25");
  }

  @Test
  void failsOverInTheOrderListed() {
    Router router = router(Selection.FAILOVER, "b.test", "a.test");

    for (int i = 0; i < 3; i++) {
      assertThat(Routers.hops(router)).first().isEqualTo("b.test=192.0.2.2:25");
    }
  }

  @Test
  void takesTurns() {
    Router router = router(Selection.ROUND_ROBIN, "a.test", "b.test");

    assertThat(Routers.hops(router))
        .containsExactly("a.test=192.0.2.1:25", "a.test=192.0.2.11:25", "b.test=192.0.2.2:25");
    assertThat(Routers.hops(router))
        .containsExactly("b.test=192.0.2.2:25", "a.test=192.0.2.1:25", "a.test=192.0.2.11:25");
    assertThat(Routers.hops(router)).first().isEqualTo("a.test=192.0.2.1:25");
  }

  @Test
  void passesOverADeadHostForAWhile() {
    Routers routers = Routers.bySmartHosts(Selection.FAILOVER, "b.test", "a.test");
    Router router = routers.with(zone);
    router.died(first(router));

    assertThat(Routers.hops(router)).first().isEqualTo("a.test=192.0.2.1:25");

    routers.pass(Duration.ofMinutes(2));
    assertThat(Routers.hops(router)).first().isEqualTo("b.test=192.0.2.2:25");
  }

  @Test
  void triesAHostAgainAtOnceThatAnswered() {
    Router router = router(Selection.FAILOVER, "b.test", "a.test");
    NextHop host = first(router);
    router.died(host);
    router.answered(host);

    assertThat(Routers.hops(router)).first().isEqualTo("b.test=192.0.2.2:25");
  }

  @Test
  void waitsWhereAllHostsAreDeadUntilTheFirstRetry() {
    Routers routers =
        Routers.bySmartHosts(Selection.FAILOVER, "b.test").firstRetry(Duration.ofSeconds(2));
    Router router = routers.with(zone);
    router.died(first(router));

    assertThat(router.route(new Destination.SmartHosts()))
        .isInstanceOfSatisfying(
            Route.Unresolved.class,
            unresolved -> {
              assertThat(unresolved.why().reason()).isEqualTo(Reason.DEAD_HOST);
              assertThat(unresolved.why().status()).hasToString("4.4.1");
              assertThat(unresolved.why().text())
                  .isEqualTo("did not answer lately: b.test[192.0.2.2]:25");
            });

    routers.pass(Duration.ofSeconds(2));
    assertThat(Routers.hops(router)).containsExactly("b.test=192.0.2.2:25");
  }

  @Test
  void remembersADeadHostForAMinuteAtMost() {
    Routers routers =
        Routers.bySmartHosts(Selection.FAILOVER, "b.test").firstRetry(Duration.ofHours(1));
    Router router = routers.with(zone);
    router.died(first(router));

    routers.pass(Duration.ofSeconds(59));
    assertThat(Routers.hops(router)).containsExactly("4.4.1");
    routers.pass(Duration.ofSeconds(1));
    assertThat(Routers.hops(router)).containsExactly("b.test=192.0.2.2:25");
  }

  @Test
  void waitsForASmartHostThatCannotBeFound() {
    zone.host("c.test", new Answer.TemporaryFailure<>("SERVFAIL"));

    assertThat(Routers.hops(router(Selection.FAILOVER, "c.test"))).containsExactly("4.4.3");
    assertThat(Routers.hops(router(Selection.FAILOVER, "gone.test"))).containsExactly("4.4.3");
  }

  @Test
  void saysWhichSmartHostCannotBeFoundUntilItIs() {
    zone.host("c.test", new Answer.TemporaryFailure<>("SERVFAIL"));
    Router router = router(Selection.FAILOVER, "b.test", "c.test", "gone.test");
    assertThat(router.unresolvedSmartHosts())
        .containsExactly(
            "smart host c.test: SERVFAIL", "smart host gone.test: gone.test does not exist");

    zone.host("c.test", "192.0.2.3");
    assertThat(router.unresolvedSmartHosts())
        .containsExactly("smart host gone.test: gone.test does not exist");
  }

  @Test
  void leavesOutOwnAddresses() {
    zone.host("pods.test", "192.0.2.99", "192.0.2.5");
    Router router = router(Selection.FAILOVER, "pods.test");

    assertThat(Routers.hops(router)).containsExactly("pods.test=192.0.2.5:25");
    assertThat(router.loops()).singleElement().asString().contains("192.0.2.99");
  }

  @Test
  void refusesALoop() {
    zone.host("self.test", "127.0.0.1");

    assertThat(Routers.hops(router(Selection.FAILOVER, "self.test"))).containsExactly("5.4.6");
    assertThat(Routers.hops(router(Selection.FAILOVER, "[192.0.2.99]"))).containsExactly("5.4.6");
    assertThat(Routers.hops(router(Selection.FAILOVER, "relay.example.test")))
        .containsExactly("5.4.6");
  }

  @Test
  void forgetsALoopAfterAWhile() {
    zone.host("self.test", "127.0.0.1");
    Routers routers = Routers.bySmartHosts(Selection.FAILOVER, "self.test");
    Router router = routers.with(zone);
    Routers.hops(router);
    routers.pass(Duration.ofHours(1));

    assertThat(router.loops()).isEmpty();
  }

  @Test
  void looksNothingUpForAHostThatIsReplaced() {
    Router router =
        Routers.bySmartHosts(Selection.FAILOVER, "a.test", "b.test")
            .connectTo("a.test:25:127.0.0.1:2525", "::localhost:2626")
            .with(zone);

    assertThat(Routers.hops(router))
        .containsExactly("a.test=127.0.0.1:2525", "b.test=127.0.0.1:2626");
    assertThat(zone.asked()).isEmpty();
  }

  @Test
  void looksUpTheNameThatReplacesAHost() {
    zone.host("other.test", "127.0.0.2");
    Router router =
        Routers.bySmartHosts(Selection.FAILOVER, "a.test")
            .connectTo("a.test::other.test:")
            .with(zone);

    assertThat(Routers.hops(router)).containsExactly("a.test=127.0.0.2:25");
    assertThat(zone.asked()).containsExactly("other.test");
  }

  /** The name stays what it is: whatever hangs on it is still looked up and checked. */
  @Test
  void replacesAnAddressOnceItWasFoundAndChecked() {
    zone.host("a.test", "192.0.2.9", "169.254.0.1").host("b.test", "192.0.2.10");
    zone.host("other.test", "127.0.0.2");
    Router router =
        Routers.bySmartHosts(Selection.FAILOVER, "a.test", "b.test")
            .connectTo(
                "192.0.2.9:25:127.0.0.1:2525",
                "192.0.2.10::other.test:",
                "169.254.0.1:25:127.0.0.1:2626")
            .with(zone);

    assertThat(Routers.hops(router))
        .containsExactly("a.test=127.0.0.1:2525", "b.test=127.0.0.2:25");
    assertThat(zone.asked()).contains("a.test", "b.test");
  }

  @Test
  void checksALiteralBeforeItIsReplaced() {
    Router router =
        Routers.bySmartHosts(Selection.FAILOVER, "[192.0.2.99]", "[192.0.2.9]")
            .connectTo("::127.0.0.1:2525")
            .with(zone);

    assertThat(Routers.hops(router)).containsExactly("[192.0.2.9]=127.0.0.1:2525");
  }

  @Test
  void tellsSmartHostsWithoutAnAddressBeforeMailWaitsForThem() {
    zone.host("a.test", "10.0.0.1").host("own.test", "192.0.2.99");

    assertThat(
            router(Selection.ROUND_ROBIN, "a.test", "gone.test", "own.test").unresolvedSmartHosts())
        .containsExactly(
            "smart host gone.test: gone.test does not exist",
            "smart host own.test: 192.0.2.99 is an address of this server");
  }

  private Router router(Selection selection, String... hosts) {
    return Routers.bySmartHosts(selection, hosts).with(zone);
  }

  private static NextHop first(Router router) {
    List<NextHop> hops = ((Route.Hops) router.route(new Destination.SmartHosts())).hops();
    return hops.getFirst();
  }
}
