package dev.bridgehead.relay.policy;

/** What a host's TLSA records come to (RFC 7672 §2.1, §2.2). */
public sealed interface DaneFinding {
  /** There is nothing to go by: not signed, not looked up, or proven that there are none. */
  record NotApplicable(String why) implements DaneFinding {}

  /**
   * They are proven, and none of them can be used: TLS is there, but nothing says whose.
   *
   * @param why one line, of each record what is wrong with it
   */
  record Unusable(String why) implements DaneFinding {}

  /** They can be used. */
  record Usable(DaneProof proof) implements DaneFinding {}

  /** It can't be told: the host must not be tried (RFC 7672 §2.1.2). */
  record Failed(String why) implements DaneFinding {}
}
