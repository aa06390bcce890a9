package dev.bridgehead.operator.connector;

import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.ConnectorReport.Accepted;
import dev.bridgehead.operator.model.ConnectorReport.Judgement;
import dev.bridgehead.operator.model.ConnectorReport.Refused;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.operator.model.Reason;
import dev.bridgehead.operator.model.RelayServices;
import dev.bridgehead.validation.ConnectorRules;
import dev.bridgehead.validation.Facts;
import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.Verdict;
import io.fabric8.kubernetes.api.model.Service;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The rules as the controller applies them. An object may have been stored while the webhook was
 * down, so that what admission refuses is refused here again.
 */
final class ConnectorJudge {
  private final String clusterDomain;

  ConnectorJudge(String clusterDomain) {
    this.clusterDomain = clusterDomain;
  }

  /**
   * @param services of the connector: their addresses are own addresses
   */
  Judgement judge(SmtpConnector connector, List<Service> services) {
    Optional<String> unreadable = Labels.annotation(connector, Labels.UNREADABLE);
    if (unreadable.isPresent()) {
      return new Refused(Reason.INVALID, unreadable.get());
    }
    if (connector.getSpec() == null) {
      return new Refused(Reason.INVALID, "spec: Required value");
    }
    List<InetAddress> addresses =
        RelayServices.addresses(services).stream().map(InetAddress::ofLiteral).toList();
    Verdict verdict =
        ConnectorRules.judge(
            connector.getMetadata().getName(),
            connector.getSpec(),
            new Facts(connector.getMetadata().getNamespace(), clusterDomain, addresses));
    if (!verdict.accepted()) {
      return new Refused(
          Reason.INVALID,
          verdict.errors().stream().map(FieldError::toString).collect(Collectors.joining("; ")));
    }
    return new Accepted(
        verdict.warnings().isEmpty()
            ? "the spec is valid"
            : verdict.warnings().stream()
                .map(warning -> warning.field() + ": Warning: " + warning.message())
                .collect(Collectors.joining("; ", "the spec is valid; ", "")));
  }
}
