package dev.bridgehead.relay.routing;

import dev.bridgehead.dns.Dnssec;
import org.jspecify.annotations.Nullable;

/**
 * How a next hop's addresses were found.
 *
 * @param name that was looked up: the host's, absolute
 * @param port to connect there, before {@code --connect-to}
 * @param addresses how far they are proven; null where none were looked up: a literal, or a host
 *     that {@code --connect-to} replaces by its name
 * @param owner where they lie: {@code name}, or what its aliases lead to
 */
public record Located(String name, int port, @Nullable Dnssec addresses, String owner) {
  /** Not looked up. */
  public static Located given(String name, int port) {
    return new Located(name, port, null, name);
  }

  public boolean aliased() {
    return !owner.equals(name);
  }
}
