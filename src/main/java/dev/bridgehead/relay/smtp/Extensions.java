package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.RelayConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** What EHLO offers: what is kept, and nothing else. Used by the session's thread. */
final class Extensions {
  private final Surroundings around;
  private final SessionTls tls;
  private final SessionAuth auth;
  private final InetAddress peer;

  /**
   * @param peer whose connection it is
   */
  Extensions(Surroundings around, SessionTls tls, SessionAuth auth, InetAddress peer) {
    this.around = around;
    this.tls = tls;
    this.auth = auth;
    this.peer = peer;
  }

  /** The lines of the reply, the server's name first. */
  List<String> offeredTo(Client client) {
    RelayConfig config = around.config().get();
    List<String> lines =
        new ArrayList<>(
            List.of(
                config.identity().hostname(),
                "PIPELINING",
                "SIZE " + config.listening().maxMessageBytes(),
                "8BITMIME",
                "ENHANCEDSTATUSCODES",
                "DSN",
                "SMTPUTF8",
                "CHUNKING",
                "LIMITS RCPTMAX=" + around.limits().recipients()));
    if (tls.offeredTo(client)) {
      lines.add("STARTTLS");
    }
    if (tls.offersRequireTls(client)) {
      lines.add("REQUIRETLS");
    }
    auth.offeredTo(client).ifPresent(lines::add);
    if (config.access().maySpeakForOthers(peer)) {
      lines.add(XclientCommand.KEYWORD);
    }
    return lines;
  }
}
