package dev.bridgehead.relay;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.config.RelayConfigs;
import org.jspecify.annotations.Nullable;

/** A connector of tests: one smart host, short retries, and a free port to listen on. */
final class TestConnector {
  private TestConnector() {}

  static RelayConfig forwardingTo(String smartHost) throws ManifestException {
    return forwardingTo(smartHost, null);
  }

  /** The same as it is while its bridgehead is being deleted. */
  static RelayConfig draining(String smartHost) throws ManifestException {
    return forwardingTo(smartHost, 0);
  }

  /** The same where pods from this ordinal on drain. */
  static RelayConfig drainingFrom(String smartHost, int ordinal) throws ManifestException {
    return forwardingTo(smartHost, ordinal);
  }

  private static RelayConfig forwardingTo(String smartHost, @Nullable Integer drainFrom)
      throws ManifestException {
    String yaml =
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: test, namespace: mail, generation: 5}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: %s}]}
          bridgeheads: [{name: edge, hostname: mail.example.com}]
          delivery: {retryIntervals: [1h], expireAfter: 1d}
        """
            .formatted(smartHost);
    return listeningAnywhere(yaml, drainFrom);
  }

  /** Another connector, on a free port. */
  static RelayConfig listeningAnywhere(String yaml) throws ManifestException {
    return listeningAnywhere(yaml, null);
  }

  private static RelayConfig listeningAnywhere(String yaml, @Nullable Integer drainFrom)
      throws ManifestException {
    RelayConfig config = RelayConfigs.onLaptop(yaml);
    return new RelayConfig(
        config.identity(),
        new RelayConfig.Listening(0, true, 1 << 20, BareLineEndings.REJECT, true, drainFrom, null),
        config.access(),
        config.routes(),
        config.outgoing(),
        config.retry());
  }
}
