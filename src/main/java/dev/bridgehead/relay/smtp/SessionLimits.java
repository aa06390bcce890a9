package dev.bridgehead.relay.smtp;

import java.time.Duration;
import java.util.stream.Stream;

/**
 * What one client, and all of them, may use.
 *
 * @param sessions at a time; above it 421
 * @param sessionsPerClient at a time from one address. Generous: behind a Service with address
 *     translation many pods look like one
 * @param errors refused commands before 421; an accepted message sets the count back
 * @param junk NOOP, RSET, VRFY, HELP, repeated EHLO and {@link Refusal#countsAsJunk} without a
 *     message before each counts as an error (Postfix: smtpd_junk_command_limit)
 * @param recipients of one message (RFC 5321 section 4.5.3.1.8 asks for 100 at least)
 * @param command for one whole command line, from the reply before it (RFC 5321 section 4.5.3.2.7)
 * @param block for one read of message data (RFC 5321 section 4.5.3.2.5)
 * @param data for the whole message, plus a second for every 500 octets received (Postfix's
 *     smtpd_min_data_rate)
 * @param write for a client to take a reply
 * @param proxyHeader for the whole PROXY header of a trusted peer (Postfix's
 *     smtpd_upstream_proxy_timeout; the specification asks for 3 s at least)
 * @param handshake for the whole TLS handshake
 * @param close how long {@code close()} waits for messages under way
 * @param tarpit for so long a refusal is held back from half of the errors on
 */
record SessionLimits(
    int sessions,
    int sessionsPerClient,
    int errors,
    int junk,
    int recipients,
    Duration command,
    Duration block,
    Duration data,
    Duration write,
    Duration proxyHeader,
    Duration handshake,
    Duration close,
    Duration tarpit) {
  /** What a relay runs with. */
  static final SessionLimits STANDARD =
      new SessionLimits(
          10_000,
          1_000,
          20,
          100,
          1_000,
          Duration.ofMinutes(5),
          Duration.ofMinutes(3),
          Duration.ofMinutes(10),
          Duration.ofMinutes(5),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1));

  /** With the standard time for handshakes, and without a tarpit. */
  SessionLimits(
      int sessions,
      int sessionsPerClient,
      int errors,
      int junk,
      int recipients,
      Duration command,
      Duration block,
      Duration data,
      Duration write,
      Duration proxyHeader,
      Duration close) {
    this(
        sessions,
        sessionsPerClient,
        errors,
        junk,
        recipients,
        command,
        block,
        data,
        write,
        proxyHeader,
        Duration.ofSeconds(30),
        close,
        Duration.ZERO);
  }

  /**
   * An IPv6 /64 may have as many as so many addresses: it may be one host, or all pods of a node,
   * where one must not keep the others out.
   */
  static final int ADDRESSES_PER_NETWORK = 4;

  /** At a time from one IPv6 /64. */
  int sessionsPerNetwork() {
    return ADDRESSES_PER_NETWORK * sessionsPerClient;
  }

  private static final Duration SLOWEST_TICK = Duration.ofSeconds(1);

  /** How often waits are looked at: a time-out may come so much later. */
  Duration tick() {
    return Stream.of(command, block, data, write, handshake)
        .map(wait -> wait.dividedBy(4))
        .reduce(SLOWEST_TICK, (a, b) -> a.compareTo(b) < 0 ? a : b);
  }

  /** Octets of data that buy a second more. */
  static final int MIN_OCTETS_PER_SECOND = 500;
}
