package dev.bridgehead.validation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.List;

/** Specs written as users write them, and what the rules say of them. */
final class Connectors {
  static final Facts FACTS = Facts.offline("mail", "cluster.local");

  private Connectors() {}

  static SmtpConnectorSpec spec(String yaml) {
    try {
      return new YAMLMapper().readValue(yaml, SmtpConnectorSpec.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** A connector without fault or warning, in DNS mode, with further fields. */
  static SmtpConnectorSpec dns(String... further) {
    return spec(
        """
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
        access: {allowedClients: [10.0.0.0/8]}
        postmaster: postmaster@example.com
        """
            + String.join("\n", further));
  }

  /** The same in SmartHost mode with these smart hosts, as a YAML list. */
  static SmtpConnectorSpec smartHosts(String hosts, String... further) {
    return spec(
        """
        routing:
          mode: SmartHost
          smartHosts: %s
        bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
        access: {allowedClients: [10.0.0.0/8]}
        postmaster: postmaster@example.com
        """
                .formatted(hosts)
            + String.join("\n", further));
  }

  static Verdict judge(SmtpConnectorSpec spec) {
    return ConnectorRules.judge("internet", spec, FACTS);
  }

  static List<String> errors(SmtpConnectorSpec spec) {
    return judge(spec).errors().stream().map(FieldError::toString).toList();
  }

  static List<String> warnings(SmtpConnectorSpec spec) {
    return judge(spec).warnings().stream().map(FieldWarning::toString).toList();
  }
}
