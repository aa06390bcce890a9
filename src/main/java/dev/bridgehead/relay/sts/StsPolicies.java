package dev.bridgehead.relay.sts;

import java.util.Optional;

/** What domains ask of those who send them mail (RFC 8461). Any thread may ask. */
@FunctionalInterface
public interface StsPolicies {
  /** No domain has a policy. */
  StsPolicies NONE = domain -> Optional.empty();

  /**
   * The policy to apply to mail for a domain now, also one in mode None; empty where the domain has
   * none, or none can be had and none is remembered (RFC 8461 §5.1). It is as new as the domain's
   * TXT record, so that mail may be returned on account of it (§5.1, step 3). Blocks for the
   * look-up, and for a fetch where one is due: some seconds as a rule, a minute at most.
   *
   * @param domain of the recipient, A-labels in lower case; a literal has none
   */
  Optional<StsPolicy> policyOf(String domain);
}
