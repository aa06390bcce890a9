package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.TlsRequirement;
import dev.bridgehead.testbed.Authority;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Next hops that speak TLS after STARTTLS, with REQUIRETLS inside it or without. */
final class RequireTlsHosts {
  static final Authority ROOT = Authority.root("root");
  static final Authority STRANGER = Authority.root("stranger");
  static final Authority.Identity GOOD = ROOT.issue("*.example.test");

  private RequireTlsHosts() {}

  /** Offers REQUIRETLS inside TLS. */
  static ScriptedHost offering(Authority.Identity identity) {
    return ScriptedHost.startTls(
        identity.context(),
        byEhlo(
            "250-host.example.test\r\n250 STARTTLS",
            "250-host.example.test\r\n250-8BITMIME\r\n250 REQUIRETLS"));
  }

  /** Speaks TLS, but knows nothing of REQUIRETLS. */
  static ScriptedHost lacking(Authority.Identity identity) {
    return ScriptedHost.startTls(identity.context());
  }

  /** Answers the first EHLO of a session, and that inside TLS. */
  static ScriptedHost.Script byEhlo(String first, String second) {
    Map<Integer, Integer> asked = new ConcurrentHashMap<>();
    return (stage, session) ->
        stage.startsWith("EHLO")
            ? Optional.of(asked.merge(session, 1, Integer::sum) == 1 ? first : second)
            : Optional.empty();
  }

  static Attempt asking(TlsRequirement tls, Attempt attempt) {
    return with(attempt.envelope().asking(tls), attempt);
  }

  /** The same with a null reverse-path. */
  static Attempt ofNobody(Attempt attempt) {
    Envelope it = attempt.envelope();
    return with(
        new Envelope(
            null,
            it.recipients(),
            it.body(),
            it.smtpUtf8(),
            it.arrived(),
            true,
            it.tls(),
            it.dsn(),
            null),
        attempt);
  }

  private static Attempt with(Envelope envelope, Attempt attempt) {
    return new Attempt(
        attempt.id(),
        envelope,
        attempt.destination(),
        attempt.recipients(),
        attempt.size(),
        attempt.content());
  }
}
