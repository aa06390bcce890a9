package dev.bridgehead.relay.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What a message asks of a peer beyond RFC 821.
 *
 * @param eightBit octets above 127 anywhere
 * @param utf8Header octets above 127 in the header section
 */
record ContentNeeds(boolean eightBit, boolean utf8Header) {
  private static final ContentNeeds NOTHING = new ContentNeeds(false, false);
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final long HIGH_BITS = 0x8080808080808080L;

  static ContentNeeds of(InputStream content) throws IOException {
    byte[] block = new byte[32 * 1024];
    Scan scan = new Scan();
    while (true) {
      int count = content.read(block);
      if (count < 0) {
        return NOTHING;
      }
      if (scan.found(block, count)) {
        return new ContentNeeds(true, scan.header);
      }
    }
  }

  static ContentNeeds of(byte[] content) {
    Scan scan = new Scan();
    return ascii(content) || !scan.found(content, content.length)
        ? NOTHING
        : new ContentNeeds(true, scan.header);
  }

  private static boolean ascii(byte[] content) {
    int i = 0;
    for (; i <= content.length - Long.BYTES; i += Long.BYTES) {
      if (((long) EIGHT.get(content, i) & HIGH_BITS) != 0) {
        return false;
      }
    }
    for (; i < content.length; i++) {
      if (content[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** Looks for an octet above 127, and for the end of the header section before it. */
  private static final class Scan {
    private boolean header = true;

    /** The last octets seen, to find the empty line that ends the header section. */
    private int tail = 0x0d0a;

    boolean found(byte[] block, int count) {
      for (int i = 0; i < count; i++) {
        byte octet = block[i];
        if (octet < 0) {
          return true;
        }
        if (header) {
          tail = tail << 8 | octet;
          header = tail != 0x0d0a0d0a;
        }
      }
      return false;
    }
  }
}
