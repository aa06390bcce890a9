package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Answer;
import dev.bridgehead.dns.MailExchanger;
import dev.bridgehead.dns.Resolver;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.HostLookup.Host;
import dev.bridgehead.validation.AddressLiteral;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

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
  LookedUp find(String domain, RelayConfig config) {
    if (AddressLiteral.isMeant(domain)) {
      return connect(domain, List.of(new MailExchanger(0, domain)), config);
    }
    return switch (dns.mx(HostLookup.absolute(domain, config))) {
      case Answer.Found<MailExchanger>(List<MailExchanger> records) ->
          exchangers(domain, records, config);
      // RFC 5321 §5.1: without MX the domain itself is the exchanger.
      case Answer.NoData<MailExchanger>() ->
          connect(domain, List.of(new MailExchanger(0, domain)), config);
      case Answer.NameError<MailExchanger>() ->
          refused(Reason.DNS, NO_SUCH_DOMAIN, "the domain " + domain + " does not exist");
      case Answer.TemporaryFailure<MailExchanger>(String text) -> unresolved(text);
    };
  }

  private LookedUp exchangers(String domain, List<MailExchanger> records, RelayConfig config) {
    List<MailExchanger> named = records.stream().filter(mx -> !mx.nullMx()).toList();
    if (named.isEmpty()) {
      return refused(Reason.NULL_MX, NULL_MX, "the domain " + domain + " takes no mail (RFC 7505)");
    }
    return connect(domain, inOrder(named), config);
  }

  /** Which of many equals are looked up at all is chance; their order is, message by message. */
  private List<MailExchanger> inOrder(List<MailExchanger> records) {
    List<MailExchanger> order = new ArrayList<>(records);
    Collections.shuffle(order, random);
    order.sort(Comparator.comparingInt(MailExchanger::preference));
    return order.subList(0, Math.min(order.size(), MAX_EXCHANGERS));
  }

  private LookedUp connect(String domain, List<MailExchanger> order, RelayConfig config) {
    int port = config.routes().outboundPort();
    List<Host> found = Parallel.map(order, mx -> hosts.find(mx.host(), port, config));
    int limit = ownPreference(order, found);
    List<Candidate> candidates = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    String unknown = null;
    for (int i = 0; i < order.size() && order.get(i).preference() < limit; i++) {
      String host = order.get(i).host();
      int rank = order.get(i).preference();
      switch (found.get(i)) {
        case Host.Addresses(var usable, _) ->
            usable.forEach(
                address ->
                    candidates.add(new Candidate(new NextHop(host, address, false, null), rank)));
        case Host.Missing(String text) -> missing.add(text);
        case Host.Unknown(String text) -> unknown = text;
      }
    }
    if (!candidates.isEmpty()) {
      return new LookedUp.Found(candidates.subList(0, Math.min(candidates.size(), MAX_HOPS)));
    }
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
      if (found.get(i) instanceof Host.Addresses(_, boolean ours) && ours) {
        return order.get(i).preference();
      }
    }
    return Integer.MAX_VALUE;
  }

  private static LookedUp refused(Reason reason, EnhancedStatus status, String text) {
    return new LookedUp.Nowhere(
        new Route.Refused(new Diagnostic(reason, status, text, null, null)));
  }

  private static LookedUp unresolved(String text) {
    return new LookedUp.Nowhere(
        new Route.Unresolved(new Diagnostic(Reason.DNS, UNRESOLVED, text, null, null)));
  }
}
