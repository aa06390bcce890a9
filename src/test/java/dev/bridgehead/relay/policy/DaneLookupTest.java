package dev.bridgehead.relay.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.IpVersion;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.policy.DaneFinding.Failed;
import dev.bridgehead.relay.policy.DaneFinding.NotApplicable;
import dev.bridgehead.relay.policy.DaneFinding.Unusable;
import dev.bridgehead.relay.policy.DaneFinding.Usable;
import dev.bridgehead.relay.routing.Located;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.relay.routing.Origin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which records are asked for, and what the answers mean (RFC 7672 §2). Real zones: DaneIT. */
class DaneLookupTest {
  private static final String HOST = "mx.example.test";
  private static final Origin SECURE = new Origin("example.test", "example.test", true);
  private static final Origin INSECURE = new Origin("example.test", "example.test", false);
  private static final TlsaRecord EE = new TlsaRecord(3, 1, 1, new byte[32]);
  private static final TlsaRecord TA = new TlsaRecord(2, 1, 1, new byte[32]);

  private final Answers dns = new Answers();

  private DaneFinding find(@Nullable Dnssec addresses, String owner, Origin origin) {
    NextHop hop =
        new NextHop(
            HOST,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 2525),
            false,
            HOST,
            null,
            new Located(HOST, 25, addresses, owner));
    return new DaneLookup(dns).find(hop, origin);
  }

  private DaneFinding find(Dnssec addresses) {
    return find(addresses, HOST, SECURE);
  }

  @Test
  void asksForNothingWhereTheAddressesAreNotProven() {
    assertThat(find(Dnssec.INSECURE))
        .isEqualTo(new NotApplicable("the addresses of mx.example.test are not signed"));
    assertThat(find(new Dnssec.Indeterminate("DNSSEC is switched off")))
        .isEqualTo(new NotApplicable("DNSSEC is switched off"));
    assertThat(find(null, HOST, SECURE)).isInstanceOf(NotApplicable.class);
    assertThat(dns.asked).isEmpty();
  }

  @Test
  void takesProvenRecordsAtThePort() {
    dns.tlsa("25 " + HOST, Dnssec.SECURE, EE);

    assertThat(find(Dnssec.SECURE))
        .isEqualTo(new Usable(new DaneProof(HOST, List.of(EE), Set.of())));
    assertThat(dns.asked).containsExactly("25 " + HOST);
  }

  @Test
  void leavesRecordsAloneThatAreNotProven() {
    dns.tlsa("25 " + HOST, Dnssec.INSECURE, EE);

    assertThat(find(Dnssec.SECURE))
        .isEqualTo(new NotApplicable("no TLSA record at _25._tcp.mx.example.test"));
  }

  @Test
  void failsWhereTheRecordsCannotBeTold() {
    dns.fails("25 " + HOST, new Dnssec.Bogus("signature expired"));
    assertThat(find(Dnssec.SECURE)).isEqualTo(new Failed("look-up failed"));

    dns.fails("25 " + HOST, new Dnssec.Indeterminate("silence"));
    assertThat(find(Dnssec.SECURE)).isEqualTo(new Failed("look-up failed"));
  }

  /** The expanded name is the better one; a failure there must not lead to the other. */
  @Test
  void asksWhereASecureAliasLeadsBeforeItself() {
    dns.tlsa("25 " + HOST, Dnssec.SECURE, TA);
    assertThat(find(Dnssec.SECURE, "real.example.test", SECURE))
        .isInstanceOfSatisfying(Usable.class, it -> assertThat(it.proof().base()).isEqualTo(HOST));
    assertThat(dns.asked).containsExactly("25 real.example.test", "25 " + HOST);

    dns.tlsa("25 real.example.test", Dnssec.SECURE, TA);
    assertThat(find(Dnssec.SECURE, "real.example.test", SECURE))
        .isInstanceOfSatisfying(
            Usable.class, it -> assertThat(it.proof().base()).isEqualTo("real.example.test"));

    dns.fails("25 real.example.test", new Dnssec.Bogus("forged"));
    assertThat(find(Dnssec.SECURE, "real.example.test", SECURE)).isInstanceOf(Failed.class);
  }

  @Test
  void asksAtASignedAliasOfWhatIsNotSigned() {
    dns.tlsa("25 " + HOST, Dnssec.SECURE, EE);

    dns.alias = new Lookup<>(new Answer.Found<>(List.of("x.test")), Dnssec.INSECURE, HOST);
    assertThat(find(Dnssec.INSECURE, "x.test", SECURE)).isInstanceOf(NotApplicable.class);
    assertThat(dns.asked).isEmpty();

    dns.alias = new Lookup<>(new Answer.Found<>(List.of("x.test")), Dnssec.SECURE, HOST);
    assertThat(find(Dnssec.INSECURE, "x.test", SECURE)).isInstanceOf(Usable.class);
    assertThat(dns.asked).containsExactly("25 " + HOST);

    dns.alias =
        new Lookup<>(new Answer.TemporaryFailure<>("no answer"), new Dnssec.Bogus("x"), HOST);
    assertThat(find(Dnssec.INSECURE, "x.test", SECURE)).isEqualTo(new Failed("no answer"));
  }

  /** RFC 7672 §3.2.2. */
  @Test
  void knowsTheNamesThatACertificateOfAnIssuerMayHave() {
    dns.tlsa("25 real.example.test", Dnssec.SECURE, TA);
    Origin aliased = new Origin("example.test", "target.test", true);

    assertThat(names(find(Dnssec.SECURE, "real.example.test", aliased)))
        .containsExactlyInAnyOrder("real.example.test", HOST, "example.test", "target.test");
    assertThat(names(find(Dnssec.SECURE, "real.example.test", INSECURE)))
        .containsExactlyInAnyOrder("real.example.test", HOST);
    assertThat(names(find(Dnssec.SECURE, "real.example.test", Origin.GIVEN)))
        .containsExactlyInAnyOrder("real.example.test", HOST);
  }

  private static Set<String> names(DaneFinding finding) {
    return ((Usable) finding).proof().names();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 1, 32, usage 0 means nothing to SMTP",
    "1, 1, 1, 32, usage 1 means nothing to SMTP",
    "4, 1, 1, 32, usage 4 means nothing to SMTP",
    "255, 1, 1, 32, usage 255 means nothing to SMTP",
    "3, 2, 1, 32, selector 2 is unknown",
    "3, 1, 3, 32, matching type 3 is unknown",
    "3, 1, 1, 31, 'a digest of 31 octets, not 32'",
    "2, 1, 2, 32, 'a digest of 32 octets, not 64'",
    "3, 0, 0, 40, what it holds is no certificate",
    "3, 1, 0, 0, it holds nothing",
  })
  void saysWhatIsWrongWithRecordsThatNobodyCanUse(
      int usage, int selector, int matching, int length, String why) {
    dns.tlsa(
        "25 " + HOST, Dnssec.SECURE, new TlsaRecord(usage, selector, matching, new byte[length]));

    assertThat(find(Dnssec.SECURE))
        .isEqualTo(new Unusable("no usable TLSA record at _25._tcp.mx.example.test (" + why + ")"));
  }

  @Test
  void goesByTheStrongestDigestOfEachKind() {
    TlsaRecord strong = new TlsaRecord(3, 1, 2, new byte[64]);
    TlsaRecord whole = new TlsaRecord(3, 1, 0, new byte[] {1});
    TlsaRecord otherSelector = new TlsaRecord(3, 0, 1, new byte[32]);
    TlsaRecord broken = new TlsaRecord(2, 1, 2, new byte[1]);
    dns.tlsa("25 " + HOST, Dnssec.SECURE, EE, strong, whole, otherSelector, TA, broken);

    assertThat(((Usable) find(Dnssec.SECURE)).proof().records())
        .containsExactly(strong, whole, otherSelector, TA);
  }

  /** Answers as they are put in; a host without records is proven to have none. */
  private static final class Answers implements Resolver {
    private final Map<String, Lookup<TlsaRecord>> tlsa = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private @Nullable Lookup<String> alias;

    void tlsa(String at, Dnssec dnssec, TlsaRecord... records) {
      tlsa.put(at, new Lookup<>(new Answer.Found<>(List.of(records)), dnssec, at));
    }

    void fails(String at, Dnssec dnssec) {
      tlsa.put(at, new Lookup<>(new Answer.TemporaryFailure<>("look-up failed"), dnssec, at));
    }

    @Override
    public Lookup<TlsaRecord> tlsa(String host, int port) {
      String at = port + " " + host;
      asked.add(at);
      return tlsa.getOrDefault(at, new Lookup<>(new Answer.NoData<>(), Dnssec.SECURE, host));
    }

    @Override
    public Lookup<String> alias(String host) {
      if (alias == null) {
        throw new AssertionError("the alias of " + host + " was asked for");
      }
      return alias;
    }

    @Override
    public Lookup<String> txt(String name) {
      throw new AssertionError("TXT of " + name + " was asked for");
    }

    @Override
    public Lookup<MailExchanger> mx(String domain) {
      throw new AssertionError("MX of " + domain + " was asked for");
    }

    @Override
    public Lookup<InetAddress> addresses(String host, Set<IpVersion> versions) {
      throw new AssertionError("addresses of " + host + " were asked for");
    }
  }
}
