package dev.bridgehead.relay.delivery;

import static dev.bridgehead.relay.delivery.Deliveries.message;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.ROOT;
import static dev.bridgehead.relay.delivery.RequireTlsHosts.STRANGER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.sts.StsPolicies;
import dev.bridgehead.relay.sts.StsPolicy;
import dev.bridgehead.testbed.Authority;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a sender asks of TLS, and what DNS says of the hosts (RFC 8689 §3, §4.2). The name servers'
 * answers are made up, the hosts' TLS is not.
 */
class SenderAsksByDnsTest {
  private static final String DOMAIN = "example.test";
  private static final String FIRST = "mx1.example.net";
  private static final String SECOND = "mx2.example.net";
  private static final Authority.Identity GOOD = ROOT.issue("*.example.net");

  private final Names names = new Names();

  private Outcome outcome(
      TlsMode mode, TlsRequirement asked, StsPolicies sts, ScriptedHost... hosts) {
    Deliveries deliveries =
        Deliveries.to(new ScriptedHost[0])
            .byDns(names)
            .sts(sts)
            .tls(mode, ROOT.certificate())
            .timeouts(Deliveries.SHORT);
    for (int i = 0; i < hosts.length; i++) {
      deliveries.connect("198.51.100." + (i + 1), hosts[i].address());
    }
    Attempt usual = RequireTlsHosts.asking(asked, message("rcpt@" + DOMAIN));
    Attempt attempt =
        new Attempt(
            usual.id(),
            usual.envelope(),
            new Destination.Domain(DOMAIN),
            usual.recipients(),
            usual.size(),
            usual.content());
    try (SmtpDelivery delivery = deliveries.start()) {
      return delivery.attempt(attempt).getFirst();
    }
  }

  private static StsPolicies sts(StsPolicy.Mode mode, String mx) {
    return _ -> Optional.of(new StsPolicy(mode, List.of(mx), Duration.ofDays(1)));
  }

  @Test
  void requireTlsIsReturnedWhereNothingProvesThatTheHostIsTheDomains() {
    try (ScriptedHost host = RequireTlsHosts.offering(GOOD)) {
      Failed outcome =
          (Failed) outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, StsPolicies.NONE, host);
      assertThat(outcome.why().status()).hasToString("5.7.10");
      assertThat(outcome.why().text())
          .contains("REQUIRETLS, but neither DNSSEC nor an MTA-STS policy proves that " + FIRST);
      assertThat(host.sessions()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ENFORCE", "TESTING"})
  void requireTlsGoesToAHostThatAPolicyNames(StsPolicy.Mode mode) {
    try (ScriptedHost host = RequireTlsHosts.offering(GOOD);
        ScriptedHost stranger = RequireTlsHosts.offering(STRANGER.issue(FIRST))) {
      StsPolicies sts = sts(mode, "*.example.net");
      assertThat(outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, sts, host))
          .isInstanceOf(Delivered.class);
      assertThat(outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, sts, stranger))
          .isInstanceOf(Failed.class);
      assertThat(stranger.commands("MAIL")).isEmpty();
    }
  }

  @Test
  void requireTlsGoesToAHostThatDaneProves() {
    Authority.Identity own = STRANGER.issue("nobody.knows.test");
    names.signed().tlsa(FIRST, Tlsa.of("3 1 1", own.certificate()));
    try (ScriptedHost host = RequireTlsHosts.offering(own)) {
      assertThat(outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, StsPolicies.NONE, host))
          .isInstanceOf(Delivered.class);
      assertThat(host.commands("MAIL")).singleElement().asString().endsWith(" REQUIRETLS");
    }
  }

  @Test
  void requireTlsWaitsWhereTlsaRecordsCantBeTold() {
    names.signed().noTlsaAnswer(FIRST);
    try (ScriptedHost host = RequireTlsHosts.offering(GOOD)) {
      Deferred outcome =
          (Deferred)
              outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, StsPolicies.NONE, host);
      assertThat(outcome.why().status()).hasToString("4.7.5");
      assertThat(host.sessions()).isZero();
    }
  }

  @Test
  void requireTlsWaitsForAnExchangerThatCantBeFoundAtPresent() {
    names.signed().second();
    names.lost(SECOND);
    try (ScriptedHost host = RequireTlsHosts.lacking(GOOD)) {
      Deferred outcome =
          (Deferred)
              outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, StsPolicies.NONE, host);
      assertThat(outcome.why().status()).hasToString("4.7.30");
    }
  }

  @Test
  void requireTlsIsReturnedOnceEachExchangerWasAsked() {
    names.signed().second();
    try (ScriptedHost first = RequireTlsHosts.lacking(GOOD);
        ScriptedHost second = RequireTlsHosts.lacking(GOOD);
        ScriptedHost offering = RequireTlsHosts.offering(GOOD)) {
      Outcome outcome =
          outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, StsPolicies.NONE, first, second);
      assertThat(((Failed) outcome).why().status()).hasToString("5.7.30");
      assertThat(first.sessions()).isEqualTo(1);
      assertThat(second.sessions()).isEqualTo(1);

      assertThat(
              outcome(
                  TlsMode.OPPORTUNISTIC,
                  TlsRequirement.REQUIRED,
                  StsPolicies.NONE,
                  first,
                  offering))
          .isInstanceOf(Delivered.class);
    }
  }

  /** As to report that a certificate has run out: without the header mail waits. */
  @ParameterizedTest
  @CsvSource({"dane", "mta-sts", "lost"})
  void mailThatNeedsNoTlsGoesPastThePoliciesOfItsRecipients(String policy) {
    StsPolicies sts =
        policy.equals("mta-sts") ? sts(StsPolicy.Mode.ENFORCE, "*.example.net") : StsPolicies.NONE;
    if (policy.equals("dane")) {
      names.signed().tlsa(FIRST, Tlsa.of("3 1 1", GOOD.certificate()));
    } else if (policy.equals("lost")) {
      names.signed().noTlsaAnswer(FIRST);
    }
    try (ScriptedHost expired = ScriptedHost.startTls(ROOT.issueExpired(FIRST).context());
        ScriptedHost clear = ScriptedHost.friendly()) {
      for (ScriptedHost host : List.of(expired, clear)) {
        assertThat(outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.UNSPECIFIED, sts, host))
            .isInstanceOf(Deferred.class);
        assertThat(outcome(TlsMode.OPPORTUNISTIC, TlsRequirement.OPTIONAL, sts, host))
            .isInstanceOf(Delivered.class);
      }
      assertThat(expired.namesAsked()).as("TLS where it is offered").contains(FIRST);
      assertThat(expired.commands("STARTTLS")).isNotEmpty();
    }
  }

  @Test
  void mailThatNeedsNoTlsGoesNotPastTheConnectorsOwnMode() {
    try (ScriptedHost clear = ScriptedHost.friendly()) {
      for (TlsMode mode : List.of(TlsMode.REQUIRED, TlsMode.VERIFIED)) {
        StsPolicies sts = sts(StsPolicy.Mode.ENFORCE, "*.example.net");
        assertThat(outcome(mode, TlsRequirement.OPTIONAL, sts, clear)).isInstanceOf(Deferred.class);
      }
      assertThat(clear.commands("MAIL")).isEmpty();
    }
  }

  /** Two exchangers of one domain, and what DNSSEC says of them. */
  private static final class Names implements Resolver {
    private Dnssec dnssec = Dnssec.INSECURE;
    private boolean two;
    private final Map<String, Answer<TlsaRecord>> tlsa = new HashMap<>();
    private final Map<String, Answer<InetAddress>> addresses =
        new HashMap<>(
            Map.of(
                FIRST, new Answer.Found<>(List.of(InetAddress.ofLiteral("198.51.100.1"))),
                SECOND, new Answer.Found<>(List.of(InetAddress.ofLiteral("198.51.100.2")))));

    Names signed() {
      dnssec = Dnssec.SECURE;
      return this;
    }

    Names second() {
      two = true;
      return this;
    }

    Names tlsa(String host, TlsaRecord record) {
      tlsa.put(host, new Answer.Found<>(List.of(record)));
      return this;
    }

    void noTlsaAnswer(String host) {
      tlsa.put(host, new Answer.TemporaryFailure<>("SERVFAIL"));
    }

    void lost(String host) {
      addresses.put(host, new Answer.TemporaryFailure<>("SERVFAIL"));
    }

    private <T> Lookup<T> proven(String name, Answer<T> answer) {
      return new Lookup<>(
          answer,
          answer instanceof Answer.TemporaryFailure<T>(String text)
              ? new Dnssec.Indeterminate(text)
              : dnssec,
          name);
    }

    @Override
    public Lookup<MailExchanger> mx(String domain) {
      MailExchanger first = new MailExchanger(10, FIRST);
      MailExchanger second = new MailExchanger(20, SECOND);
      return proven(domain, new Answer.Found<>(two ? List.of(first, second) : List.of(first)));
    }

    @Override
    public Lookup<InetAddress> addresses(String host, Set<IpVersion> versions) {
      return proven(host, addresses.getOrDefault(host, new Answer.NameError<>()));
    }

    @Override
    public Lookup<String> alias(String host) {
      return proven(host, new Answer.NoData<>());
    }

    @Override
    public Lookup<TlsaRecord> tlsa(String host, int port) {
      return proven(host, tlsa.getOrDefault(host, new Answer.NameError<>()));
    }

    @Override
    public Lookup<String> txt(String name) {
      return proven(name, new Answer.NameError<>());
    }
  }
}
