package dev.bridgehead.relay.policy;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.dns.TlsaAnswer;
import dev.bridgehead.dns.TlsaRecord;
import dev.bridgehead.relay.policy.DaneFinding.Failed;
import dev.bridgehead.relay.policy.DaneFinding.NotApplicable;
import dev.bridgehead.relay.policy.DaneFinding.Unusable;
import dev.bridgehead.relay.policy.DaneFinding.Usable;
import dev.bridgehead.relay.routing.Located;
import dev.bridgehead.relay.routing.NextHop;
import dev.bridgehead.relay.routing.Origin;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** From a next hop to its TLSA records (RFC 7672 §2.2). */
final class DaneLookup {
  private final Resolver dns;

  DaneLookup(Resolver dns) {
    this.dns = dns;
  }

  DaneFinding find(NextHop hop, Origin origin) {
    Located located = hop.located();
    Dnssec addresses = located.addresses();
    return switch (addresses) {
      case null -> new NotApplicable(hop.host() + " was not looked up");
      case Dnssec.Secure() ->
          located.aliased()
              ? at(List.of(located.owner(), located.name()), hop, origin)
              : at(List.of(located.name()), hop, origin);
      case Dnssec.Insecure() -> located.aliased() ? behindAlias(hop, origin) : insecure(hop.host());
      case Dnssec.Indeterminate(String why) -> new NotApplicable(why);
      case Dnssec.Bogus(String why) -> new Failed(why);
    };
  }

  private static NotApplicable insecure(String host) {
    return new NotApplicable("the addresses of " + host + " are not signed");
  }

  /** A signed alias of a host that is not: the alias itself may have records (§2.2.2). */
  private DaneFinding behindAlias(NextHop hop, Origin origin) {
    Lookup<String> alias = dns.alias(hop.located().name());
    return switch (alias.answer()) {
      case Answer.TemporaryFailure<String>(String text) -> new Failed(text);
      case Answer.Found<String> _ when alias.dnssec().secure() ->
          at(List.of(hop.located().name()), hop, origin);
      default -> insecure(hop.host());
    };
  }

  /** The first of some base domains that has proven records. */
  private DaneFinding at(List<String> bases, NextHop hop, Origin origin) {
    int port = hop.located().port();
    for (String base : bases) {
      switch (TlsaAnswer.of(dns.tlsa(base, port))) {
        case TlsaAnswer.Secure(List<TlsaRecord> records) -> {
          return judged(base, records, hop, origin);
        }
        case TlsaAnswer.Failed(String text) -> {
          return new Failed(text);
        }
        case TlsaAnswer.Absent(), TlsaAnswer.Insecure() -> {}
      }
    }
    return new NotApplicable("no TLSA record at " + owner(bases.getFirst(), port));
  }

  private static String owner(String base, int port) {
    return "_" + port + "._tcp." + base;
  }

  private static DaneFinding judged(
      String base, List<TlsaRecord> records, NextHop hop, Origin origin) {
    List<TlsaRecord> usable =
        records.stream().filter(record -> TlsaUse.fault(record).isEmpty()).toList();
    if (usable.isEmpty()) {
      return new Unusable(
          "no usable TLSA record at %s (%s)"
              .formatted(
                  owner(base, hop.located().port()),
                  records.stream()
                      .map(record -> TlsaUse.fault(record).orElseThrow())
                      .distinct()
                      .limit(3)
                      .collect(Collectors.joining("; "))));
    }
    boolean byName = usable.stream().anyMatch(record -> record.usage() == TlsaUse.DANE_TA);
    return new Usable(
        new DaneProof(
            base, TlsaUse.strongest(usable), byName ? names(base, hop, origin) : Set.of()));
  }

  /** RFC 7672 §3.2.2; a configured name is as good as a domain that DNSSEC leads from. */
  private static Set<String> names(String base, NextHop hop, Origin origin) {
    Set<String> names = new HashSet<>(List.of(base, hop.located().name(), hop.tlsName()));
    if (origin.proven()) {
      names.addAll(origin.names());
    }
    return names;
  }
}
