package dev.bridgehead.dns;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * A TLSA record (RFC 6698 §2.1), as it came: its numbers may mean nothing.
 *
 * @param usage 0-255: 2 is DANE-TA, 3 is DANE-EE
 * @param selector 0-255: 0 the certificate, 1 its public key
 * @param matching 0-255: 0 the whole, 1 SHA-256, 2 SHA-512
 * @param association what is compared
 */
public record TlsaRecord(int usage, int selector, int matching, byte[] association) {
  public TlsaRecord {
    association = association.clone();
  }

  @Override
  public byte[] association() {
    return association.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TlsaRecord(int u, int s, int m, byte[] a)
        && u == usage
        && s == selector
        && m == matching
        && Arrays.equals(a, association);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * (31 * usage + selector) + matching) + Arrays.hashCode(association);
  }

  /** As in a zone file. */
  @Override
  public String toString() {
    return usage + " " + selector + " " + matching + " " + HexFormat.of().formatHex(association);
  }
}
