package dev.bridgehead.cli;

import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.policy.DaneProof;
import dev.bridgehead.relay.policy.TlsDemand;
import dev.bridgehead.relay.policy.TlsPolicy;
import dev.bridgehead.relay.policy.TlsPolicy.Forbidden;
import dev.bridgehead.relay.policy.TlsPolicy.Permitted;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What TLS a host has to show, in words. */
final class ProbedTls {
  private ProbedTls() {}

  static String text(TlsPolicy policy) {
    return switch (policy) {
      case Forbidden _ -> "not connected";
      case Permitted permitted ->
          switch (permitted.demand()) {
            case TlsDemand.Never() -> "none";
            case TlsDemand.Opportunistic _ -> "where it is offered, certificate not checked";
            case TlsDemand.Encrypted _ -> "required, certificate not checked";
            case TlsDemand.Proven(_, DaneProof dane, String pkix, _) ->
                "required, proven by "
                    + (dane == null ? "" : "DANE")
                    + (dane == null || pkix == null ? "" : " and ")
                    + (pkix == null ? "" : "a trusted CA's certificate for " + pkix);
          };
    };
  }

  /** Those that prove it; none where none would. */
  static List<TlsaRecord> records(TlsPolicy policy) {
    return policy instanceof Permitted(TlsDemand.Proven(_, DaneProof dane, _, _), _, _)
            && dane != null
        ? dane.records()
        : List.of();
  }

  static Map<String, Object> json(TlsPolicy policy) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("demand", demand(policy));
    json.put("policy", policy.ground().label());
    json.put("why", policy.why());
    List<TlsaRecord> records = records(policy);
    if (!records.isEmpty()) {
      json.put("tlsa", records.stream().map(TlsaRecord::toString).toList());
    }
    return json;
  }

  private static String demand(TlsPolicy policy) {
    return switch (policy) {
      case Forbidden _ -> "forbidden";
      case Permitted permitted ->
          switch (permitted.demand()) {
            case TlsDemand.Never() -> "none";
            case TlsDemand.Opportunistic _ -> "opportunistic";
            case TlsDemand.Encrypted _ -> "encrypted";
            case TlsDemand.Proven _ -> "proven";
          };
    };
  }
}
