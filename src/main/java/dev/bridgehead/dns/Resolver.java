package dev.bridgehead.dns;

import java.net.InetAddress;
import java.util.Set;

/**
 * Look-ups of absolute names: no search path, no hosts file (a peer's MX record must not reach into
 * this machine's hosts file; a smart host's name is looked up the same way, so that a laptop and a
 * pod agree). Names are A-labels, with or without a trailing dot. CNAMEs are followed, within a
 * bound. Any thread may call, and blocks for some seconds at most.
 */
public interface Resolver {
  /**
   * The domain's MX records, best preference first, and no more than a bound of them. A null MX
   * (RFC 7505) is found as such.
   */
  Lookup<MailExchanger> mx(String domain);

  /**
   * The host's addresses, IPv4-mapped ones as IPv4. What one version has is found even where the
   * other version's look-up fails; it is secure where each look-up that had an answer is.
   *
   * @param versions at least one, asked for at the same time; the answer keeps their order
   */
  Lookup<InetAddress> addresses(String host, Set<IpVersion> versions);

  /**
   * The host's CNAME itself, not followed: whether an alias is secure although what it leads to is
   * not (RFC 7672 §2.2.2).
   */
  Lookup<String> alias(String host);

  /** The TLSA records of a TCP port of the host, at {@code _PORT._tcp.HOST}. */
  Lookup<TlsaRecord> tlsa(String host, int port);

  /**
   * The name's TXT records, no more than a bound of them: each one's strings joined, every octet as
   * the character of its number.
   */
  Lookup<String> txt(String name);
}
