package dev.bridgehead.testbed;

import java.util.List;
import java.util.function.Predicate;

/**
 * A mail server that others wrote, on 127.0.0.1. It offers STARTTLS, and inside TLS AUTH for one
 * account; whoever comes may send. One address is refused. All other mail goes into one Maildir,
 * but that for the domains of {@link Onward}.
 */
public interface MailPeer extends AutoCloseable {
  /** The account's name. */
  String USER = "relay";

  /** The account's password. */
  String PASSWORD = "not-so-secret";

  /** Who is refused for good. */
  String NOBODY = "nobody@refusing.test";

  /** Where it listens. */
  int port();

  /** Every message delivered so far, octet for octet as ISO 8859-1. */
  List<String> messages();

  /** Waits for a message, 30 seconds at most. */
  String awaitMessage(Predicate<String> wanted);

  /** What it logged. */
  String log();

  @Override
  void close();
}
