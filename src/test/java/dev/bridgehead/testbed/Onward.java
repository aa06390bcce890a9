package dev.bridgehead.testbed;

import java.nio.file.Path;

/**
 * The next hop of a mail server that others wrote, on 127.0.0.1: what it sends there depends on the
 * recipient's domain.
 *
 * @param authority whom it trusts, a PEM file
 * @param user who it is to the next hop
 * @param password of that user, of letters, digits and hyphens
 */
public record Onward(int port, Path authority, String user, String password) {
  /** Mail for this domain goes on in clear text. */
  public static final String PLAIN = "plain.test";

  /** Mail for this one over TLS, with a certificate that has to name {@link #HOST}. */
  public static final String TLS = "tls.test";

  /** Mail for this one over such TLS, after a login. */
  public static final String LOGIN = "login.test";

  /** Mail for this one goes on in clear text, and the next hop is to refuse it. */
  public static final String REFUSED = "refused.test";

  /** The name by which the next hop is known. */
  public static final String HOST = "localhost";
}
