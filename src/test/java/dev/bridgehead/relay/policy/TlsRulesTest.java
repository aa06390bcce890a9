package dev.bridgehead.relay.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.policy.DaneFinding.Failed;
import dev.bridgehead.relay.policy.DaneFinding.NotApplicable;
import dev.bridgehead.relay.policy.DaneFinding.Unusable;
import dev.bridgehead.relay.policy.DaneFinding.Usable;
import dev.bridgehead.relay.policy.TlsPolicy.Forbidden;
import dev.bridgehead.relay.policy.TlsPolicy.Permitted;
import dev.bridgehead.relay.policy.TlsRules.Facts;
import dev.bridgehead.relay.sts.StsPolicy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The decision table of docs/delivery.md, row by row. */
class TlsRulesTest {
  private static final String DOMAIN = "example.test";
  private static final String HOST = "mx.example.net";
  private static final DaneProof PROOF =
      new DaneProof(HOST, List.of(new TlsaRecord(3, 1, 1, new byte[32])), Set.of());
  private static final Map<String, DaneFinding> DANE =
      Map.of(
          "usable", new Usable(PROOF),
          "unusable", new Unusable("usage 1"),
          "none", new NotApplicable("no TLSA record"),
          "failed", new Failed("bogus"));

  /**
   * @param mx {@code secure}, or not
   * @param sts {@code enforce}, {@code testing} or {@code none}, which name the host; {@code
   *     enforce-other} and {@code testing-other}, which name another one; or a dash
   */
  private static TlsPolicy decide(TlsMode mode, String dane, String mx, String sts) {
    return decide(mode, TlsRequirement.UNSPECIFIED, dane, mx, sts);
  }

  private static TlsPolicy decide(
      TlsMode mode, TlsRequirement asked, String dane, String mx, String sts) {
    return TlsRules.decide(
        new Facts(mode, asked, HOST, HOST, DOMAIN, mx.equals("secure"), found(dane), sts(sts)));
  }

  private static DaneFinding found(String dane) {
    return Objects.requireNonNull(DANE.get(dane), dane);
  }

  private static @Nullable StsPolicy sts(String text) {
    if (text.equals("-")) {
      return null;
    }
    String mx = text.endsWith("-other") ? "mx.other.test" : "*.example.net";
    return new StsPolicy(
        StsPolicy.Mode.valueOf(text.replace("-other", "").toUpperCase(Locale.ROOT)),
        text.equals("none") ? List.of() : List.of(mx),
        Duration.ofDays(1));
  }

  /** {@code none, opportunistic, encrypted, dane, pkix} or {@code forbidden}, and by what. */
  private static String shown(TlsPolicy policy) {
    String what =
        switch (policy) {
          case Forbidden _ -> "forbidden";
          case Permitted(TlsDemand.Never(), _, _) -> "plain";
          case Permitted(TlsDemand.Opportunistic(String name), _, _) -> name + "?";
          case Permitted(TlsDemand.Encrypted(String name), _, _) -> name;
          case Permitted(
                  TlsDemand.Proven(String name, DaneProof dane, String pkix, boolean required),
                  _,
                  _) ->
              name
                  + (dane == null ? "" : "+dane")
                  + (pkix == null ? "" : "+pkix(" + pkix + ")")
                  + (required ? "+requiretls" : "");
        };
    return what.replace(HOST, "tls") + " by " + policy.ground();
  }

  @ParameterizedTest
  @CsvSource({
    // DANE, MX, MTA-STS, and then what Opportunistic, Required and Verified come to.
    "usable,   secure,   -,             tls+dane by DANE, tls+dane by DANE, tls+dane by DANE",
    "usable,   secure,   enforce,       tls+dane by DANE, tls+dane by DANE, tls+dane by DANE",
    "usable,   secure,   enforce-other, tls+dane by DANE, tls+dane by DANE, tls+dane by DANE",
    "usable,   insecure, -,             tls+dane by DANE, tls+dane by DANE, forbidden by VERIFIED",
    "usable,   insecure, enforce,       tls+dane by DANE, tls+dane by DANE, tls+dane by DANE",
    "usable,   insecure, enforce-other,"
        + " forbidden by MTA_STS, forbidden by MTA_STS, forbidden by MTA_STS",
    "usable,   insecure, testing,       tls+dane by DANE, tls+dane by DANE, tls+dane by DANE",
    "usable,   insecure, testing-other,"
        + " tls+dane by DANE, tls+dane by DANE, forbidden by VERIFIED",
    "unusable, secure,   -,"
        + " tls by DANE_UNUSABLE, tls by DANE_UNUSABLE, tls+pkix(tls) by VERIFIED",
    "unusable, insecure, -," + " tls by DANE_UNUSABLE, tls by DANE_UNUSABLE, forbidden by VERIFIED",
    "unusable, insecure, enforce,"
        + " tls+pkix(tls) by MTA_STS, tls+pkix(tls) by MTA_STS, tls+pkix(tls) by VERIFIED",
    "unusable, secure,   enforce-other,"
        + " forbidden by MTA_STS, forbidden by MTA_STS, forbidden by MTA_STS",
    "none,     secure,   -," + " tls? by OPPORTUNISTIC, tls by REQUIRED, tls+pkix(tls) by VERIFIED",
    "none,     insecure, -," + " tls? by OPPORTUNISTIC, tls by REQUIRED, forbidden by VERIFIED",
    "none,     insecure, enforce,"
        + " tls+pkix(tls) by MTA_STS, tls+pkix(tls) by MTA_STS, tls+pkix(tls) by VERIFIED",
    "none,     insecure, enforce-other,"
        + " forbidden by MTA_STS, forbidden by MTA_STS, forbidden by MTA_STS",
    "none,     insecure, testing,"
        + " tls? by OPPORTUNISTIC, tls by REQUIRED, tls+pkix(tls) by VERIFIED",
    "none,     insecure, testing-other,"
        + " tls? by OPPORTUNISTIC, tls by REQUIRED, forbidden by VERIFIED",
    "none,     insecure, none," + " tls? by OPPORTUNISTIC, tls by REQUIRED, forbidden by VERIFIED",
    "failed,   secure,   -,        forbidden by DANE, forbidden by DANE, forbidden by DANE",
    "failed,   insecure, enforce,  forbidden by DANE, forbidden by DANE, forbidden by DANE",
  })
  void takesTheStrictestOfModeDaneAndMtaSts(
      String dane, String mx, String sts, String opportunistic, String required, String verified) {
    assertThat(shown(decide(TlsMode.OPPORTUNISTIC, dane, mx, sts))).isEqualTo(opportunistic);
    assertThat(shown(decide(TlsMode.REQUIRED, dane, mx, sts))).isEqualTo(required);
    assertThat(shown(decide(TlsMode.VERIFIED, dane, mx, sts))).isEqualTo(verified);
  }

  @Test
  void asksForNoTlsInModeNoneWhateverThereIs() {
    for (String dane : DANE.keySet()) {
      assertThat(shown(decide(TlsMode.NONE, dane, "insecure", "enforce-other")))
          .isEqualTo("plain by NONE");
    }
  }

  /** No policy, and no mode, makes the demand any weaker than a weaker one does. */
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void neverAsksLessForAPolicyMore(TlsMode mode) {
    for (String dane : DANE.keySet()) {
      for (String mx : List.of("secure", "insecure")) {
        int without = strength(decide(mode, dane, mx, "-"));
        if (mode != TlsMode.VERIFIED) { // where a policy is what proves the name
          for (String sts : List.of("enforce", "enforce-other", "testing", "none")) {
            assertThat(strength(decide(mode, dane, mx, sts)))
                .as("%s %s %s %s", mode, dane, mx, sts)
                .isGreaterThanOrEqualTo(without);
          }
        }
        for (TlsMode weaker : EnumSet.range(TlsMode.OPPORTUNISTIC, mode)) {
          assertThat(without).isGreaterThanOrEqualTo(strength(decide(weaker, dane, mx, "-")));
        }
      }
    }
  }

  private static int strength(TlsPolicy policy) {
    return switch (policy) {
      case Forbidden _ -> 4;
      case Permitted permitted ->
          switch (permitted.demand()) {
            case TlsDemand.Never() -> 0;
            case TlsDemand.Opportunistic _ -> 1;
            case TlsDemand.Encrypted _ -> 2;
            case TlsDemand.Proven _ -> 3;
          };
    };
  }

  @ParameterizedTest
  @CsvSource({
    "usable,   tls+dane by DANE, tls+dane by DANE, tls+dane+pkix(other.test) by DANE",
    "unusable, other.test by DANE_UNUSABLE, other.test by DANE_UNUSABLE,"
        + " other.test+pkix(other.test) by VERIFIED",
    "none,     other.test? by OPPORTUNISTIC, other.test by REQUIRED,"
        + " other.test+pkix(other.test) by VERIFIED",
    "failed,   forbidden by DANE, forbidden by DANE, forbidden by DANE",
  })
  void asksASmartHostForWhatTheModeAsksAsWell(
      String dane, String opportunistic, String required, String verified) {
    assertThat(smartHost(TlsMode.OPPORTUNISTIC, dane)).isEqualTo(opportunistic);
    assertThat(smartHost(TlsMode.REQUIRED, dane)).isEqualTo(required);
    assertThat(smartHost(TlsMode.VERIFIED, dane)).isEqualTo(verified);
  }

  private static String smartHost(TlsMode mode, String dane) {
    return smartHost(mode, TlsRequirement.UNSPECIFIED, dane);
  }

  private static String smartHost(TlsMode mode, TlsRequirement asked, String dane) {
    return shown(
        TlsRules.decide(new Facts(mode, asked, HOST, "other.test", null, true, found(dane), null)));
  }

  /**
   * RFC 8689 §4.2.1: by a trusted CA or by DANE, at a host whose name DNSSEC or a policy proves.
   */
  @ParameterizedTest
  @CsvSource({
    "usable,   secure,   -,             tls+dane+requiretls",
    "usable,   secure,   enforce-other, tls+dane+requiretls",
    "usable,   insecure, -,             forbidden",
    "usable,   insecure, enforce,       tls+dane+requiretls",
    "usable,   insecure, testing,       tls+dane+requiretls",
    "usable,   insecure, enforce-other, forbidden",
    "unusable, secure,   -,             tls+pkix(tls)+requiretls",
    "unusable, insecure, -,             forbidden",
    "unusable, secure,   enforce-other, forbidden",
    "none,     secure,   -,             tls+pkix(tls)+requiretls",
    "none,     insecure, -,             forbidden",
    "none,     insecure, enforce,       tls+pkix(tls)+requiretls",
    "none,     insecure, testing,       tls+pkix(tls)+requiretls",
    "none,     insecure, testing-other, forbidden",
    "none,     insecure, none,          forbidden",
    "failed,   secure,   -,             forbidden",
  })
  void asksForProvenTlsThatIsPassedOnWhereTheSenderRequiresIt(
      String dane, String mx, String sts, String demand) {
    for (TlsMode mode : List.of(TlsMode.OPPORTUNISTIC, TlsMode.REQUIRED, TlsMode.VERIFIED)) {
      TlsPolicy policy = decide(mode, TlsRequirement.REQUIRED, dane, mx, sts);
      assertThat(shown(policy)).as(mode.name()).isEqualTo(demand + " by REQUIRETLS");
      if (policy instanceof Forbidden forbidden) {
        assertThat(forbidden.lasting())
            .as("nothing can be told yet where the look-up of TLSA records failed")
            .isEqualTo(!dane.equals("failed"));
      }
    }
    assertThat(decide(TlsMode.NONE, TlsRequirement.REQUIRED, dane, mx, sts))
        .isInstanceOfSatisfying(Forbidden.class, it -> assertThat(it.lasting()).isTrue());
  }

  @ParameterizedTest
  @CsvSource({
    "usable,   tls+dane+requiretls,                tls+dane+pkix(other.test)+requiretls",
    "unusable, other.test+pkix(other.test)+requiretls, other.test+pkix(other.test)+requiretls",
    "none,     other.test+pkix(other.test)+requiretls, other.test+pkix(other.test)+requiretls",
  })
  void asksASmartHostForEitherProofAndInModeVerifiedForWhatThatAsks(
      String dane, String opportunistic, String verified) {
    assertThat(smartHost(TlsMode.OPPORTUNISTIC, TlsRequirement.REQUIRED, dane))
        .isEqualTo(opportunistic + " by REQUIRETLS");
    assertThat(smartHost(TlsMode.VERIFIED, TlsRequirement.REQUIRED, dane))
        .isEqualTo(verified + " by REQUIRETLS");
  }

  /** RFC 8689 §3: recipients' policies are waived; the connector's own mode is not. */
  @Test
  void leavesTheModeAloneWhereTheSenderNeedsNoTls() {
    for (String dane : DANE.keySet()) {
      for (String mx : List.of("secure", "insecure")) {
        for (String sts : List.of("-", "enforce", "enforce-other", "testing")) {
          assertThat(shown(decide(TlsMode.OPPORTUNISTIC, TlsRequirement.OPTIONAL, dane, mx, sts)))
              .isEqualTo("tls? by OPPORTUNISTIC");
          assertThat(shown(decide(TlsMode.REQUIRED, TlsRequirement.OPTIONAL, dane, mx, sts)))
              .isEqualTo("tls by REQUIRED");
          assertThat(decide(TlsMode.VERIFIED, TlsRequirement.OPTIONAL, dane, mx, sts))
              .isEqualTo(decide(TlsMode.VERIFIED, dane, mx, sts));
        }
      }
    }
  }

  @Test
  void saysWhy() {
    assertThat(decide(TlsMode.VERIFIED, "none", "insecure", "-"))
        .isEqualTo(
            new Forbidden(
                TlsFault.NAME_NOT_PROVEN,
                Ground.VERIFIED,
                "mode Verified, but neither DNSSEC nor an MTA-STS policy proves that"
                    + " mx.example.net takes mail for example.test",
                false));
    assertThat(decide(TlsMode.OPPORTUNISTIC, "none", "insecure", "-").why())
        .isEqualTo("mode Opportunistic; no TLSA record");
    assertThat(decide(TlsMode.OPPORTUNISTIC, "failed", "secure", "-").why())
        .isEqualTo("TLSA records can't be told: bogus");
    assertThat(decide(TlsMode.OPPORTUNISTIC, "none", "secure", "enforce-other").why())
        .isEqualTo("the MTA-STS policy of example.test does not name mx.example.net");
  }
}
