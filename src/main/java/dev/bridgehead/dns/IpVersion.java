package dev.bridgehead.dns;

/** Which addresses are asked for. */
public enum IpVersion {
  /** A records. */
  IPV4,

  /** AAAA records. */
  IPV6
}
