package dev.bridgehead.relay.mail;

import org.jspecify.annotations.Nullable;

/** What became of one recipient in one attempt. */
public sealed interface Outcome {
  /**
   * The next hop took responsibility.
   *
   * @param remoteMta the host that answered
   * @param reportsSuccess it was asked by the DSN extension to tell of the delivery itself; false:
   *     a notice of success, where one was asked for, is this server's to send (RFC 3461 §5.2.2)
   */
  record Delivered(String remoteMta, Reply reply, boolean reportsSuccess) implements Outcome {
    /** To a host that was asked for no report. */
    public Delivered(String remoteMta, Reply reply) {
      this(remoteMta, reply, false);
    }
  }

  /** Not now: tried again at the next interval. */
  record Deferred(Diagnostic why) implements Outcome {}

  /** Never: the sender is told. */
  record Failed(Diagnostic why) implements Outcome {}

  /**
   * Why, for logs, metrics, the status and RFC 3464 fields.
   *
   * @param reason a closed set, fit for a metric's label
   * @param text one line, what happened and where
   * @param remoteMta the host that said so, null where none did
   * @param reply what it said, null where it said nothing
   */
  record Diagnostic(
      Reason reason,
      EnhancedStatus status,
      String text,
      @Nullable String remoteMta,
      @Nullable Reply reply) {}

  /** Reasons, as labels of metrics in lower case: docs/queue.md lists them. */
  enum Reason {
    /** No connection to any of the hosts. */
    CONNECT,
    /** Nothing was asked: none of the hosts answered a moment ago. */
    DEAD_HOST,
    GREETING,
    TLS,
    AUTH,
    DNS,
    NULL_MX,
    LOOP,
    REPLY,
    CONNECTION_LOST,
    TIMEOUT,
    EXPIRED,
    UNSUPPORTED,
    /** The host does not do for the sender of this message, who asked for proven TLS (RFC 8689). */
    REQUIRETLS,
    LOCAL
  }
}
