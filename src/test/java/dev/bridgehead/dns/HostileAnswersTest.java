package dev.bridgehead.dns;

import static dev.bridgehead.dns.Dnssec.INSECURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.dns.Answer.Found;
import dev.bridgehead.dns.Answer.NameError;
import dev.bridgehead.dns.Answer.NoData;
import dev.bridgehead.dns.Answer.TemporaryFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.TLSARecord;

/** Case 19: a name server, or whoever speaks in its place, may say what it likes. */
class HostileAnswersTest {
  private static final Set<IpVersion> BOTH = EnumSet.allOf(IpVersion.class);
  private static final String SOA = "test. 60 SOA ns.test. nobody.test. 1 60 60 60 60";

  private final SettableClock clock = new SettableClock();

  @Test
  void case19KeepsTheBestOfAThousandExchangers() throws IOException {
    String[] records =
        IntStream.range(0, 1000)
            .mapToObj(i -> "example.test. 60 MX %d mx%d.test.".formatted(1000 - i, i))
            .toArray(String[]::new);
    try (ScriptedServer server = ScriptedServer.answering(records)) {
      Found<MailExchanger> found = (Found<MailExchanger>) ask(server).mx("example.test").answer();

      assertThat(found.values()).hasSize(100).first().isEqualTo(mx(1, "mx999.test"));
      assertThat(found.values()).last().isEqualTo(mx(100, "mx900.test"));
      assertThat(server.questions()).containsExactly("example.test MX", "example.test MX tcp");
    }
  }

  @Test
  void case19GivesUpAliasesInACircle() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering("a.test. 60 CNAME b.test.", "b.test. 60 CNAME a.test.")) {
      assertThat(failure(ask(server).mx("a.test"))).contains("more than 10 aliases");
    }
  }

  @Test
  void case19GivesUpAChainOfAliasesThatIsHandedOutOneByOne() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            (query, tcp) -> {
              String name = query.getQuestion().getName().toString();
              return ScriptedServer.reply(
                      query, Rcode.NOERROR, List.of(name + " 60 CNAME x" + name), List.of())
                  .toWire();
            })) {
      assertThat(failure(ask(server).mx("a.test"))).contains("more than 10 aliases");
      assertThat(server.questions()).hasSize(11);
    }
  }

  @Test
  void case19FollowsAnAliasThatTheReplySaysNothingMoreAbout() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            (query, tcp) ->
                ScriptedServer.reply(
                        query,
                        Rcode.NOERROR,
                        query.getQuestion().getName().toString().equals("a.test.")
                            ? List.of("a.test. 60 CNAME b.test.")
                            : List.of("b.test. 60 A 192.0.2.1"),
                        List.of())
                    .toWire())) {
      Lookup<InetAddress> found = ask(server).addresses("a.test", EnumSet.of(IpVersion.IPV4));

      assertThat(found.answer()).isEqualTo(new Found<>(List.of(ip("192.0.2.1"))));
      assertThat(found.owner()).isEqualTo("b.test");
    }
  }

  @Test
  void case19IgnoresRecordsOfOtherNames() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering(
            "other.test. 60 MX 1 evil.test.",
            "example.test. 60 MX 10 mx.test.",
            "mx.test. 60 A 203.0.113.66",
            "sub.example.test. 60 MX 0 evil.test.")) {
      assertThat(ask(server).mx("example.test").answer())
          .isEqualTo(new Found<>(List.of(mx(10, "mx.test"))));
    }
  }

  @Test
  void case19FindsNothingWhereAllRecordsAreOfOtherNames() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering("other.test. 60 A 203.0.113.66", "b.test. 60 CNAME other.test.")) {
      assertThat(ask(server).addresses("a.test", BOTH).answer()).isEqualTo(new NoData<>());
    }
  }

  @Test
  void case19DoesNotRememberWhatAReplySaysAboutOtherNames() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering(
            "example.test. 60 MX 10 mx.test.", "mx.test. 60 AAAA 2001:db8::66")) {
      DnsResolver resolver = ask(server);
      resolver.mx("example.test");
      resolver.addresses("mx.test", EnumSet.of(IpVersion.IPV6));

      assertThat(server.questions()).contains("mx.test AAAA");
    }
  }

  @Test
  void case19KeepsANullMxAmongOthersForTheRouteToJudge() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering("example.test. 60 MX 0 .", "example.test. 60 MX 5 mx.test.")) {
      assertThat(ask(server).mx("example.test").answer())
          .isEqualTo(new Found<>(List.of(mx(0, ""), mx(5, "mx.test"))));
    }
  }

  @Test
  void case19BoundsTimesToLive() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering(
            "example.test. 2147483647 MX 10 mx.test.", "short.test. 0 MX 10 mx.test.")) {
      DnsResolver resolver = ask(server);
      resolver.mx("example.test");
      resolver.mx("short.test");
      clock.pass(AnswerCache.SHORTEST.minusSeconds(1));
      resolver.mx("short.test");
      assertThat(server.questions()).hasSize(2);

      clock.pass(Duration.ofSeconds(1));
      resolver.mx("short.test");
      assertThat(server.questions()).hasSize(3);

      clock.pass(AnswerCache.LONGEST);
      resolver.mx("example.test");
      assertThat(server.questions()).hasSize(4);
    }
  }

  @Test
  void case19RemembersADenialAsLongAsItsZoneSays() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            (query, tcp) ->
                ScriptedServer.reply(query, Rcode.NXDOMAIN, List.of(), List.of(SOA)).toWire())) {
      DnsResolver resolver = ask(server);
      for (int i = 0; i < 3; i++) {
        assertThat(resolver.mx("gone.test").answer()).isEqualTo(new NameError<>());
        clock.pass(Duration.ofSeconds(25));
      }
      assertThat(server.questions()).hasSize(1);

      resolver.mx("gone.test");
      assertThat(server.questions()).hasSize(2);
    }
  }

  @Test
  void case19TellsAFailureFromADenial() throws IOException {
    for (int rcode : new int[] {Rcode.SERVFAIL, Rcode.REFUSED, Rcode.NOTIMP, Rcode.FORMERR}) {
      try (ScriptedServer server =
          new ScriptedServer(
              (query, tcp) ->
                  ScriptedServer.reply(query, rcode, List.of(), List.of(SOA)).toWire())) {
        assertThat(failure(ask(server).mx("example.test")))
            .contains("127.0.0.1 answered " + Rcode.string(rcode));
      }
    }
  }

  @Test
  void case19GetsWhatIsTruncatedByTcp() throws IOException {
    String[] records =
        IntStream.range(0, 90).mapToObj(i -> "mx.test. 60 A 192.0.2." + i).toArray(String[]::new);
    try (ScriptedServer server = ScriptedServer.answering(records)) {
      Found<InetAddress> found =
          (Found<InetAddress>)
              ask(server).addresses("mx.test", EnumSet.of(IpVersion.IPV4)).answer();

      assertThat(found.values()).hasSize(90);
    }
  }

  @Test
  void case19SaysThatAReplyIsBroken() throws IOException {
    try (ScriptedServer server =
        new ScriptedServer(
            (query, tcp) -> {
              byte[] reply =
                  ScriptedServer.reply(query, Rcode.NOERROR, List.of(), List.of()).toWire();
              reply[6] = (byte) 0xFF; // 65,535 answers that there are not
              reply[7] = (byte) 0xFF;
              return reply;
            })) {
      assertThat(failure(ask(server).mx("example.test"))).contains("sent a broken reply");
    }
  }

  @Test
  void case19TakesNoReplyToAnotherQuestion() throws IOException {
    try (ScriptedServer lying =
            new ScriptedServer(
                (query, tcp) -> {
                  Message other =
                      Message.newQuery(ScriptedServer.record("other.test. 0 MX 0 evil.test."));
                  other.getHeader().setID(query.getHeader().getID());
                  return ScriptedServer.reply(
                          other,
                          Rcode.NOERROR,
                          List.of("example.test. 60 MX 0 evil.test."),
                          List.of())
                      .toWire();
                });
        ScriptedServer honest = ScriptedServer.answering("example.test. 60 MX 10 mx.test.")) {
      assertThat(ask(lying, honest).mx("example.test").answer())
          .isEqualTo(new Found<>(List.of(mx(10, "mx.test"))));
    }
  }

  @Test
  void joinsTheStringsOfATextRecordAndKeepsEveryOctet() throws IOException {
    try (ScriptedServer server =
        ScriptedServer.answering(
            "_mta-sts.a.test. 60 CNAME policy.test.",
            "policy.test. 60 TXT \"v=STSv1; i\" \"d=1;\"",
            "policy.test. 60 TXT \"\\000\\195\\164\\013\"",
            "other.test. 60 TXT \"v=STSv1; id=evil;\"")) {
      Found<String> found = (Found<String>) ask(server).txt("_mta-sts.a.test").answer();

      assertThat(found.values()).containsExactly("v=STSv1; id=1;", "\0\u00C3\u00A4\r");
    }
  }

  @Test
  void case19KeepsAHundredOfAThousandTextRecords() throws IOException {
    String[] records =
        IntStream.range(0, 1000)
            .mapToObj("_mta-sts.a.test. 60 TXT \"v=STSv1; id=%d\""::formatted)
            .toArray(String[]::new);
    try (ScriptedServer server = ScriptedServer.answering(records)) {
      Found<String> found = (Found<String>) ask(server).txt("_mta-sts.a.test").answer();

      assertThat(found.values()).hasSize(100);
    }
  }

  @Test
  void case19KeepsToItsDeadlineWithManySilentServers() throws IOException {
    try (ScriptedServer silent = new ScriptedServer((query, tcp) -> new byte[0])) {
      InetSocketAddress[] many =
          Stream.generate(silent::address).limit(100).toArray(InetSocketAddress[]::new);
      DnsResolver resolver =
          resolver(Duration.ofSeconds(2), Duration.ofSeconds(1), Clock.systemUTC(), many);

      assertThat(failure(resolver.mx("example.test"))).contains("no answer within 1 seconds");
    }
  }

  /** As of a home router that knows no DNSSEC: mail goes, and everybody can see what is missing. */
  @Test
  void noticesServersThatTakeSignaturesAway() throws IOException {
    try (ScriptedServer server = ScriptedServer.answering("example.com. 60 MX 10 mx.test.")) {
      Lookup<MailExchanger> lookup =
          validating(Validation.InProcess.standard(Set.of()), server).mx("example.com");

      assertThat(lookup.answer()).isEqualTo(new Found<>(List.of(mx(10, "mx.test"))));
      assertThat(lookup.dnssec())
          .isInstanceOfSatisfying(
              Dnssec.Indeterminate.class,
              it -> assertThat(it.why()).contains("the root's keys don't validate"));
      assertThat(server.questions()).contains(". DNSKEY");
    }
  }

  @Test
  void takesNothingUnprovenByAnchorsThatSomebodyGave() throws IOException {
    try (ScriptedServer server = ScriptedServer.answering("example.com. 60 MX 10 mx.test.")) {
      Lookup<MailExchanger> lookup =
          validating(Validation.InProcess.anchored(RootAnchors.TEXT, Set.of()), server)
              .mx("example.com");

      assertThat(lookup.answer()).isInstanceOf(TemporaryFailure.class);
      assertThat(lookup.dnssec()).isInstanceOf(Dnssec.Bogus.class);
    }
  }

  @Test
  void doesNotValidatePrivateNames() throws IOException {
    try (ScriptedServer server = ScriptedServer.answering("mx.corp. 60 MX 10 mx.corp.")) {
      assertThat(validating(Validation.InProcess.standard(Set.of()), server).mx("mx.corp").dnssec())
          .isEqualTo(Dnssec.INSECURE);
      assertThat(server.questions()).containsExactly("mx.corp MX");
    }
  }

  private static DnsResolver validating(Validation validation, ScriptedServer server) {
    return new DnsResolver(DnsSetup.of(List.of(server.address()), validation));
  }

  @Test
  void case19BoundsWhatItRemembers() throws IOException {
    AnswerCache cache = new AnswerCache(clock);
    Lookup<org.xbill.DNS.Record> lookup =
        new Lookup<>(new NameError<>(), Dnssec.INSECURE, "gone.test");
    for (int i = 0; i <= AnswerCache.MAX_ENTRIES; i++) {
      cache.put(question(i), lookup, 60);
      cache.get(question(0)); // in use
    }

    assertThat(cache.get(question(0))).isNotNull();
    assertThat(cache.get(question(1))).isNull();
  }

  /** A domain's owner has as many names as he likes, and 64 KiB for what lies at each. */
  @Test
  void case19BoundsTheSizeOfWhatItRemembers() throws IOException {
    AnswerCache cache = new AnswerCache(clock);
    int most = AnswerCache.MAX_SIZE / (60 << 10);
    for (int i = 0; i <= most; i++) {
      org.xbill.DNS.Record large =
          new TLSARecord(question(i).name(), DClass.IN, 60, 3, 0, 0, new byte[60 << 10]);
      cache.put(question(i), new Lookup<>(new Found<>(List.of(large)), INSECURE, "test"), 60);
      cache.get(question(0)); // in use
    }

    assertThat(cache.get(question(0))).isNotNull();
    assertThat(cache.get(question(1))).isNull();
    assertThat(cache.get(question(most))).isNotNull();
  }

  private static Question question(int i) throws IOException {
    return new Question(org.xbill.DNS.Name.fromString("h" + i + ".test."), 1);
  }

  private static String failure(Lookup<?> lookup) {
    assertThat(lookup.answer()).isInstanceOf(TemporaryFailure.class);
    assertThat(lookup.dnssec()).isInstanceOf(Dnssec.Indeterminate.class);
    return ((TemporaryFailure<?>) lookup.answer()).text();
  }

  private DnsResolver ask(ScriptedServer... servers) {
    return resolver(
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        clock,
        Stream.of(servers).map(ScriptedServer::address).toArray(InetSocketAddress[]::new));
  }

  private static DnsResolver resolver(
      Duration serverTimeout, Duration deadline, Clock clock, InetSocketAddress... servers) {
    return new DnsResolver(
        new DnsSetup(
            List.of(servers),
            serverTimeout,
            deadline,
            new Validation.Off(),
            Thread::startVirtualThread,
            clock));
  }

  private static MailExchanger mx(int preference, String host) {
    return new MailExchanger(preference, host);
  }

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }
}
