package dev.bridgehead.validation;

import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.TlsMode;
import java.net.InetAddress;
import java.util.Set;
import java.util.regex.Pattern;

/** One smart host: a name or a bracketed address, not this server, credentials only where safe. */
final class SmartHostRules {
  private static final Pattern PORT_AT_THE_END = Pattern.compile("[^:]+:\\d{1,5}");
  private static final int SMTP_PORT = 25;

  private final TlsMode tlsMode;
  private final OwnNames own;
  private final Facts facts;
  private final Set<Integer> defaultPorts;

  SmartHostRules(SmtpConnectorSpec spec, OwnNames own, Facts facts, Set<Integer> defaultPorts) {
    this.tlsMode = spec.outboundOrDefault().tlsModeOrDefault();
    this.own = own;
    this.facts = facts;
    this.defaultPorts = defaultPorts;
  }

  /** The host in the form that decides whether two are the same. */
  static String canonical(String host) {
    if (AddressLiteral.isMeant(host)) {
      try {
        return "[" + AddressLiteral.parse(host).getHostAddress() + "]";
      } catch (IllegalArgumentException notALiteral) {
        return host;
      }
    }
    return DomainName.canonical(host);
  }

  void judge(String field, SmartHost smartHost, Findings findings) {
    String host = smartHost.host();
    if (host != null) {
      judgeHost(field + ".host", host, smartHost, findings);
    }
    if (smartHost.tlsName() != null) {
      judgeTlsName(field + ".tlsName", smartHost.tlsName(), findings);
    }
    if (smartHost.implicitTlsOrDefault() && tlsMode == TlsMode.NONE) {
      findings.error(
          field + ".implicitTls",
          ErrorType.INVALID,
          "true: must not be set with spec.outbound.tls.mode None, which never uses TLS");
    }
    if (smartHost.credentialsRef() != null && tlsMode != TlsMode.VERIFIED) {
      findings.error(
          field + ".credentialsRef",
          ErrorType.FORBIDDEN,
          "needs spec.outbound.tls.mode Verified: a password goes only to a host that proved its"
              + " name");
    }
  }

  private void judgeTlsName(String field, String name, Findings findings) {
    if (tlsMode == TlsMode.NONE) {
      findings.error(
          field,
          ErrorType.FORBIDDEN,
          "must not be set with spec.outbound.tls.mode None, which never uses TLS");
    }
    try {
      DomainName.parse(name);
    } catch (IllegalArgumentException refused) {
      findings.invalid(field, Redacted.of(name), String.valueOf(refused.getMessage()));
    }
  }

  private void judgeHost(String field, String host, SmartHost smartHost, Findings findings) {
    try {
      if (AddressLiteral.isMeant(host)) {
        judgeAddress(field, host, AddressLiteral.parse(host), smartHost, findings);
      } else {
        judgeName(field, host, findings);
      }
    } catch (IllegalArgumentException refused) {
      findings.invalid(field, Redacted.of(host), String.valueOf(refused.getMessage()));
    }
  }

  private void judgeAddress(
      String field, String host, InetAddress address, SmartHost smartHost, Findings findings) {
    String fault = addressFault(address);
    if (!fault.isEmpty()) {
      findings.invalid(field, host, fault);
    } else if (IpRanges.isPublic(address) && sendsToPort25(smartHost)) {
      findings.warning(
          field,
          Quoted.of(host)
              + " is a public address, used on port 25, which many networks block on the way out;"
              + " smart hosts usually listen on 587");
    }
  }

  private boolean sendsToPort25(SmartHost smartHost) {
    Integer port = smartHost.port();
    return port == null ? defaultPorts.contains(SMTP_PORT) : port == SMTP_PORT;
  }

  private String addressFault(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return "must not be a loopback address: mail would come back to this server";
    }
    if (IpRanges.isUnspecified(address)) {
      return "must not be the unspecified address: mail would come back to this server";
    }
    if (facts.serviceAddresses().contains(address)) {
      return "must not be an address of this connector's own Services: mail would come back to"
          + " this server";
    }
    if (address.isMulticastAddress()) {
      return "must not be a multicast address";
    }
    if (IpRanges.isBroadcast(address)) {
      return "must not be the broadcast address";
    }
    if (address.isLinkLocalAddress()) {
      return "must not be a link-local address";
    }
    return "";
  }

  private void judgeName(String field, String host, Findings findings) {
    if (IpAddress.parse(host).isPresent()) {
      findings.invalid(field, host, "an IP address must be in square brackets: \"[" + host + "]\"");
      return;
    }
    if (PORT_AT_THE_END.matcher(host).matches()) {
      findings.invalid(field, host, DomainName.ADVICE + "; the port belongs into the field port");
      return;
    }
    DomainName name = DomainName.parse(host);
    if (own.isOwnHostname(name)) {
      findings.invalid(
          field, host, "must not be this server's own hostname: mail would come back to it");
    } else if (own.isOwnService(name)) {
      findings.invalid(
          field,
          host,
          "must not be a Service or pod of this connector: mail would come back to this server");
    }
  }
}
