package dev.bridgehead.relay.delivery;

import java.io.IOException;
import java.io.InputStream;

/**
 * What a message asks of a peer beyond RFC 821.
 *
 * @param eightBit octets above 127 anywhere
 * @param utf8Header octets above 127 in the header section
 */
record ContentNeeds(boolean eightBit, boolean utf8Header) {
  static ContentNeeds of(InputStream content) throws IOException {
    byte[] block = new byte[64 * 1024];
    boolean header = true;
    // The last octets seen, to find the empty line that ends the header section.
    int tail = 0x0d0a;
    while (true) {
      int count = content.read(block);
      if (count < 0) {
        return new ContentNeeds(false, false);
      }
      for (int i = 0; i < count; i++) {
        byte octet = block[i];
        if (octet < 0) {
          return new ContentNeeds(true, header);
        }
        if (header) {
          tail = tail << 8 | octet;
          header = tail != 0x0d0a0d0a;
        }
      }
    }
  }
}
