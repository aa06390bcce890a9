package dev.bridgehead.relay.queue;

/** What a postmaster can have done to messages. */
public enum Command {
  /** Due now, and nothing is held against their destinations. */
  FLUSH,
  /** No attempt is made until they are released. */
  HOLD,
  /** Held ones are due now. */
  RELEASE,
  /** Removed; nobody is told. */
  REMOVE,
  /** Given up, and their senders are told. */
  BOUNCE
}
