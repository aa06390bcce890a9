package dev.bridgehead.relay.mail;

/** The BODY parameter of MAIL (RFC 6152). */
public enum BodyType {
  SEVEN_BIT,
  EIGHT_BIT_MIME
}
