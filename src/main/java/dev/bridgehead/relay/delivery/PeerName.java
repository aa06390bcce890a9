package dev.bridgehead.relay.delivery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Whether a certificate proves a next hop's name (RFC 9525). Only subjectAltName counts: a common
 * name proves nothing. A wildcard stands for one whole leftmost label.
 */
final class PeerName {
  private static final int SAN_DNS = 2;
  private static final int SAN_IP = 7;

  private PeerName() {}

  /**
   * @param host a name as A-labels, or an address literal with its brackets
   */
  static boolean provenBy(X509Certificate certificate, String host)
      throws CertificateParsingException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names == null) {
      return false;
    }
    boolean literal = host.startsWith("[");
    for (List<?> name : names) {
      int type = (Integer) name.get(0);
      if (!(name.get(1) instanceof String value)) {
        continue;
      }
      if (literal && type == SAN_IP && sameAddress(value, host)) {
        return true;
      }
      if (!literal && type == SAN_DNS && matches(value, host)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String pattern, String host) {
    String presented = withoutDot(pattern.toLowerCase(Locale.ROOT));
    String wanted = withoutDot(host.toLowerCase(Locale.ROOT));
    if (!presented.startsWith("*.")) {
      return presented.equals(wanted);
    }
    int dot = wanted.indexOf('.');
    String below = presented.substring(1);
    // At least two labels below the wildcard: "*.com" names nobody.
    return dot > 0 && below.indexOf('.', 1) > 0 && wanted.substring(dot).equals(below);
  }

  private static String withoutDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }

  private static boolean sameAddress(String value, String literal) {
    try {
      // Both are addresses already, so that nothing is looked up.
      return InetAddress.ofLiteral(value).equals(address(literal));
    } catch (IllegalArgumentException | UnknownHostException e) {
      return false;
    }
  }

  private static InetAddress address(String literal) throws UnknownHostException {
    String inner = literal.substring(1, literal.length() - 1);
    return InetAddress.ofLiteral(
        inner.regionMatches(true, 0, "IPv6:", 0, 5) ? inner.substring(5) : inner);
  }
}
