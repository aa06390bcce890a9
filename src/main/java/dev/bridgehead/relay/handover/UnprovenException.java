package dev.bridgehead.relay.handover;

import java.io.IOException;

/** Whoever answered did not prove that it knows the bridgehead's token: nothing it says counts. */
final class UnprovenException extends IOException {
  UnprovenException(String message) {
    super(message);
  }
}
