package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.dns.Lookup;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.HostLookup.Host;
import dev.bridgehead.relay.routing.Survey.Exchangers;
import dev.bridgehead.relay.routing.Survey.Surveyed;
import dev.bridgehead.validation.AddressLiteral;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** DNS mode: from a domain to the addresses of its mail exchangers (RFC 5321 §5.1). */
final class MailExchangers {
  private static final EnhancedStatus NO_SUCH_DOMAIN = new EnhancedStatus(5, 1, 2);
  private static final EnhancedStatus NULL_MX = new EnhancedStatus(5, 1, 10);
  private static final EnhancedStatus NO_ROUTE = new EnhancedStatus(5, 4, 4);
  private static final EnhancedStatus LOOP = new EnhancedStatus(5, 4, 6);
  private static final EnhancedStatus UNRESOLVED = new EnhancedStatus(4, 4, 3);

  /** A domain with a thousand exchangers gets no more attention than one with ten. */
  private static final int MAX_EXCHANGERS = 10;

  /** Nor does one whose exchangers have a thousand addresses. */
  private static final int MAX_HOPS = 20;

  private final Resolver dns;
  private final HostLookup hosts;
  private final Random random;

  MailExchangers(Resolver dns, HostLookup hosts, Random random) {
    this.dns = dns;
    this.hosts = hosts;
    this.random = random;
  }

  /**
   * @param domain A-labels, or a literal with its brackets
   */
  Search find(String domain, RelayConfig config) {
    if (AddressLiteral.isMeant(domain)) {
      return connect(new Target(domain, null, Origin.GIVEN, false), itself(domain), config);
    }
    Lookup<MailExchanger> lookup = dns.mx(HostLookup.absolute(domain, config));
    Dnssec dnssec = lookup.dnssec();
    Origin origin = new Origin(domain, lookup.owner(), dnssec.secure());
    return switch (lookup.answer()) {
      case Answer.Found<MailExchanger>(List<MailExchanger> records) ->
          exchangers(
              new Target(domain, new Exchangers(records.size(), dnssec), origin, true),
              records,
              config);
      // RFC 5321 §5.1: without MX the domain itself is the exchanger.
      case Answer.NoData<MailExchanger>() ->
          connect(
              new Target(domain, new Exchangers(0, dnssec), origin, false), itself(domain), config);
      case Answer.NameError<MailExchanger>() ->
          nowhere(
              new Exchangers(0, dnssec),
              origin,
              refused(Reason.DNS, NO_SUCH_DOMAIN, "the domain " + domain + " does not exist"));
      case Answer.TemporaryFailure<MailExchanger>(String text) ->
          nowhere(new Exchangers(0, dnssec), origin, unresolved(text));
    };
  }

  /**
   * Where mail is meant to go.
   *
   * @param byMx its hosts come from MX records
   */
  private record Target(
      String domain, @Nullable Exchangers exchangers, Origin origin, boolean byMx) {}

  private static List<MailExchanger> itself(String domain) {
    return List.of(new MailExchanger(0, domain));
  }

  private Search exchangers(Target target, List<MailExchanger> records, RelayConfig config) {
    List<MailExchanger> named = records.stream().filter(mx -> !mx.nullMx()).toList();
    if (named.isEmpty()) {
      return nowhere(
          target.exchangers(),
          target.origin(),
          refused(
              Reason.NULL_MX,
              NULL_MX,
              "the domain " + target.domain() + " takes no mail (RFC 7505)"));
    }
    return connect(target, inOrder(named), config);
  }

  /** Which of many equals are looked up at all is chance; their order is, message by message. */
  private List<MailExchanger> inOrder(List<MailExchanger> records) {
    List<MailExchanger> order = new ArrayList<>(records);
    Collections.shuffle(order, random);
    order.sort(Comparator.comparingInt(MailExchanger::preference));
    return order.subList(0, Math.min(order.size(), MAX_EXCHANGERS));
  }

  private Search connect(Target target, List<MailExchanger> order, RelayConfig config) {
    int port = config.routes().outboundPort();
    List<Host> found = Parallel.map(order, mx -> hosts.find(mx.host(), port, config));
    int limit = ownPreference(order, found);
    List<Candidate> candidates = new ArrayList<>();
    List<Surveyed> surveyed = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    String unknown = null;
    for (int i = 0; i < order.size(); i++) {
      String host = order.get(i).host();
      int rank = order.get(i).preference();
      boolean dropped = rank >= limit;
      surveyed.add(Surveyed.of(host, target.byMx() ? rank : null, port, dropped, found.get(i)));
      if (dropped) {
        continue;
      }
      switch (found.get(i)) {
        case Host.Addresses it ->
            hops(host, it).forEach(hop -> candidates.add(new Candidate(hop, rank)));
        case Host.Missing(String text, _) -> missing.add(text);
        case Host.Unknown(String text, _) -> unknown = text;
      }
    }
    Route none = candidates.isEmpty() ? none(target.domain(), limit, unknown, missing) : null;
    return Search.of(
        target.exchangers(),
        target.origin(),
        surveyed,
        candidates.subList(0, Math.min(candidates.size(), MAX_HOPS)),
        unknown == null,
        none);
  }

  private static List<NextHop> hops(String host, Host.Addresses found) {
    return found.usable().stream()
        .map(address -> new NextHop(host, address, false, host, null, found.located()))
        .toList();
  }

  private static Route none(
      String domain, int limit, @Nullable String unknown, List<String> missing) {
    if (unknown != null) {
      return unresolved(unknown);
    }
    return limit == Integer.MAX_VALUE
        ? refused(Reason.DNS, NO_ROUTE, String.join("; ", missing))
        : refused(Reason.LOOP, LOOP, "mail for " + domain + " leads back to this server");
  }

  /** RFC 5321 §5.1: this server, and all that come after it, are no way on. */
  private static int ownPreference(List<MailExchanger> order, List<Host> found) {
    for (int i = 0; i < order.size(); i++) {
      if (found.get(i) instanceof Host.Addresses it && it.ours()) {
        return order.get(i).preference();
      }
    }
    return Integer.MAX_VALUE;
  }

  private static Search nowhere(@Nullable Exchangers exchangers, Origin origin, Route none) {
    return Search.of(exchangers, origin, List.of(), List.of(), true, none);
  }

  private static Route refused(Reason reason, EnhancedStatus status, String text) {
    return new Route.Refused(new Diagnostic(reason, status, text, null, null));
  }

  private static Route unresolved(String text) {
    return new Route.Unresolved(new Diagnostic(Reason.DNS, UNRESOLVED, text, null, null));
  }
}
