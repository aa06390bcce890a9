package dev.bridgehead.validation;

import dev.bridgehead.api.SmtpConnectorSpec;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules of an SMTP connector, as Exchange's guide "How to Create an SMTP Connector" has them:
 * what the fields mean, and what they may say together. Shape (types, required fields, enums,
 * lengths) is the schema's.
 */
public final class ConnectorRules {
  /** It becomes a Service name (RFC 1035), with room for the bridgehead's name and a suffix. */
  private static final int MAX_NAME = 30;

  private static final Pattern LABEL = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");

  private ConnectorRules() {}

  /**
   * Judges one connector; pure, and total: records may hold null anywhere.
   *
   * @param name the connector's {@code metadata.name}
   * @param spec what it should do
   * @param facts where it is
   * @return every fault at once, and the warnings
   */
  public static Verdict judge(
      @Nullable String name, @Nullable SmtpConnectorSpec spec, Facts facts) {
    Findings findings = new Findings();
    judgeName(name, findings);
    if (spec != null) {
      RoutingRules.judge(name == null ? "" : name, spec, facts, findings);
      AddressSpaceRules.judge(spec, findings);
      BridgeheadRules.judge(spec, findings);
      OutboundRules.judge(spec, findings);
      AccessRules.judge(spec, findings);
      PostmasterRules.judge(spec, findings);
      LimitRules.judge(spec, findings);
      PodRules.judge(spec, findings);
    }
    return findings.verdict();
  }

  private static void judgeName(@Nullable String name, Findings findings) {
    if (name != null && (name.length() > MAX_NAME || !LABEL.matcher(name).matches())) {
      findings.invalid(
          "metadata.name",
          name,
          "must be an RFC 1035 label of at most 30 characters: lower-case letters, digits and"
              + " hyphens, the first a letter, the last no hyphen; it becomes a Service name");
    }
  }
}
