package dev.bridgehead.relay.delivery;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.oauth.AccessTokens;
import dev.bridgehead.relay.policy.TlsDemand;
import dev.bridgehead.relay.routing.NextHop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One message to one server, outside of any queue: what {@code bridgehead send} does. */
public final class Submission {
  private final String ehloName;
  private final TlsMode tls;
  private final Transcript transcript;

  /**
   * @param ehloName what this client calls itself
   * @param tls what there must be; certificates are not checked in any mode but Verified
   * @param transcript is told all that is said
   */
  public Submission(String ehloName, TlsMode tls, Transcript transcript) {
    this.ehloName = ehloName;
    this.tls = tls;
    this.transcript = transcript;
  }

  /**
   * Opens a session and hands the message over. Each command waits for its reply, so that a
   * transcript shows which belongs to which.
   *
   * @param server its addresses, of which the first one that answers is used
   * @return one outcome per recipient of the attempt, in its order
   */
  public List<Outcome> send(List<NextHop> server, Attempt attempt) {
    return new Errand(attempt, new OneSession(server)).run();
  }

  private final class OneSession implements Errand.Sessions {
    private final List<NextHop> server;

    OneSession(List<NextHop> server) {
      this.server = server;
    }

    @Override
    public @Nullable SmtpConnection kept() {
      return null;
    }

    @Override
    public List<NextHop> order() {
      return server;
    }

    @Override
    public void done(SmtpConnection connection, boolean clean) {
      connection.quit();
    }

    @Override
    public SmtpConnection open(NextHop hop) throws SessionFailure {
      Peer peer = new Peer(hop, ehloName, TlsDemand.of(tls, hop.tlsName()), List.of(), null);
      SmtpConnection connection =
          SmtpConnection.open(
              peer,
              new SmtpConnection.Means(
                  new TlsLayer(),
                  new Logins(new SecureRandom(), new AccessTokens(new SimpleMeterRegistry()))),
              Timeouts.STANDARD,
              transcript,
              Socket::new);
      connection.waitForEachReply();
      return connection;
    }

    @Override
    public boolean whole() {
      return true;
    }

    @Override
    public boolean closed() {
      return false;
    }
  }
}
