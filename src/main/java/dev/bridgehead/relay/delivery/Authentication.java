package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.config.RelayConfig.Credentials;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/** AUTH PLAIN (RFC 4616) or LOGIN, whichever is offered first in this order. */
final class Authentication {
  static final EnhancedStatus FAILED = new EnhancedStatus(4, 7, 8);

  /** RFC 4954 §4: a longer initial response goes into a line of its own. */
  private static final int MAX_COMMAND = 510;

  private static final int CONTINUE = 334;

  private final Peer peer;
  private final Exchange exchange;

  /** One command, one reply. */
  @FunctionalInterface
  interface Exchange {
    Reply apply(Command command) throws IOException;
  }

  Authentication(Peer peer, Exchange exchange) {
    this.peer = peer;
    this.exchange = exchange;
  }

  void run(Capabilities capabilities, Credentials credentials) throws IOException, SessionFailure {
    Set<String> offered = capabilities.mechanisms();
    if (offered.contains("PLAIN")) {
      require(plain(credentials), "AUTH PLAIN");
    } else if (offered.contains("LOGIN")) {
      require(login(credentials), "AUTH LOGIN");
    } else {
      throw new SessionFailure(
          peer.here(Reason.AUTH, FAILED, "neither AUTH PLAIN nor AUTH LOGIN is offered", null),
          false);
    }
  }

  private Reply plain(Credentials credentials) throws IOException {
    String response = base64("\0" + credentials.username() + "\0" + credentials.password());
    Reply reply;
    if ("AUTH PLAIN ".length() + response.length() <= MAX_COMMAND) {
      reply = exchange.apply(Command.secret("AUTH PLAIN ", response));
    } else {
      reply = exchange.apply(Command.of("AUTH PLAIN"));
    }
    return reply.code() == CONTINUE ? exchange.apply(Command.secret("", response)) : reply;
  }

  private Reply login(Credentials credentials) throws IOException {
    Reply reply = exchange.apply(Command.of("AUTH LOGIN"));
    if (reply.code() == CONTINUE) {
      reply = exchange.apply(Command.secret("", base64(credentials.username())));
    }
    if (reply.code() == CONTINUE) {
      reply = exchange.apply(Command.secret("", base64(credentials.password())));
    }
    return reply;
  }

  /** A refused password is the operator's to mend: mail waits for it and does not bounce. */
  private void require(Reply reply, String command) throws SessionFailure {
    if (!reply.positive()) {
      throw new SessionFailure(peer.said(Reason.AUTH, FAILED, command, reply), false);
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
