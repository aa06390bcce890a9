package dev.bridgehead.relay;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where and how one relay runs, beside its configuration.
 *
 * @param config in force; may change while it runs
 * @param data folder of the spool, made where it isn't there
 * @param connectTo where next hops are really connected
 * @param capture a Maildir that takes every delivery instead of the network; null delivers
 * @param needsRoom a start on a full disk fails, unless mail is waiting there
 * @param management where its HTTP listens
 */
public record RelaySetup(
    CurrentConfig config,
    Path data,
    ConnectTo connectTo,
    @Nullable Path capture,
    boolean needsRoom,
    Management management) {
  /**
   * @param address all of this machine's when null
   * @param port 0: a free one
   * @param token for what is not open to everybody; asked for each time
   */
  public record Management(@Nullable InetAddress address, int port, Supplier<String> token) {}
}
