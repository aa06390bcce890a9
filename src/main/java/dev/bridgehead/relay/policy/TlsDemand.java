package dev.bridgehead.relay.policy;

import dev.bridgehead.api.TlsMode;
import org.jspecify.annotations.Nullable;

/**
 * What TLS a session has to have. Sessions with one host may be taken for one another where this is
 * equal.
 */
public sealed interface TlsDemand {
  /** None, ever. */
  record Never() implements TlsDemand {}

  /**
   * Where it is offered and comes about, whoever the peer is (RFC 7435).
   *
   * @param name to ask for (SNI): of a host, or a literal with its brackets
   */
  record Opportunistic(String name) implements TlsDemand {}

  /**
   * Always, whoever the peer is.
   *
   * @param name to ask for
   */
  record Encrypted(String name) implements TlsDemand {}

  /**
   * Always, with a certificate that proves who the peer is in each of the ways asked for.
   *
   * @param name to ask for
   * @param dane its TLSA records; null where they aren't asked
   * @param pkix the name that a certificate of a trusted CA has to have; null where none has to
   * @param requireTls it has to offer REQUIRETLS too, and is told that the message needs it (RFC
   *     8689 §4.2.1)
   */
  record Proven(String name, @Nullable DaneProof dane, @Nullable String pkix, boolean requireTls)
      implements TlsDemand {
    public Proven {
      if (dane == null && pkix == null) {
        throw new IllegalArgumentException("nothing would prove anything");
      }
    }

    /** For mail whose sender asks for nothing. */
    public Proven(String name, @Nullable DaneProof dane, @Nullable String pkix) {
      this(name, dane, pkix, false);
    }
  }

  TlsDemand NEVER = new Never();

  /** What a mode asks by itself. */
  static TlsDemand of(TlsMode mode, String name) {
    return switch (mode) {
      case NONE -> NEVER;
      case OPPORTUNISTIC -> new Opportunistic(name);
      case REQUIRED -> new Encrypted(name);
      case VERIFIED -> new Proven(name, null, name);
    };
  }

  /**
   * The name to ask for.
   *
   * @param otherwise the host's, where none is said
   */
  default String name(String otherwise) {
    return switch (this) {
      case Never() -> otherwise;
      case Opportunistic(String name) -> name;
      case Encrypted(String name) -> name;
      case Proven(String name, _, _, _) -> name;
    };
  }

  /** Whether mail may go without TLS. */
  default boolean allowsPlaintext() {
    return this instanceof Never || this instanceof Opportunistic;
  }

  /** Whether it is for mail under REQUIRETLS. */
  default boolean requireTls() {
    return this instanceof Proven proven && proven.requireTls();
  }

  /** Whether the peer has proven who it is once TLS stands. */
  default boolean proves() {
    return this instanceof Proven;
  }
}
