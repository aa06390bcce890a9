package dev.bridgehead.relay.delivery;

import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.relay.auth.ClientExchange;
import dev.bridgehead.relay.auth.Mechanism;
import dev.bridgehead.relay.auth.UnfitChallengeException;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import dev.bridgehead.relay.oauth.NoTokenException;
import dev.bridgehead.validation.Base64Text;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * AUTH (RFC 4954), by the strongest of the mechanisms that the server offers. Whatever goes wrong
 * is the operator's to mend: mail waits for it and does not bounce.
 */
final class Authentication {
  private static final EnhancedStatus FAILED = new EnhancedStatus(4, 7, 8);

  /** RFC 4954 §4: a longer initial response goes into a line of its own. */
  private static final int MAX_COMMAND = 510;

  private final Peer peer;
  private final Logins logins;
  private final Exchange exchange;

  /** One command, one reply. */
  @FunctionalInterface
  interface Exchange {
    Reply apply(Command command) throws IOException;
  }

  Authentication(Peer peer, Logins logins, Exchange exchange) {
    this.peer = peer;
    this.logins = logins;
    this.exchange = exchange;
  }

  /**
   * Logs in.
   *
   * @param encrypted what is said now only the peer can read
   * @throws SessionFailure it did not come about; the peer still listens
   */
  void run(boolean encrypted, Capabilities capabilities, Credentials credentials)
      throws IOException, SessionFailure {
    if (!encrypted || !peer.tls().proves()) {
      throw failed("a password or token is only sent over verified TLS");
    }
    Mechanism mechanism = strongest(capabilities, credentials);
    ClientExchange client = begin(mechanism, credentials);
    Reply reply;
    try {
      reply = converse(mechanism, client);
    } catch (UnfitChallengeException e) {
      throw cancelled("the server " + e.getMessage() + " (AUTH " + mechanism + ")");
    }
    if (!reply.positive()) {
      logins.refused(credentials);
      throw new SessionFailure(peer.said(Reason.AUTH, FAILED, "AUTH " + mechanism, reply), false);
    }
    if (!client.serverProved()) {
      throw failed("the server did not prove that it knows the password (AUTH " + mechanism + ")");
    }
  }

  private Mechanism strongest(Capabilities capabilities, Credentials credentials)
      throws SessionFailure {
    List<Mechanism> good = logins.mechanisms(credentials);
    for (Mechanism mechanism : good) {
      if (capabilities.mechanisms().contains(mechanism.toString())) {
        return mechanism;
      }
    }
    throw failed(
        good.stream()
            .map(mechanism -> "AUTH " + mechanism)
            .collect(Collectors.joining(", ", "none of ", " is offered")));
  }

  private ClientExchange begin(Mechanism mechanism, Credentials credentials) throws SessionFailure {
    try {
      return logins.begin(mechanism, credentials);
    } catch (IllegalArgumentException unfit) {
      throw failed("for AUTH " + mechanism + " the name or password " + unfit.getMessage());
    } catch (NoTokenException none) {
      throw failed("no access token to log in with: " + none.getMessage());
    }
  }

  private Reply converse(Mechanism mechanism, ClientExchange client)
      throws IOException, UnfitChallengeException {
    String verb = "AUTH " + mechanism;
    byte[] initial = client.begin();
    Reply reply;
    if (initial == null) {
      reply = exchange.apply(Command.of(verb));
    } else {
      String response = Base64Text.encode(initial);
      if (verb.length() + 1 + response.length() <= MAX_COMMAND) {
        reply = exchange.apply(Command.secret(verb + " ", response));
      } else {
        reply = exchange.apply(Command.of(verb));
        reply = asksForMore(reply) ? exchange.apply(Command.secret("", response)) : reply;
      }
    }
    while (asksForMore(reply)) {
      byte[] response = client.respond(challenge(reply));
      reply = exchange.apply(Command.secret("", Base64Text.encode(response)));
    }
    return reply;
  }

  private static boolean asksForMore(Reply reply) {
    return reply.code() == Wire.CHALLENGE;
  }

  /**
   * Some servers say in words what they ask for by LOGIN, where base64 belongs: it means nothing.
   */
  private static byte[] challenge(Reply reply) {
    try {
      return Base64Text.decode(reply.lines().getFirst().strip());
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  /** RFC 4954 §4: with an asterisk. */
  private SessionFailure cancelled(String why) {
    SessionFailure failure = failed(why);
    try {
      exchange.apply(Command.of("*"));
    } catch (IOException gone) {
      failure.addSuppressed(gone);
    }
    return failure;
  }

  private SessionFailure failed(String text) {
    return new SessionFailure(peer.here(Reason.AUTH, FAILED, text, null), false);
  }
}
