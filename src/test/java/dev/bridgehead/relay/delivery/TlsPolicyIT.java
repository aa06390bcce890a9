package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.ScriptedServer;
import dev.bridgehead.relay.delivery.DanePeers.Result;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.sts.StsPolicies;
import dev.bridgehead.relay.sts.StsPolicy;
import dev.bridgehead.testbed.SignedZone;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Message;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/**
 * What a policy forbids stays forbidden: at the next host, with an empty cache, in a session that
 * is there already. Zones, look-ups and handshakes are real; who says the policies of MTA-STS is
 * not, since their fetch is tested where it is made.
 */
@Tag("tier3")
class TlsPolicyIT {
  private static final String GOOD = "198.51.100.1";
  private static final String EXPIRED = "198.51.100.2";
  private static final String PLAIN = "198.51.100.3";
  private static final String OTHER = "198.51.100.5";

  private static DanePeers peers;

  @BeforeAll
  static void start() {
    peers = new DanePeers();
    String hosts =
        peers.host("fits", GOOD, "3 1 1 good")
            + peers.host("misfit", GOOD, "3 1 1 stranger")
            + peers.host("plain", PLAIN, "3 1 1 good")
            + peers.host("dead", DanePeers.DEAD, "3 1 1 good")
            + peers.host("unusable-mx", GOOD, "1 1 1 good")
            + peers.host("clear-mx", PLAIN, "")
            + peers.host("expired", EXPIRED, "");
    peers.serving(
        SignedZone.nsec(
            "signed.test",
            hosts
                + """
                dead-then-misfit IN MX 10 dead
                dead-then-misfit IN MX 20 misfit
                dead-then-plain IN MX 10 dead
                dead-then-plain IN MX 20 plain
                misfit-then-fits IN MX 10 misfit
                misfit-then-fits IN MX 20 fits
                bogus-then-misfit IN MX 10 mx.bogus.test.
                bogus-then-misfit IN MX 20 misfit
                bogus-then-fits IN MX 10 mx.bogus.test.
                bogus-then-fits IN MX 20 fits
                only IN MX 10 misfit
                bogus IN MX 10 mx.bogus.test.
                unusable IN MX 10 unusable-mx
                clear IN MX 10 clear-mx
                one IN MX 10 expired
                two IN MX 10 expired
                three IN MX 10 expired
                """),
        SignedZone.nsec("bogus.test", peers.host("mx", PLAIN, "3 1 1 good"))
            .tampered(line -> line.contains("\tTLSA\t") ? line.replace("3 1 1", "3 1 2") : line),
        SignedZone.unsigned("hosts.test", peers.host("mx", GOOD, "") + "@ IN MX 10 mx\n"),
        SignedZone.unsigned(
            "unsigned.test",
            peers.host("mx", GOOD, "")
                + peers.host("plain", PLAIN, "")
                + peers.host("other", OTHER, "")
                + "@ IN MX 10 mx\n"
                + "plain-mx IN MX 10 plain\n"
                + "other-mx IN MX 10 other\n"
                + "signed-mx IN MX 10 fits.signed.test.\n"
                + "misfit-mx IN MX 10 misfit.signed.test.\n"));
  }

  @AfterAll
  static void stop() {
    peers.close();
  }

  private static int messages() {
    return List.of(GOOD, EXPIRED, PLAIN, OTHER).stream()
        .mapToInt(address -> peers.at(address).messages().size())
        .sum();
  }

  @ParameterizedTest
  @CsvSource({
    "dead-then-misfit,  4.7.5, dane/certificate_not_trusted",
    "dead-then-plain,   4.7.4, dane/starttls_not_supported",
    "bogus-then-misfit, 4.7.5, dane/certificate_not_trusted dane/dnssec_invalid",
    "misfit-then-fits,  delivered, dane/certificate_not_trusted dane/proven",
    "bogus-then-fits,   delivered, dane/dnssec_invalid dane/proven",
  })
  @DisplayName("case 09: the next host is asked for no less than the first")
  void asksTheNextHostForNoLess(String domain, String status, String tls) {
    int before = messages();

    Result result = peers.attempt(domain + ".signed.test", TlsMode.OPPORTUNISTIC);

    assertThat(result.status()).as(result.text()).isEqualTo(status);
    assertThat(result.tls()).isEqualTo(tls);
    assertThat(messages()).isEqualTo(before + (status.equals("delivered") ? 1 : 0));
  }

  /** However often: with what is known, and with all of it forgotten. */
  @Test
  @DisplayName("case 09: with an empty cache nothing is forgotten that matters")
  void forbidsTheSameWithAnEmptyCache() {
    int before = messages();
    Resolver filled = peers.resolver();
    for (int i = 0; i < 2; i++) {
      Result known =
          DanePeers.attempt("only.signed.test", peers.deliveries(TlsMode.OPPORTUNISTIC, filled));
      assertThat(known.tls()).isEqualTo("dane/certificate_not_trusted");
      assertThat(peers.attempt("only.signed.test", TlsMode.OPPORTUNISTIC)).isEqualTo(known);
    }
    assertThat(messages()).isEqualTo(before);
  }

  /** Whoever can make packets vanish must not be able to make a policy vanish. */
  @ParameterizedTest
  @CsvSource({"TLSA", "DNSKEY", "DS"})
  @DisplayName("case 09: an empty cache and no answer is no way round DANE")
  void sendsNothingWhereTheProofIsWithheld(String withheld) throws IOException {
    int before = messages();
    SimpleResolver real = new SimpleResolver(peers.nameServer());
    try (ScriptedServer between =
        new ScriptedServer(
            (query, tcp) ->
                withheld.equals(Type.string(query.getQuestion().getType()))
                    ? new byte[0]
                    : ScriptedServer.wire(query, tcp, answer(real, query)))) {
      Result result =
          DanePeers.attempt(
              "only.signed.test",
              peers.deliveries(TlsMode.OPPORTUNISTIC, peers.resolver(between.address())));

      assertThat(result.status())
          .as(result.text())
          .isEqualTo(withheld.equals("TLSA") ? "4.7.5" : "4.4.3");
    }
    assertThat(messages()).isEqualTo(before);
  }

  private static Message answer(SimpleResolver real, Message query) throws IOException {
    return real.send(query);
  }

  @ParameterizedTest
  @CsvSource({
    "only,         'WARN no session: policy=dane tls=certificate_not_trusted reason=TLS'",
    "bogus,        'WARN no session: policy=dane tls=dnssec_invalid reason=TLS'",
    "unusable,     'WARN TLS, but nothing proves whose: policy=dane_unusable'",
    "clear,        'INFO no TLS: policy=opportunistic'",
  })
  void saysInOneLineWhatCameOfIt(String domain, String expected) {
    Logger logger = (Logger) LoggerFactory.getLogger("bridgehead.session");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    try {
      peers.attempt(domain + ".signed.test", TlsMode.OPPORTUNISTIC);
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(before);
    }

    assertThat(lines.list).singleElement().extracting(TlsPolicyIT::shown).isEqualTo(expected);
  }

  private static String shown(ILoggingEvent event) {
    String pairs =
        event.getKeyValuePairs().stream()
            .filter(pair -> Set.of("policy", "tls", "reason").contains(pair.key))
            .map(pair -> pair.key + "=" + pair.value)
            .collect(Collectors.joining(" "));
    return event.getLevel() + " " + event.getFormattedMessage() + ": " + pairs;
  }

  private static StsPolicies sts(Map<String, String> enforced) {
    return domain ->
        Optional.ofNullable(enforced.get(domain))
            .map(mx -> new StsPolicy(StsPolicy.Mode.ENFORCE, List.of(mx), Duration.ofDays(1)));
  }

  @ParameterizedTest
  @CsvSource({
    // What DNSSEC does not prove has to be what the policy names, and of a trusted CA.
    "hosts.test,              mx.hosts.test,       delivered, mta_sts/proven",
    "unsigned.test,           mx.unsigned.test,    4.7.5, mta_sts/certificate_host_mismatch",
    "other-mx.unsigned.test,  *.unsigned.test,     4.7.5, mta_sts/certificate_host_mismatch",
    "plain-mx.unsigned.test,  plain.unsigned.test, 4.7.4, mta_sts/starttls_not_supported",
    "unsigned.test,           mx.example.net,      4.7.5, mta_sts/validation_failure",
    "signed-mx.unsigned.test, *.signed.test,       delivered, dane/proven",
    "signed-mx.unsigned.test, *.unsigned.test,     4.7.5, mta_sts/validation_failure",
    "one.signed.test,         expired.signed.test, 4.7.5, mta_sts/certificate_expired",
    // A failing DANE is not mended by a policy that the host would meet (RFC 8461 §2).
    "misfit-mx.unsigned.test, *.signed.test,       4.7.5, dane/certificate_not_trusted",
    "only.signed.test,        *.signed.test,       4.7.5, dane/certificate_not_trusted",
  })
  @DisplayName("case 09: DANE and MTA-STS hold, each where the other does not")
  void holdsToDaneAndMtaSts(String domain, String mx, String status, String tls) {
    int before = messages();
    Deliveries deliveries =
        peers.deliveries(TlsMode.OPPORTUNISTIC, peers.resolver()).sts(sts(Map.of(domain, mx)));

    Result result = DanePeers.attempt(domain, deliveries);

    assertThat(result.tls()).as(result.text()).isEqualTo(tls);
    assertThat(result.status()).isEqualTo(status);
    assertThat(messages()).isEqualTo(before + (status.equals("delivered") ? 1 : 0));
  }

  @ParameterizedTest
  @CsvSource({
    "enforce, mx.hosts.test, OPPORTUNISTIC, mta_sts/proven",
    "enforce, mx.hosts.test, VERIFIED,      verified/proven",
    "testing, mx.hosts.test, OPPORTUNISTIC, opportunistic/encrypted",
    "testing, mx.hosts.test, VERIFIED,      verified/proven",
    "testing, mx.other.test, OPPORTUNISTIC, opportunistic/encrypted",
    "testing, mx.other.test, VERIFIED,      verified/name_not_proven",
    "none,    mx.hosts.test, VERIFIED,      verified/name_not_proven",
  })
  void takesAPolicyForAProofOfTheName(String sts, String mx, TlsMode mode, String tls) {
    StsPolicy policy =
        new StsPolicy(
            StsPolicy.Mode.valueOf(sts.toUpperCase(Locale.ROOT)), List.of(mx), Duration.ofDays(1));
    Deliveries deliveries =
        peers.deliveries(mode, peers.resolver()).sts(domain -> Optional.of(policy));

    assertThat(DanePeers.attempt("hosts.test", deliveries).tls()).isEqualTo(tls);
  }

  /** Three domains at one host, of which the second one asks for more than the others. */
  @Test
  @DisplayName("case 09: a session of a weaker policy serves no stricter one")
  void reusesNoSessionForAStricterPolicy() {
    ScriptedHost host = peers.at(EXPIRED);
    int before = host.sessions();
    Deliveries deliveries =
        peers
            .deliveries(TlsMode.OPPORTUNISTIC, peers.resolver())
            .sts(sts(Map.of("two.signed.test", "expired.signed.test")));
    try (SmtpDelivery delivery = deliveries.start()) {
      assertThat(delivery.attempt(DanePeers.to("one.signed.test")).getFirst())
          .isInstanceOf(Delivered.class);
      assertThat(delivery.attempt(DanePeers.to("two.signed.test")).getFirst())
          .isNotInstanceOf(Delivered.class);
      assertThat(host.sessions()).isEqualTo(before + 2);
      assertThat(delivery.attempt(DanePeers.to("three.signed.test")).getFirst())
          .isInstanceOf(Delivered.class);
      assertThat(host.sessions()).as("the first one served").isEqualTo(before + 2);
    }
    assertThat(DanePeers.tls(deliveries))
        .isEqualTo("mta_sts/certificate_expired opportunistic/encrypted");
  }
}
