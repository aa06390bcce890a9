package dev.bridgehead.relay.smtp;

import java.io.IOException;

/** Takes a message's octets in order. */
@FunctionalInterface
interface OctetSink {
  void write(byte[] octets, int offset, int length) throws IOException;
}
