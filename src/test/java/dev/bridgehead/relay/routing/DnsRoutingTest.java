package dev.bridgehead.relay.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.dns.Answer;
import dev.bridgehead.relay.mail.MailAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DnsRoutingTest {
  private static final String[] DUAL_STACK = {"192.0.2.99", "2001:db8::99"};

  private final Zone zone = new Zone();

  @Test
  void sendsToADomain() {
    assertThat(Routers.byDns().with(zone).destination(new MailAddress("a", "example.test")))
        .isEqualTo(new Destination.Domain("example.test"));
  }

  @Test
  void ordersExchangersByPreference() {
    zone.mx("example.test", "20 b.test", "10 a.test")
        .host("a.test", "192.0.2.1", "2001:db8::1")
        .host("b.test", "192.0.2.2");

    assertThat(hops("example.test")).containsExactly("a.test=192.0.2.1:25", "b.test=192.0.2.2:25");
    assertThat(Routers.hops(Routers.byDns().interfaces(DUAL_STACK).with(zone), "example.test"))
        .containsExactly(
            "a.test=2001:db8:0:0:0:0:0:1:25", "a.test=192.0.2.1:25", "b.test=192.0.2.2:25");
  }

  @Test
  void shufflesExchangersOfEqualPreference() {
    zone.mx("example.test", "10 a.test", "10 b.test", "10 c.test")
        .host("a.test", "192.0.2.1")
        .host("b.test", "192.0.2.2")
        .host("c.test", "192.0.2.3");
    Router router = Routers.byDns().with(zone);

    Set<String> first = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      first.add(Routers.hops(router, "example.test").getFirst());
    }

    assertThat(first).hasSize(3);
  }

  @Test
  void takesTheDomainItselfWithoutExchangers() {
    zone.host("example.test", "192.0.2.1");

    assertThat(hops("example.test")).containsExactly("example.test=192.0.2.1:25");
  }

  @Test
  void refusesADomainThatDoesNotExist() {
    assertThat(hops("nowhere.test")).containsExactly("5.1.2");
  }

  @Test
  void refusesADomainThatTakesNoMail() {
    zone.mx("example.test", "0").host("example.test", "192.0.2.1");

    assertThat(hops("example.test")).containsExactly("5.1.10");
  }

  @Test
  void refusesADomainWhoseExchangersHaveNoAddress() {
    zone.mx("example.test", "10 gone.test").host("example.test", "192.0.2.1");

    assertThat(hops("example.test")).containsExactly("5.4.4");
  }

  @Test
  void waitsWhereTheExchangersCannotBeToldNow() {
    zone.mx("example.test", new Answer.TemporaryFailure<>("SERVFAIL"));

    assertThat(hops("example.test")).containsExactly("4.4.3");
  }

  @Test
  void waitsWhereNoExchangersAddressCanBeToldNow() {
    zone.mx("example.test", "10 a.test", "20 gone.test")
        .host("a.test", new Answer.TemporaryFailure<>("SERVFAIL"));

    assertThat(hops("example.test")).containsExactly("4.4.3");
  }

  @Test
  void goesOnWithThoseExchangersThatAreFound() {
    zone.mx("example.test", "10 a.test", "20 gone.test", "30 c.test")
        .host("a.test", new Answer.TemporaryFailure<>("SERVFAIL"))
        .host("c.test", "192.0.2.3");

    assertThat(hops("example.test")).containsExactly("c.test=192.0.2.3:25");
  }

  @Test
  void dropsItselfAndWhatComesAfterIt() {
    zone.mx("example.test", "10 a.test", "20 relay.example.test", "20 b.test", "30 c.test")
        .host("a.test", "192.0.2.1")
        .host("b.test", "192.0.2.2")
        .host("c.test", "192.0.2.3");

    assertThat(hops("example.test")).containsExactly("a.test=192.0.2.1:25");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"192.0.2.99", "10.96.0.7", "127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"})
  void refusesALoop(String own) {
    zone.mx("example.test", "10 a.test", "20 b.test")
        .host("a.test", own)
        .host("b.test", "192.0.2.2");
    Router router = Routers.byDns().with(zone);

    assertThat(Routers.hops(router, "example.test")).containsExactly("5.4.6");
    assertThat(router.loops()).singleElement().asString().contains("a.test");
  }

  @Test
  void refusesALoopByName() {
    zone.mx("example.test", "10 relay.example.test");

    assertThat(hops("example.test")).containsExactly("5.4.6");
    assertThat(zone.asked()).containsExactly("example.test");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "224.0.0.1",
        "ff02::1",
        "169.254.169.254",
        "fe80::1",
        "255.255.255.255"
      })
  @DisplayName("case 17: addresses where no mail server is are never connected")
  void neverConnectsWhereNoMailServerIs(String address) {
    zone.mx("example.test", "10 a.test").host("a.test", address);

    assertThat(hops("example.test")).containsExactly("5.4.4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.1.2.3",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "fd00:0:0:0:0:0:0:1",
        "64:ff9b:0:0:0:0:a00:1"
      })
  void case17ConnectsPrivateAddressesOnlyWhereTheyAreAllowed(String address) {
    zone.mx("example.test", "10 a.test", "20 b.test")
        .host("a.test", address)
        .host("b.test", "192.0.2.2");
    Router router = Routers.byDns().with(zone);

    assertThat(Routers.hops(router, "example.test")).containsExactly("b.test=192.0.2.2:25");
    assertThat(router.refused())
        .singleElement()
        .asString()
        .contains("a.test", address, "spec.routing.allowPrivateAddresses");
    assertThat(Routers.hops(Routers.byDns().allowPrivateAddresses().with(zone), "example.test"))
        .containsExactly("a.test=" + address + ":25", "b.test=192.0.2.2:25");
  }

  @Test
  void case17ConnectsTheVeryAddressThatWasChecked() {
    zone.mx("example.test", "10 a.test").host("a.test", "192.0.2.1", "10.0.0.1");

    assertThat(hops("example.test")).containsExactly("a.test=192.0.2.1:25");
    assertThat(zone.asked()).containsExactly("example.test", "a.test");
  }

  @Test
  void case17TellsTheSenderWhyNoAddressIsConnected() {
    zone.mx("example.test", "10 a.test").host("a.test", "10.0.0.1", "169.254.169.254");

    Route route = Routers.byDns().with(zone).route(new Destination.Domain("example.test"));

    assertThat(route)
        .isInstanceOfSatisfying(
            Route.Refused.class,
            refused ->
                assertThat(refused.why().text())
                    .contains("a.test has no address that may be connected")
                    .contains("10.0.0.1 is a private address")
                    .contains("169.254.169.254 is a link-local address"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"192.0.2.1", "mx test", "-mx.test", "mx-.test", "m*x.test", "a..b", "mx.7"})
  void case19LooksUpOnlyWhatCanBeAHost(String name) {
    zone.mx("example.test", "10 " + name, "20 mx_1.test").host("mx_1.test", "192.0.2.2");

    assertThat(hops("example.test")).containsExactly("mx_1.test=192.0.2.2:25");
    assertThat(zone.asked()).containsExactly("example.test", "mx_1.test");
  }

  @Test
  void case19RefusesADomainWhoseOnlyExchangerIsAnAddress() {
    zone.mx("example.test", "10 192.0.2.1").host("example.test", "192.0.2.1");

    assertThat(hops("example.test")).containsExactly("5.4.4");
  }

  @Test
  void case19PassesOverANullMxAmongOthers() {
    zone.mx("example.test", "0", "10 a.test").host("a.test", "192.0.2.1");

    assertThat(hops("example.test")).containsExactly("a.test=192.0.2.1:25");
  }

  @Test
  void surveysWhatItWouldAndWouldNotTry() {
    zone.mx("example.test", "10 a.test", "20 gone.test", "30 relay.example.test", "40 late.test")
        .host("a.test", "192.0.2.1", "10.0.0.1")
        .host("late.test", "192.0.2.4");

    Survey survey = Routers.byDns().with(zone).survey("example.test");

    assertThat(survey.none()).isNull();
    assertThat(survey.hosts())
        .extracting(Survey.Surveyed::name, Survey.Surveyed::dropped, it -> it.usable().size())
        .containsExactly(
            tuple("a.test", false, 1),
            tuple("gone.test", false, 0),
            tuple("relay.example.test", true, 0),
            tuple("late.test", true, 1));
    assertThat(survey.hosts().getFirst().remarks())
        .singleElement()
        .asString()
        .startsWith("10.0.0.1 is a private address");
    assertThat(survey.hosts().get(1).remarks()).containsExactly("gone.test does not exist");
  }

  @Test
  void connectsAnAddressLiteral() {
    assertThat(hops("[192.0.2.1]")).containsExactly("[192.0.2.1]=192.0.2.1:25");
    assertThat(hops("[IPv6:2001:db8::1]"))
        .containsExactly("[IPv6:2001:db8::1]=2001:db8:0:0:0:0:0:1:25");
    assertThat(hops("[192.0.2.99]")).containsExactly("5.4.6");
    assertThat(hops("[300.0.2.1]")).containsExactly("5.4.4");
    assertThat(zone.asked()).isEmpty();
  }

  @Test
  void looksServicesUpInTheClustersDomain() {
    zone.host("smtp.mail.svc.cluster.test", "10.1.1.1");

    assertThat(Routers.hops(Routers.byDns().allowPrivateAddresses().with(zone), "smtp.mail.svc"))
        .containsExactly("smtp.mail.svc=10.1.1.1:25");
  }

  @Test
  void usesTheWantedAddressFamily() {
    zone.mx("example.test", "10 a.test").host("a.test", "2001:db8::1", "192.0.2.1");

    assertThat(hops(AddressFamily.IPV4)).containsExactly("a.test=192.0.2.1:25");
    assertThat(hops(AddressFamily.IPV6)).containsExactly("a.test=2001:db8:0:0:0:0:0:1:25");
    assertThat(hops(AddressFamily.PREFER_IPV4)).containsExactly("a.test=192.0.2.1:25");
    Routers dual = Routers.byDns().family(AddressFamily.PREFER_IPV4).interfaces(DUAL_STACK);
    assertThat(Routers.hops(dual.with(zone), "example.test"))
        .containsExactly("a.test=192.0.2.1:25", "a.test=2001:db8:0:0:0:0:0:1:25");
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.99, a.test=192.0.2.1:25",
    "2001:db8::99, a.test=2001:db8:0:0:0:0:0:1:25",
  })
  void leavesOutAFamilyThatThisMachineHasNoAddressOf(String own, String hop) {
    zone.mx("example.test", "10 a.test").host("a.test", "2001:db8::1", "192.0.2.1");
    Routers routers = Routers.byDns().interfaces(own, "127.0.0.1", "::1", "fe80::1");

    assertThat(Routers.hops(routers.with(zone), "example.test")).containsExactly(hop);
  }

  @Test
  void triesAFamilyThatThisMachineHasNoAddressOfWhereTheHostHasNoOther() {
    zone.mx("example.test", "10 a.test").host("a.test", "2001:db8::1");

    assertThat(hops("example.test")).containsExactly("a.test=2001:db8:0:0:0:0:0:1:25");
  }

  @Test
  @DisplayName("case 19: what a domain can ask for is bounded")
  void boundsWhatADomainCanAskFor() {
    String[] records =
        IntStream.range(0, 1000).mapToObj(i -> i + " h" + i + ".test").toArray(String[]::new);
    IntStream.range(0, 1000).forEach(i -> zone.host("h" + i + ".test", "192.0.2.1"));
    zone.mx("example.test", records);

    assertThat(hops("example.test")).hasSize(10).first().isEqualTo("h0.test=192.0.2.1:25");
    assertThat(zone.asked()).hasSize(11);
  }

  private List<String> hops(String domain) {
    return Routers.hops(Routers.byDns().with(zone), domain);
  }

  private List<String> hops(AddressFamily family) {
    return Routers.hops(Routers.byDns().family(family).with(zone), "example.test");
  }
}
