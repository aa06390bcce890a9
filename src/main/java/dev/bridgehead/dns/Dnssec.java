package dev.bridgehead.dns;

/** How far an answer is proven (RFC 4033 §5, RFC 7672 §2.1.1). */
public sealed interface Dnssec {
  /** Signed, and validated up to a trust anchor; of a denial, the denial. */
  record Secure() implements Dnssec {}

  /** Proven to lie below a delegation that is not signed: nothing is to be expected there. */
  record Insecure() implements Dnssec {}

  /**
   * Signed, but the signatures don't hold. There is no answer then.
   *
   * @param why one line
   */
  record Bogus(String why) implements Dnssec {}

  /**
   * Nobody could tell. With an answer: nothing validates here at all. Without one: what a proof
   * needs could not be had.
   *
   * @param why one line
   */
  record Indeterminate(String why) implements Dnssec {}

  Dnssec SECURE = new Secure();
  Dnssec INSECURE = new Insecure();

  default boolean secure() {
    return this instanceof Secure;
  }

  /** What two steps of one look-up come to: the chain is as strong as its weakest link. */
  default Dnssec and(Dnssec other) {
    return weakness() >= other.weakness() ? this : other;
  }

  private int weakness() {
    return switch (this) {
      case Secure() -> 0;
      case Insecure() -> 1;
      case Indeterminate _ -> 2;
      case Bogus _ -> 3;
    };
  }
}
