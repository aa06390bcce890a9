package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Dnssec;
import dev.bridgehead.relay.routing.HostLookup.Host;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that was looked up for a destination, and what follows from it: what the relay takes for a
 * route, and what people look at.
 *
 * @param exchangers how the domain's MX records were found; null where none were asked for
 * @param origin on whose word hosts are next hops
 * @param hosts in the order in which they would be tried, those that would not among them
 * @param hops what would be connected, best ones first; empty where {@code none} says why
 * @param none what becomes of the mail where there is no next hop: it is returned or waits; null
 *     where there is one
 */
public record Survey(
    @Nullable Exchangers exchangers,
    Origin origin,
    List<Surveyed> hosts,
    List<NextHop> hops,
    @Nullable Route none) {
  public Survey {
    hosts = List.copyOf(hosts);
    hops = List.copyOf(hops);
  }

  /**
   * The look-up of MX records.
   *
   * @param records how many; with none, the domain itself is the host, or there is no route
   */
  public record Exchangers(int records, Dnssec dnssec) {}

  /**
   * A host.
   *
   * @param preference of its MX record; null where there is none
   * @param usable addresses in the order in which they would be tried
   * @param remarks one line each: which addresses are refused and why, why there are none
   * @param dropped it is this server, comes after it, or after as many as are tried
   * @param dnssec of its addresses; null where nothing was looked up
   */
  public record Surveyed(
      String name,
      @Nullable Integer preference,
      int port,
      List<InetSocketAddress> usable,
      List<String> remarks,
      boolean dropped,
      @Nullable Dnssec dnssec) {
    public Surveyed {
      usable = List.copyOf(usable);
      remarks = List.copyOf(remarks);
    }

    static Surveyed of(
        String name, @Nullable Integer preference, int port, boolean dropped, Host host) {
      return switch (host) {
        case Host.Addresses(var usable, var refused, _, Located located) ->
            new Surveyed(name, preference, port, usable, refused, dropped, located.addresses());
        case Host.Missing(String text, var dnssec) ->
            new Surveyed(name, preference, port, List.of(), List.of(text), dropped, dnssec);
        case Host.Unknown(String text, var dnssec) ->
            new Surveyed(name, preference, port, List.of(), List.of(text), dropped, dnssec);
      };
    }
  }
}
