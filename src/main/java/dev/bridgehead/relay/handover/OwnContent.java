package dev.bridgehead.relay.handover;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A message's content on its way to a sibling. Knows whether it was this end that broke off: then
 * the sibling has not had all of it, and can't store it, whatever became of the connection.
 */
final class OwnContent extends FilterInputStream {
  private long left;
  private volatile @Nullable IOException failure;

  /**
   * @param size octets that make it whole
   */
  OwnContent(InputStream content, long size) {
    super(content);
    this.left = size;
  }

  /** Why it could not be read to its end; null where it could, or was not yet. */
  @Nullable IOException failure() {
    return failure;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    try {
      int count = super.read(into, offset, length);
      left -= Math.max(0, count);
      return count;
    } catch (IOException e) {
      failure = left > 0 ? e : null;
      throw e;
    }
  }
}
