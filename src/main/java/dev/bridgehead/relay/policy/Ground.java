package dev.bridgehead.relay.policy;

import dev.bridgehead.api.TlsMode;
import java.util.Locale;

/** What a policy comes from, as a metric's label. */
public enum Ground {
  NONE,
  OPPORTUNISTIC,
  REQUIRED,
  VERIFIED,
  /** Usable TLSA records, or ones that can't be told. */
  DANE,
  /** TLSA records that are proven, and that nobody can use. */
  DANE_UNUSABLE,
  MTA_STS,
  /** The sender of the message. */
  REQUIRETLS;

  static Ground of(TlsMode mode) {
    return switch (mode) {
      case NONE -> NONE;
      case OPPORTUNISTIC -> OPPORTUNISTIC;
      case REQUIRED -> REQUIRED;
      case VERIFIED -> VERIFIED;
    };
  }

  /** Lower case. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
