package dev.bridgehead.relay.auth;

import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2, the client's side: a token, and whose mailbox or account it
 * is for.
 */
public final class BearerClient implements ClientExchange {
  private final byte[] message;
  private final byte[] acknowledgement;
  private boolean asked;

  private BearerClient(String message, String acknowledgement) {
    this.message = Utf8.encode(message);
    this.acknowledgement = Utf8.encode(acknowledgement);
  }

  /** RFC 7628 §3.1; a refusal is acknowledged with ^A (§3.2.3). */
  public static BearerClient oauthBearer(String username, String token) {
    String name = Gs2Header.escaped(username);
    return new BearerClient(
        "n,a=" + name + ",\u0001auth=Bearer " + token + "\u0001\u0001", "\u0001");
  }

  /** A refusal is acknowledged with nothing. */
  public static BearerClient xoauth2(String username, String token) {
    return new BearerClient("user=" + username + "\u0001auth=Bearer " + token + "\u0001\u0001", "");
  }

  @Override
  public byte @Nullable [] begin() {
    return message.clone();
  }

  /** Why a token is refused comes as a challenge, before the reply that says that it is. */
  @Override
  public byte[] respond(byte[] challenge) throws UnfitChallengeException {
    if (asked) {
      throw new UnfitChallengeException("asks for more than a token");
    }
    asked = true;
    return challenge.length == 0 ? message.clone() : acknowledgement.clone();
  }
}
