package dev.bridgehead.relay.spool;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;

/**
 * A message's content, up to its envelope. The last octets are given out only when the checksum of
 * the whole is right, so that a rotten file never becomes a complete message at the next hop.
 */
final class CheckedContent extends FilterInputStream {
  private final CRC32C crc = new CRC32C();
  private final int expected;
  private long left;

  CheckedContent(InputStream in, long size, int expected) {
    super(in);
    this.left = size;
    this.expected = expected;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int n = super.read(into, offset, (int) Math.min(length, left));
    if (n < 0) {
      throw new DamagedFileException("the stored message is shorter than it was");
    }
    crc.update(into, offset, n);
    left -= n;
    if (left == 0 && (int) crc.getValue() != expected) {
      throw new DamagedFileException("the stored message fails its checksum");
    }
    return n;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = 0;
    byte[] buffer = new byte[8192];
    while (skipped < count) {
      int n = read(buffer, 0, (int) Math.min(buffer.length, count - skipped));
      if (n < 0) {
        break;
      }
      skipped += n;
    }
    return skipped;
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(super.available(), left);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
