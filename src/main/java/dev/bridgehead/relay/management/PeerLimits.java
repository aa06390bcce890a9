package dev.bridgehead.relay.management;

import io.helidon.common.socket.SocketOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many connections are open at a time, from each address, so that nobody takes all memory and
 * file descriptors, nor keeps the probes of the node's agent out. Helidon's bound is one for all;
 * it asks these options of each connection that it has accepted, and closes it where they throw.
 * Entered by its thread that accepts.
 */
final class PeerLimits implements SocketOptions {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLimits.class);

  /** More than a sibling, a scraper or the operator opens. */
  static final int OF_ONE = 64;

  /** From here on, each address has a few only. */
  static final int MANY = 512;

  static final int FEW = 4;

  /** Of all: what 64 KiB each make, the heap bears. */
  static final int MOST = 1024;

  private static final Duration LINE_EACH = Duration.ofMinutes(1);

  private final SocketOptions usual = SocketOptions.create();
  private final Map<InetAddress, Set<SocketChannel>> open = new HashMap<>();
  private int count; // with some that are closed by now
  private long nextLine = System.nanoTime();

  @Override
  public void configureSocket(SocketChannel socket) {
    InetAddress peer = peer(socket);
    if (peer != null) {
      admit(peer, socket);
    }
    usual.configureSocket(socket);
  }

  private static @Nullable InetAddress peer(SocketChannel socket) {
    try {
      return socket.getRemoteAddress() instanceof InetSocketAddress peer ? peer.getAddress() : null;
    } catch (IOException e) { // it is closed already
      return null;
    }
  }

  private void admit(InetAddress peer, SocketChannel socket) {
    Set<SocketChannel> of = open.computeIfAbsent(peer, _ -> new HashSet<>());
    if (of.size() >= FEW || count >= MANY) {
      forgetClosed();
      of = open.computeIfAbsent(peer, _ -> new HashSet<>());
    }
    int most = count >= MOST ? 0 : count >= MANY ? FEW : OF_ONE;
    if (of.size() >= most) {
      say(peer, of.size());
      throw new IllegalStateException("too many connections of " + peer);
    }
    of.add(socket);
    count++;
  }

  private void forgetClosed() {
    open.values().forEach(each -> each.removeIf(socket -> !socket.isOpen()));
    open.values().removeIf(Set::isEmpty);
    count = open.values().stream().mapToInt(Set::size).sum();
  }

  private void say(InetAddress peer, int has) {
    long now = System.nanoTime();
    if (now - nextLine >= 0) {
      nextLine = now + LINE_EACH.toNanos();
      LOG.warn(
          "a connection of {} to the management port is closed at once: {} of it and {} of all are"
              + " open",
          peer.getHostAddress(),
          has,
          count);
    }
  }

  @Override
  public void configureSocket(Socket socket) {
    usual.configureSocket(socket);
  }

  @Override
  public Map<SocketOption<?>, Object> socketOptions() {
    return usual.socketOptions();
  }

  @Override
  public Duration connectTimeout() {
    return usual.connectTimeout();
  }

  @Override
  public Duration readTimeout() {
    return usual.readTimeout();
  }

  @Override
  public Optional<Integer> socketReceiveBufferSize() {
    return usual.socketReceiveBufferSize();
  }

  @Override
  public Optional<Integer> socketSendBufferSize() {
    return usual.socketSendBufferSize();
  }

  @Override
  public boolean socketReuseAddress() {
    return usual.socketReuseAddress();
  }

  @Override
  public boolean socketKeepAlive() {
    return usual.socketKeepAlive();
  }

  @Override
  public boolean tcpNoDelay() {
    return usual.tcpNoDelay();
  }
}
