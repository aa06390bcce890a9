package dev.bridgehead.relay.routing;

import dev.bridgehead.manifest.Credentials;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One address of one host to hand mail to. A host with several addresses is several next hops.
 *
 * @param host its name as A-labels, or an address literal with its brackets
 * @param address where to connect: resolved, checked, or what {@code --connect-to} put in its place
 * @param implicitTls TLS from the first octet (RFC 8314 §3.3)
 * @param tlsName the name that its certificate has, in the form of {@code host}
 * @param credentials for AUTH, null for none
 * @param located how its address was found
 */
public record NextHop(
    String host,
    InetSocketAddress address,
    boolean implicitTls,
    String tlsName,
    @Nullable Credentials credentials,
    Located located) {
  /** Of an address that was given, with a certificate of the host's name. */
  public NextHop(
      String host,
      InetSocketAddress address,
      boolean implicitTls,
      @Nullable Credentials credentials) {
    this(host, address, implicitTls, host, credentials, Located.given(host, address.getPort()));
  }

  /** {@code host[address]:port}. */
  @Override
  public String toString() {
    String ip = address.getAddress().getHostAddress();
    return (host.startsWith("[") ? "" : host) + "[" + ip + "]:" + address.getPort();
  }
}
