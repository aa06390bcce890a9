package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The way to one of several API servers dies without a word, as when its node loses power: what was
 * sent on old connections arrives nowhere, and new ones lead to another API server.
 */
@Tag("tier2")
class DeadConnectionIT {
  private static final int PATIENCE_MILLIS = 1000;

  @Test
  void isLeftAfterAnUnansweredRequest() throws IOException {
    ApiServer server = ApiServer.shared();
    try (DyingWay way = new DyingWay(URI.create(server.url()).getPort());
        KubernetesClient client = ApiServerClient.sendingOnce(config(server, way.port()))) {
      assertThat(answers(client)).isTrue();
      way.die();

      int unanswered = 0;
      while (!answers(client)) {
        unanswered++;
        assertThat(unanswered).as("requests without an answer").isLessThan(5);
      }
    }
  }

  private static Config config(ApiServer server, int port) {
    return new ConfigBuilder(server.config())
        .withMasterUrl("https://127.0.0.1:" + port)
        .withRequestTimeout(PATIENCE_MILLIS)
        .build();
  }

  private static boolean answers(KubernetesClient client) {
    try {
      return client.namespaces().withName("default").get() != null;
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  /** Passes octets on, until it dies for those that are connected. */
  private static final class DyingWay implements AutoCloseable {
    private final ServerSocket listening =
        new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private volatile Set<Socket> dead = Set.of();
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

    DyingWay(int target) throws IOException {
      this.target = target;
      Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return listening.getLocalPort();
    }

    void die() {
      dead = Set.copyOf(clients);
    }

    private void accept() {
      try {
        while (true) {
          Socket client = listening.accept();
          Socket behind = new Socket(InetAddress.getLoopbackAddress(), target);
          open.add(client);
          open.add(behind);
          clients.add(client);
          Thread.ofVirtual().start(() -> pass(client, client, behind));
          Thread.ofVirtual().start(() -> pass(client, behind, client));
        }
      } catch (IOException e) {
        open.forEach(DyingWay::quietly);
      }
    }

    private void pass(Socket client, Socket from, Socket to) {
      byte[] buffer = new byte[8192];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (!dead.contains(client)) {
            out.write(buffer, 0, n);
          }
        }
      } catch (IOException e) {
        // it ended; a dead way doesn't tell
      }
      if (!dead.contains(client)) {
        quietly(to);
      }
    }

    private static void quietly(Closeable closeable) {
      try {
        closeable.close();
      } catch (IOException e) {
        // it was closed
      }
    }

    @Override
    public void close() throws IOException {
      listening.close();
    }
  }
}
