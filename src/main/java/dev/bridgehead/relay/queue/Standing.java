package dev.bridgehead.relay.queue;

/** How a message, or a group of its recipients, stands in the queue; the liveliest first. */
public enum Standing {
  /** An attempt, a notice or a command is under way. */
  ACTIVE,
  /** Due, and attempted as soon as there is room. */
  READY,
  /** Not due yet, or its destination did not answer lately. */
  WAITING,
  /** Waits for a person. */
  HELD
}
