package dev.bridgehead.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.dns.Answer.Found;
import dev.bridgehead.dns.Answer.NameError;
import dev.bridgehead.dns.Answer.NoData;
import dev.bridgehead.dns.Answer.TemporaryFailure;
import dev.bridgehead.testbed.SignedZone;
import dev.bridgehead.testbed.Unbound;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * Zones that ldns signed, behind unbound: validated by this process over an unbound that doesn't,
 * and by an unbound that is trusted. Both have to say the same.
 */
@Tag("tier3")
class DnssecIT {
  private static final Set<IpVersion> V4 = EnumSet.of(IpVersion.IPV4);
  private static final TlsaRecord TLSA =
      new TlsaRecord(3, 1, 1, HexFormat.of().parseHex("ab".repeat(32)));
  private static final String HOSTS =
      """
      @ IN MX 10 mx
      mx IN A 192.0.2.1
      mx IN AAAA 2001:db8::1
      alias IN CNAME mx
      away IN CNAME mx.unsigned.test.
      gone IN CNAME nowhere
      *.wild IN A 192.0.2.7
      aaa.wild IN A 192.0.2.8
      _25._tcp.mx IN TLSA 3 1 1 abababababababababababababababababababababababababababababababab
      """;

  private static SignedZone top;
  private static Unbound plain;
  private static Unbound validating;

  /** Who validates. */
  enum By {
    THIS_PROCESS,
    TRUSTED_SERVER
  }

  @BeforeAll
  static void start() {
    SignedZone[] zones = {
      SignedZone.nsec("nsec.test", HOSTS),
      SignedZone.nsec3("nsec3.test", 10, HOSTS),
      SignedZone.nsec3("busy.test", 2000, HOSTS),
      SignedZone.unsigned("unsigned.test", HOSTS),
      SignedZone.expired("expired.test", HOSTS),
      SignedZone.nsec("bogus.test", HOSTS)
          .tampered(line -> line.replace("192.0.2.1", "192.0.2.66")),
      SignedZone.nsec("bare.test", HOSTS).tampered(line -> line.contains("\tRRSIG\t") ? "" : line),
      SignedZone.nsec("keytrap.test", HOSTS).tampered(DnssecIT::manyWrongSignatures)
    };
    top = SignedZone.nsec("test", SignedZone.delegations(zones));
    SignedZone[] all = new SignedZone[zones.length + 1];
    all[0] = top;
    System.arraycopy(zones, 0, all, 1, zones.length);
    plain = Unbound.plain(all);
    validating = Unbound.validating(all);
  }

  /** CVE-2023-50387: fifty signatures by one key, all of them wrong. */
  private static String manyWrongSignatures(String line) {
    if (!line.startsWith("mx.keytrap.test.") || !line.contains("\tRRSIG\tA ")) {
      return line;
    }
    String[] fields = line.split(" ");
    String head = line.substring(0, line.length() - fields[fields.length - 1].length());
    return IntStream.range(0, 50)
        .mapToObj(i -> head + Base64.getEncoder().encodeToString(wrong(i)))
        .collect(Collectors.joining("\n"));
  }

  private static byte[] wrong(int i) {
    byte[] signature = new byte[64];
    Arrays.fill(signature, (byte) (i + 1));
    return signature;
  }

  @AfterAll
  static void stop() {
    plain.close();
    validating.close();
  }

  @ParameterizedTest
  @EnumSource
  void provesEachLookUpOfASignedHost(By by) {
    for (String zone : List.of("nsec.test", "nsec3.test")) {
      DnsResolver resolver = resolver(by);

      assertThat(resolver.mx(zone))
          .isEqualTo(
              new Lookup<>(
                  new Found<>(List.of(new MailExchanger(10, "mx." + zone))), Dnssec.SECURE, zone));
      assertThat(resolver.addresses("mx." + zone, EnumSet.allOf(IpVersion.class)).dnssec())
          .isEqualTo(Dnssec.SECURE);
      assertThat(TlsaAnswer.of(resolver.tlsa("mx." + zone, 25)))
          .isEqualTo(new TlsaAnswer.Secure(List.of(TLSA)));
    }
  }

  @ParameterizedTest
  @EnumSource
  void provesThatThereIsNothing(By by) {
    for (String zone : List.of("nsec.test", "nsec3.test")) {
      DnsResolver resolver = resolver(by);

      assertThat(resolver.mx("nowhere." + zone))
          .isEqualTo(new Lookup<>(new NameError<>(), Dnssec.SECURE, "nowhere." + zone));
      assertThat(resolver.mx("mx." + zone))
          .isEqualTo(new Lookup<>(new NoData<>(), Dnssec.SECURE, "mx." + zone));
      assertThat(TlsaAnswer.of(resolver.tlsa("ns." + zone, 25))).isEqualTo(new TlsaAnswer.Absent());
      assertThat(TlsaAnswer.of(resolver.tlsa("nowhere." + zone, 25)))
          .isEqualTo(new TlsaAnswer.Absent());
    }
  }

  @ParameterizedTest
  @EnumSource
  void provesAWildcard(By by) {
    for (String zone : List.of("nsec.test", "nsec3.test")) {
      assertThat(resolver(by).addresses("any.wild." + zone, V4).dnssec()).isEqualTo(Dnssec.SECURE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAsSureOfAnAliasAsOfItsTarget(By by) {
    DnsResolver resolver = resolver(by);

    assertThat(resolver.addresses("alias.nsec.test", V4))
        .isEqualTo(new Lookup<>(found("192.0.2.1"), Dnssec.SECURE, "mx.nsec.test"));
    assertThat(resolver.addresses("away.nsec.test", V4))
        .isEqualTo(new Lookup<>(found("192.0.2.1"), Dnssec.INSECURE, "mx.unsigned.test"));
    assertThat(resolver.alias("away.nsec.test"))
        .isEqualTo(
            new Lookup<>(
                new Found<>(List.of("mx.unsigned.test")), Dnssec.SECURE, "away.nsec.test"));
    assertThat(resolver.addresses("gone.nsec.test", V4))
        .isEqualTo(new Lookup<>(new NameError<>(), Dnssec.SECURE, "nowhere.nsec.test"));
  }

  @ParameterizedTest
  @EnumSource
  void knowsADelegationThatIsNotSigned(By by) {
    DnsResolver resolver = resolver(by);

    assertThat(resolver.mx("unsigned.test").dnssec()).isEqualTo(Dnssec.INSECURE);
    assertThat(resolver.addresses("mx.unsigned.test", V4))
        .isEqualTo(new Lookup<>(found("192.0.2.1"), Dnssec.INSECURE, "mx.unsigned.test"));
    assertThat(TlsaAnswer.of(resolver.tlsa("mx.unsigned.test", 25)))
        .isEqualTo(new TlsaAnswer.Insecure());
    assertThat(TlsaAnswer.of(resolver.tlsa("nowhere.unsigned.test", 25)))
        .isEqualTo(new TlsaAnswer.Insecure());
  }

  @ParameterizedTest
  @EnumSource
  void takesNoAnswerWhoseSignaturesDoNotHold(By by) {
    for (String zone : List.of("bogus.test", "expired.test", "bare.test")) {
      Lookup<InetAddress> lookup = resolver(by).addresses("mx." + zone, V4);

      assertThat(lookup.dnssec()).as(zone).isInstanceOf(Dnssec.Bogus.class);
      assertThat(lookup.answer())
          .isInstanceOfSatisfying(
              TemporaryFailure.class,
              failure -> assertThat(failure.text()).contains("mx." + zone + " A", "DNSSEC"));
    }
    assertThat(TlsaAnswer.of(resolver(by).tlsa("mx.expired.test", 25)))
        .isInstanceOf(TlsaAnswer.Failed.class);
  }

  /** What is unchanged in a zone of which something else is wrong still holds. */
  @ParameterizedTest
  @EnumSource
  void judgesEachLookUpByItself(By by) {
    assertThat(resolver(by).mx("bogus.test").dnssec()).isEqualTo(Dnssec.SECURE);
  }

  @Test
  void case19CountsAZoneThatHashesTooOftenAsUnsigned() {
    DnsResolver resolver = resolver(By.THIS_PROCESS);

    assertThat(resolver.mx("nowhere.busy.test").dnssec()).isEqualTo(Dnssec.INSECURE);
    assertThat(TlsaAnswer.of(resolver.tlsa("nowhere.busy.test", 25)))
        .isEqualTo(new TlsaAnswer.Insecure());
  }

  @Test
  void case19GivesUpARecordWithTooManySignatures() {
    Lookup<InetAddress> lookup = resolver(By.THIS_PROCESS).addresses("mx.keytrap.test", V4);

    assertThat(lookup.dnssec())
        .isInstanceOfSatisfying(
            Dnssec.Bogus.class, bogus -> assertThat(bogus.why()).contains("keytrap.test"));
  }

  /** Whoever can make packets vanish must not be able to make DNSSEC vanish. */
  @ParameterizedTest
  @CsvSource({"DNSKEY", "DS", "DNSKEY DS"})
  void failsWhereTheKeysCannotBeHad(String withheld) throws IOException {
    SimpleResolver real = new SimpleResolver(plain.address());
    try (ScriptedServer between =
        new ScriptedServer(
            (query, tcp) ->
                List.of(withheld.split(" ")).contains(Type.string(query.getQuestion().getType()))
                    ? new byte[0]
                    : ScriptedServer.wire(query, tcp, real.send(query)))) {
      DnsResolver resolver =
          resolver(Validation.InProcess.anchored(top.ds(), Set.of()), between.address());

      for (String name : List.of("mx.nsec.test", "nowhere.nsec3.test")) {
        assertThat(TlsaAnswer.of(resolver.tlsa(name, 25)))
            .as(name)
            .isInstanceOfSatisfying(
                TlsaAnswer.Failed.class,
                failed -> assertThat(failed.text()).contains("no answer from 127.0.0.1"));
      }
    }
  }

  @Test
  void validatesNothingBelowADomainThatIsSaidToBeUnsigned() {
    DnsResolver resolver =
        resolver(Validation.InProcess.anchored(top.ds(), Set.of("bogus.test")), plain.address());

    assertThat(resolver.addresses("mx.bogus.test", V4))
        .isEqualTo(new Lookup<>(found("192.0.2.66"), Dnssec.INSECURE, "mx.bogus.test"));
    assertThat(resolver.mx("nsec.test").dnssec()).isEqualTo(Dnssec.SECURE);
  }

  @Test
  void believesNobodyWhoIsNotTrusted() {
    Lookup<MailExchanger> lookup =
        resolver(new Validation.Off(), validating.address()).mx("nsec.test");

    assertThat(lookup.answer()).isInstanceOf(Found.class);
    assertThat(lookup.dnssec()).isInstanceOf(Dnssec.Indeterminate.class);
  }

  private static Found<InetAddress> found(String address) {
    return new Found<>(List.of(InetAddress.ofLiteral(address)));
  }

  private static DnsResolver resolver(By by) {
    return switch (by) {
      case THIS_PROCESS ->
          resolver(Validation.InProcess.anchored(top.ds(), Set.of()), plain.address());
      case TRUSTED_SERVER -> resolver(new Validation.ByServers(), validating.address());
    };
  }

  private static DnsResolver resolver(Validation validation, InetSocketAddress server) {
    return new DnsResolver(
        new DnsSetup(
            List.of(server),
            Duration.ofMillis(500),
            Duration.ofSeconds(20),
            validation,
            Thread::startVirtualThread,
            Clock.systemUTC()));
  }
}
