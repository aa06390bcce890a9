package dev.bridgehead.relay.spool;

import java.util.zip.CRC32C;

/**
 * CRC-32C of a block that lies at an offset of a segment. Both go into it first, so that octets of
 * another place or of an older segment in the same file never pass for valid. Used by one thread at
 * a time.
 */
final class Checksum {
  private final CRC32C crc = new CRC32C();
  private final byte[] seed = new byte[12];

  /** Of what lies at this place. */
  int of(long segment, int offset, byte[] head, int headLength, byte[] rest) {
    for (int i = 0; i < 8; i++) {
      seed[i] = (byte) (segment >>> 56 - 8 * i);
    }
    for (int i = 0; i < 4; i++) {
      seed[8 + i] = (byte) (offset >>> 24 - 8 * i);
    }
    crc.reset();
    crc.update(seed);
    crc.update(head, 0, headLength);
    crc.update(rest);
    return (int) crc.getValue();
  }

  /** Of octets wherever they lie. */
  static int plain(byte[] octets, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(octets, offset, length);
    return (int) crc.getValue();
  }
}
