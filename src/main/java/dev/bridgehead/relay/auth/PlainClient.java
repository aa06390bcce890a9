package dev.bridgehead.relay.auth;

import org.jspecify.annotations.Nullable;

/** PLAIN (RFC 4616): name and password in one message. */
public final class PlainClient implements ClientExchange {
  private final byte[] message;
  private boolean asked;

  public PlainClient(String username, String password) {
    this.message = Utf8.encode("\0" + username + "\0" + password);
  }

  @Override
  public byte @Nullable [] begin() {
    return message.clone();
  }

  /** Some servers overlook an initial response and ask for it. */
  @Override
  public byte[] respond(byte[] challenge) throws UnfitChallengeException {
    if (asked) {
      throw new UnfitChallengeException("asks for more than PLAIN has");
    }
    asked = true;
    return message.clone();
  }
}
