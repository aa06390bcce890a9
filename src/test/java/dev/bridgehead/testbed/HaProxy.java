package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/** HAProxy in front of one server on loopback, as a load balancer that speaks PROXY protocol. */
public final class HaProxy implements AutoCloseable {
  private final Path folder = Script.folder("haproxy");
  private final int port = Daemon.freePort();
  private final Daemon proxy;

  private HaProxy(int server, String option) {
    try {
      Files.writeString(
          folder.resolve("haproxy.cfg"),
          """
          defaults
            mode tcp
            timeout connect 5s
            timeout client 30s
            timeout server 30s
          listen mail
            bind 127.0.0.1:%d
            server relay 127.0.0.1:%d %s check inter 200ms
          """
              .formatted(port, server, option));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    proxy =
        Daemon.start(
                "haproxy",
                folder,
                MailPeers.program("usr/sbin/haproxy")
                    .with("-db", "-f", folder.resolve("haproxy.cfg").toString()))
            .await(this::connects);
  }

  /**
   * Starts one on a free port of loopback.
   *
   * @param server port of the server behind it
   * @param version of the PROXY protocol, 1 or 2
   */
  public static HaProxy before(int server, int version) {
    return new HaProxy(server, version == 1 ? "send-proxy" : "send-proxy-v2");
  }

  public int port() {
    return port;
  }

  private boolean connects() throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    }
  }

  @Override
  public void close() {
    proxy.close();
    Folders.delete(folder);
  }
}
