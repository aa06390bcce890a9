package dev.bridgehead.validation;

import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.TlsMode;

/** The way out: what goes together, and what is allowed but open to readers on the way. */
final class OutboundRules {
  private OutboundRules() {}

  static void judge(SmtpConnectorSpec spec, Findings findings) {
    if (spec.outboundOrDefault().tlsModeOrDefault() == TlsMode.NONE) {
      findings.warning(
          "spec.outbound.tls.mode",
          "None sends all mail in clear text, also to hosts that offer TLS");
      if (spec.outboundOrDefault().clientCertificateRef() != null) {
        findings.error(
            "spec.outbound.tls.clientCertificateRef",
            ErrorType.FORBIDDEN,
            "must not be set with spec.outbound.tls.mode None, which never uses TLS");
      }
    }
  }
}
