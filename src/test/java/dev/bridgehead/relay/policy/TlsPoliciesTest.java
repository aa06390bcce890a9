package dev.bridgehead.relay.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.DnsResolver;
import dev.bridgehead.dns.DnsSetup;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.Validation;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.policy.TlsPolicy.Forbidden;
import dev.bridgehead.relay.policy.TlsPolicy.Permitted;
import dev.bridgehead.relay.routing.Located;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.relay.routing.Origin;
import dev.bridgehead.relay.sts.StsPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whose policies are asked for. What is decided then is in TlsRulesTest. */
class TlsPoliciesTest {
  private static final Dnssec OFF = new Dnssec.Indeterminate("DNSSEC is switched off");
  private static final Origin DOMAIN = new Origin("example.test", "example.test", false);
  private static final InetSocketAddress NOBODY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

  private final List<String> asked = new ArrayList<>();

  private TlsPolicy policy(TlsMode mode, Origin origin, Located located) {
    return policy(mode, TlsRequirement.UNSPECIFIED, origin, located);
  }

  private TlsPolicy policy(
      TlsMode mode, TlsRequirement requirement, Origin origin, Located located) {
    NextHop hop = new NextHop(located.name(), NOBODY, false, located.name(), null, located);
    DnsResolver dns = new DnsResolver(DnsSetup.of(List.of(NOBODY), new Validation.Off()));
    TlsPolicies policies =
        new TlsPolicies(
            dns,
            domain -> {
              asked.add(domain);
              return Optional.of(
                  new StsPolicy(
                      StsPolicy.Mode.ENFORCE, List.of("mx.other.test"), Duration.ofDays(1)));
            });
    return policies.of(hop, origin, mode, requirement);
  }

  private static Located lookedUp(String host) {
    return new Located(host, 25, OFF, host);
  }

  @Test
  void asksForThePolicyOfTheRecipientsDomain() {
    assertThat(policy(TlsMode.OPPORTUNISTIC, DOMAIN, lookedUp("mx.example.net")))
        .isInstanceOf(Forbidden.class);
    assertThat(asked).containsExactly("example.test");
  }

  @Test
  void asksForNoneInModeNone() {
    assertThat(policy(TlsMode.NONE, DOMAIN, lookedUp("mx.example.net")))
        .isEqualTo(new Permitted(TlsDemand.NEVER, Ground.NONE, "mode None"));
    assertThat(asked).isEmpty();
  }

  @Test
  void asksForNoneWhereTheSenderNeedsNoTls() {
    assertThat(
            policy(
                TlsMode.REQUIRED,
                TlsRequirement.OPTIONAL,
                DOMAIN,
                new Located("mx.example.net", 25, Dnssec.SECURE, "mx.example.net")))
        .isEqualTo(
            new Permitted(
                new TlsDemand.Encrypted("mx.example.net"),
                Ground.REQUIRED,
                "mode Required; no policy of others counts (TLS-Required: No)"));
    assertThat(asked).isEmpty();
  }

  @Test
  void asksForNoneOfASmartHostOrALiteral() {
    for (Located located :
        List.of(lookedUp("smtp.example.net"), Located.given("[192.0.2.1]", 25))) {
      assertThat(policy(TlsMode.VERIFIED, Origin.GIVEN, located))
          .isInstanceOfSatisfying(
              Permitted.class,
              it ->
                  assertThat(it.demand())
                      .isEqualTo(new TlsDemand.Proven(located.name(), null, located.name())));
    }
    assertThat(asked).isEmpty();
  }

  /** What stands in a host's place can't have its certificate; mode Verified asks for it anyway. */
  @Test
  void asksForNoneOfAHostThatIsReplacedByItsName() {
    Located replaced = Located.given("mx.example.net", 25);

    assertThat(policy(TlsMode.OPPORTUNISTIC, DOMAIN, replaced))
        .isInstanceOfSatisfying(
            Permitted.class, it -> assertThat(it.ground()).isEqualTo(Ground.OPPORTUNISTIC));
    assertThat(policy(TlsMode.VERIFIED, DOMAIN, replaced)).isInstanceOf(Forbidden.class);
    assertThat(asked).isEmpty();
  }

  /** Whoever forges an MX can't make a domain's own name another one. */
  @Test
  void takesTheDomainsOwnNameForProven() {
    assertThat(policy(TlsMode.VERIFIED, DOMAIN, Located.given("example.test", 25)))
        .isInstanceOfSatisfying(Permitted.class, it -> assertThat(it.demand().proves()).isTrue());
  }
}
