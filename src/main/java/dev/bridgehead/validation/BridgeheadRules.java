package dev.bridgehead.validation;

import dev.bridgehead.api.Autoscaling;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Each bridgehead: its hostname, its ports and what one pod can't have twice, its sizes. */
final class BridgeheadRules {
  /** Where every pod answers probes and the operator. */
  private static final int MANAGEMENT_PORT = 8080;

  private static final long MIN_MESSAGE = 64L << 10;
  private static final long MAX_MESSAGE = 1L << 30;

  private BridgeheadRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    List<BridgeheadEntry> bridgeheads = spec.bridgeheads();
    if (bridgeheads == null) {
      return;
    }
    for (int i = 0; i < bridgeheads.size(); i++) {
      BridgeheadEntry bridgehead = bridgeheads.get(i);
      if (bridgehead != null) {
        judge("spec.bridgeheads[" + i + "]", bridgehead, findings);
      }
    }
  }

  private static void judge(String field, BridgeheadEntry bridgehead, Findings findings) {
    if (bridgehead.hostname() != null) {
      try {
        DomainName.parse(bridgehead.hostname());
      } catch (IllegalArgumentException refused) {
        findings.invalid(
            field + ".hostname", bridgehead.hostname(), String.valueOf(refused.getMessage()));
      }
    }
    judgeReplicas(field, bridgehead, findings);
    VirtualServer server = bridgehead.virtualServerOrDefault();
    if (server.portOrDefault() == MANAGEMENT_PORT) {
      findings.error(
          field + ".virtualServer.port",
          ErrorType.INVALID,
          "8080: must not be the management port of the same pod");
    }
    judgeImplicitPort(field + ".virtualServer.tls.implicitPort", server, findings);
    judgeMessageSize(field + ".virtualServer.maxMessageSize", server.maxMessageSize(), findings);
  }

  private static void judgeImplicitPort(String field, VirtualServer server, Findings findings) {
    Integer port = server.implicitTlsPort();
    if (port == null) {
      return;
    }
    if (port == MANAGEMENT_PORT) {
      findings.error(
          field, ErrorType.INVALID, port + ": must not be the management port of the same pod");
    }
    if (port == server.portOrDefault()) {
      findings.error(
          field,
          ErrorType.INVALID,
          port
              + ": must not be the port of the same virtual server, where TLS begins with STARTTLS;"
              + " 465 is the usual one");
    }
  }

  private static void judgeReplicas(String field, BridgeheadEntry bridgehead, Findings findings) {
    Integer replicas = bridgehead.replicas();
    if (bridgehead.autoscaling() != null) {
      judgeAutoscaling(field + ".autoscaling", bridgehead.autoscaling(), replicas, findings);
    } else if (replicas == null || replicas == 1) {
      findings.warning(
          field + ".replicas",
          (replicas == null ? "absent: one replica unless scaled" : "one replica")
              + "; submissions fail while it restarts");
    }
  }

  private static void judgeAutoscaling(
      String field, Autoscaling autoscaling, @Nullable Integer replicas, Findings findings) {
    if (replicas != null) {
      findings.error(
          field,
          ErrorType.FORBIDDEN,
          "not together with replicas, which it would overwrite; leave replicas out");
    }
    int least = autoscaling.minReplicasOrDefault();
    if (autoscaling.maxReplicas() != null && autoscaling.maxReplicas() < least) {
      findings.error(
          field + ".maxReplicas",
          ErrorType.INVALID,
          autoscaling.maxReplicas() + ": must be at least minReplicas, " + least);
    }
    if (least == 1) {
      findings.warning(
          field + ".minReplicas",
          "one replica while there is little load; submissions fail while it restarts");
    }
  }

  private static void judgeMessageSize(String field, @Nullable Quantity size, Findings findings) {
    if (size == null) {
      return;
    }
    boolean fits =
        ByteSize.octets(size).filter(o -> o >= MIN_MESSAGE && o <= MAX_MESSAGE).isPresent();
    if (!fits) {
      findings.invalid(field, ByteSize.text(size), "must be a quantity from 64Ki to 1Gi");
    }
  }
}
