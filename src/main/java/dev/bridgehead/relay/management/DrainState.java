package dev.bridgehead.relay.management;

/** How far a relay is in being drained, in this order. */
public enum DrainState {
  /** It is not to be drained. */
  NONE,
  /** It is not ready, and takes mail until its clients have noticed. */
  ACCEPTING,
  /** It takes no mail, delivers, and hands over what it can. */
  DRAINING,
  /** It takes no mail, and nothing is on its disk that anybody waits for: it may go. */
  EMPTY
}
