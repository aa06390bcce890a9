package dev.bridgehead.relay.delivery;

import java.io.IOException;

/** The peer sent what is no reply (RFC 5321 §4.2): the session can't go on. */
final class ProtocolFault extends IOException {
  ProtocolFault(String message) {
    super(message);
  }
}
