package dev.bridgehead.cli;

import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.relay.Relay;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What {@code run} says when it is ready. */
record Greeting(RelayConfig config, Relay relay, Laptop laptop, Path data, @Nullable Path capture) {
  String text() {
    return "bridgehead: ready: listening on %s, %s; kept in %s; management on http://127.0.0.1:%d (token in %s); stop with Ctrl-C"
        .formatted(where(), whither(), data, relay.managementPort(), laptop.file());
  }

  private String where() {
    InboundTls tls = config.listening().tls();
    String more =
        tls == null || tls.implicitPort() == null ? "" : " and, by TLS, " + tls.implicitPort();
    return config.listening().loopbackOnly()
        ? "127.0.0.1:" + relay.smtpPort() + more + " (this machine only)"
        : "port " + relay.smtpPort() + more + " of every address";
  }

  private String whither() {
    if (capture != null) {
      return "every message goes into the Maildir " + capture;
    }
    if (config.routes().mode() == RoutingMode.DNS) {
      return "mail goes by DNS to each domain's MX";
    }
    return "mail goes to "
        + config.routes().smartHosts().stream()
            .map(host -> host.name() + ":" + host.port())
            .collect(Collectors.joining(", "));
  }
}
