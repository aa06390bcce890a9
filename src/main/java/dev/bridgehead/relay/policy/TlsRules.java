package dev.bridgehead.relay.policy;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.policy.DaneFinding.Failed;
import dev.bridgehead.relay.policy.DaneFinding.NotApplicable;
import dev.bridgehead.relay.policy.DaneFinding.Unusable;
import dev.bridgehead.relay.policy.DaneFinding.Usable;
import dev.bridgehead.relay.policy.TlsPolicy.Forbidden;
import dev.bridgehead.relay.policy.TlsPolicy.Permitted;
import dev.bridgehead.relay.sts.StsPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The decision, as docs/delivery.md has it: the strictest of mode, DANE, MTA-STS and what the
 * sender requires; where the sender needs no TLS, the mode alone. Pure.
 */
final class TlsRules {
  private TlsRules() {}

  /**
   * All that the decision rests on.
   *
   * @param asked by the sender of the message
   * @param host the next hop's name, or a literal with its brackets
   * @param tlsName the name that its certificate has
   * @param domain whose mail it takes; null for a smart host or a literal: that is what was asked
   *     for
   * @param proven the host's name is: it is what was asked for, or DNSSEC leads from there to it
   * @param sts the domain's MTA-STS policy, null where there is none
   */
  record Facts(
      TlsMode mode,
      TlsRequirement asked,
      String host,
      String tlsName,
      @Nullable String domain,
      boolean proven,
      DaneFinding dane,
      @Nullable StsPolicy sts) {
    Facts with(@Nullable StsPolicy policy) {
      return new Facts(mode, asked, host, tlsName, domain, proven, dane, policy);
    }

    Facts with(DaneFinding found) {
      return new Facts(mode, asked, host, tlsName, domain, proven, found, sts);
    }

    /** What follows does so whatever DNS and policies say. */
    boolean settledByMode() {
      return mode == TlsMode.NONE || waived();
    }

    /** What follows from mode and DNS does so whatever a policy of MTA-STS says. */
    boolean settledWithoutSts() {
      return settledByMode()
          || domain == null
          || dane instanceof Failed
          || (proven && dane instanceof Usable);
    }

    private boolean required() {
      return asked == TlsRequirement.REQUIRED;
    }

    /**
     * RFC 8689 §3: what the recipients' domain wants is not asked for. What this connector wants is
     * not theirs, nor the sender's to waive.
     */
    private boolean waived() {
      return asked == TlsRequirement.OPTIONAL && mode != TlsMode.VERIFIED;
    }

    /** The host has to prove that it is one of the domain's, or of those configured. */
    private boolean verified() {
      return mode == TlsMode.VERIFIED || required();
    }

    private boolean enforced() {
      return sts != null && sts.enforced();
    }

    /** A policy came over HTTPS from the domain itself, so that it proves whom it names. */
    private boolean named() {
      return sts != null && sts.mode() != StsPolicy.Mode.NONE && sts.matches(host);
    }

    private Ground ground(Ground otherwise) {
      return required() ? Ground.REQUIRETLS : otherwise;
    }

    /** Who wants it so. */
    private String whose() {
      return required() ? "REQUIRETLS" : "mode " + text(mode);
    }

    /** RFC 8689 §4.2.1: whoever requires TLS is told at once, unless nothing can be told yet. */
    private Forbidden forbidden(TlsFault fault, Ground ground, String why) {
      boolean lasting = required() && fault != TlsFault.DNSSEC_INVALID;
      return new Forbidden(fault, ground(ground), why, lasting);
    }
  }

  static TlsPolicy decide(Facts facts) {
    if (facts.settledByMode()) {
      return byMode(facts);
    }
    // RFC 7672 §2.1.2, and RFC 8461 §2: no other policy gets round this.
    if (facts.dane() instanceof Failed(String why)) {
      return facts.forbidden(
          TlsFault.DNSSEC_INVALID, Ground.DANE, "TLSA records can't be told: " + why);
    }
    // What DNSSEC leads to needs no list of names. Else whoever forges the MX would be believed.
    boolean dnssecOnly = facts.proven() && facts.dane() instanceof Usable;
    if (facts.enforced() && !facts.named() && !dnssecOnly) {
      return facts.forbidden(
          TlsFault.VALIDATION_FAILURE,
          Ground.MTA_STS,
          "the MTA-STS policy of %s does not name %s".formatted(facts.domain(), facts.host()));
    }
    if (facts.verified() && !facts.proven() && !facts.named()) {
      return facts.forbidden(
          TlsFault.NAME_NOT_PROVEN,
          Ground.VERIFIED,
          "%s, but neither DNSSEC nor an MTA-STS policy proves that %s takes mail for %s"
              .formatted(facts.whose(), facts.host(), facts.domain()));
    }
    return switch (facts.dane()) {
      case Usable(DaneProof proof) -> dane(facts, proof);
      case Unusable(String why) -> withoutDane(facts, why);
      case NotApplicable(String why) -> withoutDane(facts, why);
      case Failed(String why) -> throw new IllegalStateException(why);
    };
  }

  private static TlsPolicy byMode(Facts facts) {
    if (facts.required()) {
      return facts.forbidden(
          TlsFault.VALIDATION_FAILURE, Ground.NONE, "REQUIRETLS, but mode None uses no TLS");
    }
    return new Permitted(
        TlsDemand.of(facts.mode(), facts.tlsName()),
        Ground.of(facts.mode()),
        facts.whose() + (facts.waived() ? "; no policy of others counts (TLS-Required: No)" : ""));
  }

  /** A smart host in mode Verified has to show what the mode asks for as well. */
  private static TlsPolicy dane(Facts facts, DaneProof proof) {
    boolean both = facts.mode() == TlsMode.VERIFIED && facts.domain() == null;
    int count = proof.records().size();
    return new Permitted(
        new TlsDemand.Proven(proof.base(), proof, both ? facts.tlsName() : null, facts.required()),
        facts.ground(Ground.DANE),
        "%s%d TLSA record%s at %s%s"
            .formatted(
                facts.required() ? "REQUIRETLS; " : "",
                count,
                count == 1 ? "" : "s",
                proof.base(),
                both ? ", and mode Verified" : ""));
  }

  private static TlsPolicy withoutDane(Facts facts, String why) {
    if (facts.required()) {
      return new Permitted(
          new TlsDemand.Proven(facts.tlsName(), null, facts.tlsName(), true),
          Ground.REQUIRETLS,
          "REQUIRETLS; " + why);
    }
    if (facts.mode() != TlsMode.VERIFIED && facts.enforced()) {
      return new Permitted(
          new TlsDemand.Proven(facts.host(), null, facts.host()),
          Ground.MTA_STS,
          "the MTA-STS policy of " + facts.domain());
    }
    boolean unusable = facts.dane() instanceof Unusable;
    if (unusable && facts.mode() != TlsMode.VERIFIED) {
      return new Permitted(new TlsDemand.Encrypted(facts.tlsName()), Ground.DANE_UNUSABLE, why);
    }
    return new Permitted(
        TlsDemand.of(facts.mode(), facts.tlsName()),
        Ground.of(facts.mode()),
        facts.whose() + "; " + why);
  }

  private static String text(TlsMode mode) {
    return switch (mode) {
      case NONE -> "None";
      case OPPORTUNISTIC -> "Opportunistic";
      case REQUIRED -> "Required";
      case VERIFIED -> "Verified";
    };
  }
}
