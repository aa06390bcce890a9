package dev.bridgehead.relay;

import dev.bridgehead.dns.DnsSetup;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param pod which pod it is
 * @param dns whom it asks for names
 */
public record RelaySetup(
    CurrentConfig config,
    Path data,
    ConnectTo connectTo,
    @Nullable Path capture,
    boolean needsRoom,
    Management management,
    Pod pod,
    DnsSetup dns) {
  /** Of a relay that runs by itself. */
  public RelaySetup(
      CurrentConfig config,
      Path data,
      ConnectTo connectTo,
      @Nullable Path capture,
      boolean needsRoom,
      Management management) {
    this(config, data, connectTo, capture, needsRoom, management, Pod.NONE);
  }

  /** That asks the machine's own name servers. */
  public RelaySetup(
      CurrentConfig config,
      Path data,
      ConnectTo connectTo,
      @Nullable Path capture,
      boolean needsRoom,
      Management management,
      Pod pod) {
    this(config, data, connectTo, capture, needsRoom, management, pod, DnsSetup.ofSystem());
  }

  /**
   * @param address all of this machine's when null
   * @param port 0: a free one
   * @param token for what is not open to everybody; asked for each time
   */
  public record Management(@Nullable InetAddress address, int port, Supplier<String> token) {}

  /**
   * @param name {@code SET-ORDINAL}, as a StatefulSet names it; null outside of a cluster
   * @param grace how long mail is still accepted once the relay is to be drained
   * @param siblingPause before a sibling that failed is spoken to again; it grows
   */
  public record Pod(@Nullable String name, Duration grace, Duration siblingPause) {
    /**
     * Endpoints are taken out within a second or two of the readiness probe, whose two failures
     * take four; clients keep a resolved name or a connection for some seconds more.
     */
    public static final Duration GRACE = Duration.ofSeconds(15);

    public static final Pod NONE = Pod.named(null);

    /** With the usual times. */
    public static Pod named(@Nullable String name) {
      return new Pod(name, GRACE, Duration.ofSeconds(1));
    }
  }
}
