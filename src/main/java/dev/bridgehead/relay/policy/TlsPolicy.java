package dev.bridgehead.relay.policy;

/** What becomes of a next hop as far as TLS is concerned, and why. */
public sealed interface TlsPolicy {
  /** What it comes from. */
  Ground ground();

  /** One line. */
  String why();

  /** It may be connected, and a session has to have this. */
  record Permitted(TlsDemand demand, Ground ground, String why) implements TlsPolicy {}

  /**
   * It must not be connected at present. The next host may be.
   *
   * @param lasting the message must not wait for that to change
   */
  record Forbidden(TlsFault fault, Ground ground, String why, boolean lasting)
      implements TlsPolicy {}
}
