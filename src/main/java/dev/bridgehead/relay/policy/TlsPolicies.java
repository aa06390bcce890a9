package dev.bridgehead.relay.policy;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.relay.routing.Origin;
import dev.bridgehead.relay.sts.StsPolicies;

/** Says what TLS a next hop has to show. Any thread may ask; blocks for look-ups. */
public final class TlsPolicies {
  private final DaneLookup dane;
  private final StsPolicies sts;

  public TlsPolicies(Resolver dns, StsPolicies sts) {
    this.dane = new DaneLookup(dns);
    this.sts = sts;
  }

  /**
   * @param origin of the next hop
   * @param mode of the connector
   * @param asked by the sender of the message that it is for
   */
  public TlsPolicy of(NextHop hop, Origin origin, TlsMode mode, TlsRequirement asked) {
    TlsRules.Facts before =
        new TlsRules.Facts(
            mode,
            asked,
            hop.host(),
            hop.tlsName(),
            origin.domain(),
            origin.proves(hop.host()),
            new DaneFinding.NotApplicable("TLSA records don't matter"),
            null);
    TlsRules.Facts facts = before.settledByMode() ? before : before.with(dane.find(hop, origin));
    String domain = origin.domain();
    // A host that --connect-to replaces by its name is somebody else, of whom no policy speaks.
    boolean itself = hop.located().addresses() != null;
    return domain != null && itself && !facts.settledWithoutSts()
        ? TlsRules.decide(facts.with(sts.policyOf(domain).orElse(null)))
        : TlsRules.decide(facts);
  }
}
