package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.delivery.DanePeers.Result;
import dev.bridgehead.testbed.SignedZone;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** The rows of docs/delivery.md's table: real zones, real look-ups, real handshakes. */
@Tag("tier3")
class DaneIT {
  private static final String GOOD = "198.51.100.1";
  private static final String EXPIRED = "198.51.100.2";
  private static final String PLAIN = "198.51.100.3";
  private static final String BROKEN = "198.51.100.4";
  private static final String OTHER = "198.51.100.5";

  /**
   * A host of a signed domain.
   *
   * @param tlsa its records
   * @param opportunistic policy and result in that mode, as counted
   * @param verified in that mode
   */
  record Row(String tlsa, String host, String opportunistic, String verified) {
    /** The same in both modes. */
    Row(String tlsa, String host, String both) {
      this(tlsa, host, both, both);
    }

    String label() {
      return "row" + ROWS.indexOf(this);
    }
  }

  static final List<Row> ROWS =
      List.of(
          // Usable: a key or certificate of its own, whatever else that says.
          new Row("3 0 0 expired", EXPIRED, "dane/proven"),
          new Row("3 0 1 expired", EXPIRED, "dane/proven"),
          new Row("3 0 2 expired", EXPIRED, "dane/proven"),
          new Row("3 1 0 expired", EXPIRED, "dane/proven"),
          new Row("3 1 1 expired", EXPIRED, "dane/proven"),
          new Row("3 1 2 expired", EXPIRED, "dane/proven"),
          new Row("3 1 1 stranger", GOOD, "dane/certificate_not_trusted"),
          // Usable: an issuer, and a name.
          new Row("2 0 0 issuer", GOOD, "dane/proven"),
          new Row("2 0 1 root", GOOD, "dane/proven"),
          new Row("2 0 2 root", GOOD, "dane/proven"),
          new Row("2 1 1 root", GOOD, "dane/proven"),
          new Row("2 1 1 issuer", GOOD, "dane/proven"),
          new Row("2 1 1 stranger", GOOD, "dane/certificate_not_trusted"),
          new Row("2 1 1 root", OTHER, "dane/certificate_host_mismatch"),
          new Row("2 1 1 root", EXPIRED, "dane/certificate_expired"),
          // Usable, but without TLS, or with a handshake that someone breaks.
          new Row("3 1 1 good", PLAIN, "dane/starttls_not_supported"),
          new Row("3 1 1 good", BROKEN, "dane/validation_failure"),
          // One that fits is enough; of two digests the stronger one counts.
          new Row("3 1 1 stranger; 3 1 1 good", GOOD, "dane/proven"),
          new Row("1 1 1 stranger; 3 1 1 good", GOOD, "dane/proven"),
          new Row("3 1 1 good; 3 1 2 stranger", GOOD, "dane/certificate_not_trusted"),
          // Unusable: TLS, whose doesn't matter; in mode Verified the name of a proven MX.
          new Row("1 1 1 good", EXPIRED, "dane_unusable/encrypted", "verified/certificate_expired"),
          new Row("0 0 1 root; 3 1 7 good", GOOD, "dane_unusable/encrypted", "verified/proven"),
          new Row(
              "1 1 1 good",
              PLAIN,
              "dane_unusable/starttls_not_supported",
              "verified/starttls_not_supported"),
          new Row(
              "1 1 1 good",
              BROKEN,
              "dane_unusable/validation_failure",
              "verified/validation_failure"),
          // Absent.
          new Row("", GOOD, "opportunistic/encrypted", "verified/proven"),
          new Row("", PLAIN, "opportunistic/plaintext", "verified/starttls_not_supported"),
          new Row("", BROKEN, "opportunistic/plaintext", "verified/validation_failure"),
          new Row("", OTHER, "opportunistic/encrypted", "verified/certificate_host_mismatch"));

  private static DanePeers peers;

  @BeforeAll
  static void start() {
    peers = new DanePeers();
    StringBuilder signed = new StringBuilder();
    for (Row row : ROWS) {
      signed.append(row.label()).append(" IN MX 10 mx-").append(row.label()).append('\n');
      signed.append(peers.host("mx-" + row.label(), row.host(), row.tlsa()));
    }
    signed.append("aliased IN MX 10 alias\nalias IN CNAME mx.hosts.test.\n");
    signed.append("away IN MX 10 leaving\nleaving IN CNAME mx.unsigned.test.\n");
    signed.append(peers.host("leaving-records", GOOD, "3 1 1 stranger"));
    signed.append(peers.host("itself", GOOD, "2 1 1 root"));
    peers.serving(
        SignedZone.nsec(
            "signed.test",
            signed.toString().replace("_25._tcp.leaving-records", "_25._tcp.leaving")),
        SignedZone.nsec3("hosts.test", 0, peers.host("mx", GOOD, "2 1 1 root")),
        SignedZone.unsigned(
            "unsigned.test",
            peers.host("mx", GOOD, "3 1 1 stranger")
                + "@ IN MX 10 mx\n"
                + "good IN MX 10 mx.hosts.test.\n"
                + "bad IN MX 10 mx-row6.signed.test.\n"),
        SignedZone.nsec("bogus.test", peers.host("mx", GOOD, "3 1 1 good") + "@ IN MX 10 mx\n")
            .tampered(line -> line.contains("\tTLSA\t") ? line.replace("3 1 1", "3 1 2") : line));
  }

  @AfterAll
  static void stop() {
    peers.close();
  }

  private static Result attempt(String domain, TlsMode mode) {
    return peers.attempt(domain, mode);
  }

  @ParameterizedTest
  @FieldSource("ROWS")
  @DisplayName("case 09: mail goes as the TLSA records have it, or not at all")
  void goesAsTheRecordsHaveIt(Row row) {
    ScriptedHost host = peers.at(row.host());
    for (TlsMode mode : List.of(TlsMode.OPPORTUNISTIC, TlsMode.REQUIRED, TlsMode.VERIFIED)) {
      int before = host.messages().size();
      String expected =
          switch (mode) {
            case OPPORTUNISTIC -> row.opportunistic();
            case VERIFIED -> row.verified();
            default -> required(row.opportunistic(), row.host());
          };

      Result result = attempt(row.label() + ".signed.test", mode);

      assertThat(result.tls()).as("%s: %s", mode, result.text()).isEqualTo(expected);
      boolean goes = expected.matches(".*/(proven|encrypted|plaintext)");
      assertThat(result.status())
          .isEqualTo(goes ? "delivered" : expected.endsWith("_supported") ? "4.7.4" : "4.7.5");
      assertThat(host.messages()).hasSize(before + (goes ? 1 : 0));
    }
  }

  private static String required(String opportunistic, String host) {
    return opportunistic
        .replace(
            "opportunistic/plaintext",
            host.equals(PLAIN) ? "required/starttls_not_supported" : "required/validation_failure")
        .replace("opportunistic/", "required/");
  }

  @Test
  void usesNoTlsInModeNoneWhateverTheRecordsSay() {
    assertThat(attempt("row0.signed.test", TlsMode.NONE).tls()).isEqualTo("none/plaintext");
  }

  /** Forged records of a zone that nobody signed are none. */
  @Test
  void leavesRecordsAloneThatNobodySigned() {
    assertThat(attempt("unsigned.test", TlsMode.OPPORTUNISTIC).tls())
        .isEqualTo("opportunistic/encrypted");
  }

  @Test
  void takesTheRecordsOfAHostThatAnUnsignedDomainNames() {
    assertThat(attempt("good.unsigned.test", TlsMode.OPPORTUNISTIC).tls()).isEqualTo("dane/proven");
    assertThat(attempt("bad.unsigned.test", TlsMode.OPPORTUNISTIC).tls())
        .isEqualTo("dane/certificate_not_trusted");
  }

  /** Whoever forged the MX would have proven records of his own. */
  @Test
  void neverTakesThemForAProofOfTheDomainInModeVerified() {
    int sessions = peers.at(GOOD).sessions();

    Result result = attempt("good.unsigned.test", TlsMode.VERIFIED);

    assertThat(result.status()).isEqualTo("4.7.5");
    assertThat(result.tls()).isEqualTo("verified/name_not_proven");
    assertThat(result.text())
        .isEqualTo(
            "mx.hosts.test[127.0.0.1]:%d: not connected: mode Verified, but neither DNSSEC nor an"
                + " MTA-STS policy proves that mx.hosts.test takes mail for good.unsigned.test",
            peers.at(GOOD).address().getPort());
    assertThat(peers.at(GOOD).sessions()).isEqualTo(sessions);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  @DisplayName("case 09: a host whose TLSA records can't be told is not connected")
  void connectsNoHostWhoseRecordsAreBogus(TlsMode mode) {
    int sessions = peers.at(GOOD).sessions();

    Result result = attempt("bogus.test", mode);

    assertThat(result.status()).isEqualTo("4.7.5");
    assertThat(result.tls()).isEqualTo("dane/dnssec_invalid");
    assertThat(result.text()).contains("not connected: TLSA records can't be told", "DNSSEC");
    assertThat(peers.at(GOOD).sessions()).isEqualTo(sessions);
  }

  /** RFC 7672 §2.2.2 and §3.1: the expanded name first, and that is the one to ask for. */
  @Test
  void followsASignedAlias() {
    List<String> asked = peers.at(GOOD).namesAsked();
    asked.clear();

    assertThat(attempt("aliased.signed.test", TlsMode.VERIFIED).tls()).isEqualTo("dane/proven");
    assertThat(asked).containsExactly("mx.hosts.test");
  }

  /** The alias is signed and has records; where it leads is not. */
  @Test
  void takesTheRecordsOfAnAliasThatLeavesWhatIsSigned() {
    assertThat(attempt("away.signed.test", TlsMode.OPPORTUNISTIC).tls())
        .isEqualTo("dane/certificate_not_trusted");
  }

  @Test
  void asksTheDomainItselfWhereItHasNoExchanger() {
    assertThat(attempt("itself.signed.test", TlsMode.VERIFIED).tls()).isEqualTo("dane/proven");
  }

  @Test
  void asksForTheRecordsOfASmartHost() {
    for (Row row : List.of(ROWS.get(4), ROWS.get(6), ROWS.get(20), ROWS.get(24))) {
      String name = "mx-" + row.label() + ".signed.test";
      Deliveries deliveries =
          new Deliveries()
              .dns(peers.resolver())
              .smartHost(name)
              .connect(row.host(), peers.at(row.host()).address());
      try (SmtpDelivery delivery = deliveries.start()) {
        delivery.attempt(Deliveries.message("rcpt@example.test"));
      }

      assertThat(DanePeers.tls(deliveries)).as(row.tlsa()).isEqualTo(row.opportunistic());
    }
  }

  /** Mode Verified stays what it is: DANE comes on top. */
  @Test
  void asksASmartHostInModeVerifiedForBoth() {
    for (Row row : List.of(ROWS.get(4), ROWS.get(6), ROWS.get(10), ROWS.get(13))) {
      Deliveries deliveries =
          new Deliveries()
              .dns(peers.resolver())
              .tls(TlsMode.VERIFIED, DanePeers.ROOT.certificate())
              .smartHost("mx-" + row.label() + ".signed.test")
              .connect(row.host(), peers.at(row.host()).address());
      try (SmtpDelivery delivery = deliveries.start()) {
        delivery.attempt(Deliveries.message("rcpt@example.test"));
      }

      assertThat(DanePeers.tls(deliveries))
          .as(row.tlsa())
          .isEqualTo(
              row.host().equals(EXPIRED)
                  ? "dane/certificate_expired"
                  : row.opportunistic().toLowerCase(Locale.ROOT));
    }
  }
}
