package dev.bridgehead.relay.delivery;

import java.time.Duration;

/**
 * How long a next hop may take (RFC 5321 §4.5.3.2).
 *
 * @param connect for the TCP connection
 * @param tls for a TLS handshake
 * @param greeting for the first reply
 * @param command for the reply to EHLO, MAIL, RCPT and the rest
 * @param dataInitiation for the reply to DATA
 * @param dataBlock for taking one block of content
 * @param dataTermination for the reply to the final dot
 * @param transaction from MAIL to the last reply, plus what the content takes at {@link
 *     #MINIMUM_RATE}
 * @param quit for the reply to QUIT, which nobody needs
 * @param kept how long a session waits for another message; Postfix's do for 2 s, and every server
 *     waits longer for a command
 */
public record Timeouts(
    Duration connect,
    Duration tls,
    Duration greeting,
    Duration command,
    Duration dataInitiation,
    Duration dataBlock,
    Duration dataTermination,
    Duration transaction,
    Duration quit,
    Duration kept) {
  /** Octets a second below which a peer that takes the content is given up. */
  static final long MINIMUM_RATE = 5_000;

  /** RFC 5321's own, and thirty seconds for what it doesn't name. */
  public static final Timeouts STANDARD =
      new Timeouts(
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(2),
          Duration.ofMinutes(3),
          Duration.ofMinutes(10),
          Duration.ofMinutes(20),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5));

  /** The deadline for a whole transaction that carries so many octets. */
  Duration transactionOf(long size) {
    return transaction.plusSeconds(size / MINIMUM_RATE);
  }
}
