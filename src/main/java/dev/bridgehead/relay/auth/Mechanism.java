package dev.bridgehead.relay.auth;

import java.util.Locale;
import java.util.Optional;

/** The SASL mechanisms, in the order in which they are offered. */
public enum Mechanism {
  /** RFC 4616. */
  PLAIN("PLAIN"),
  /** Of no RFC (draft-murchison-sasl-login); old clients know no other. */
  LOGIN("LOGIN"),
  /** RFC 7677. */
  SCRAM_SHA_256("SCRAM-SHA-256"),
  /** RFC 7628. */
  OAUTHBEARER("OAUTHBEARER"),
  /** Google's forerunner of OAUTHBEARER. */
  XOAUTH2("XOAUTH2");

  private final String text;

  Mechanism(String text) {
    this.text = text;
  }

  /** By its name in any case. */
  public static Optional<Mechanism> named(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    for (Mechanism each : values()) {
      if (each.text.equals(upper)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** As EHLO shows it. */
  @Override
  public String toString() {
    return text;
  }
}
