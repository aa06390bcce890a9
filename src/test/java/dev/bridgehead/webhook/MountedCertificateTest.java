package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as the kubelet mounts them, and real handshakes. */
class MountedCertificateTest {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private final Authority authority =
      Authority.create(Instant.now(), Duration.ofDays(1), new SecureRandom());
  private final CurrentCertificate shown = new CurrentCertificate();

  @Test
  void theNextHandshakeShowsTheChangedFiles() throws Exception {
    ServerCertificate first = issue();
    ServerCertificate second = issue();
    mount(first.certificate(), first);
    try (MountedCertificate mounted = new MountedCertificate(folder, shown, INTERVAL)) {
      mounted.start();
      WebServer server = serve();
      try {
        assertThat(handshake(server.port())).isEqualTo(first.certificate());

        mount(second.certificate(), second);

        Awaitility.await()
            .atMost(Duration.ofSeconds(10))
            .until(() -> handshake(server.port()).equals(second.certificate()));
      } finally {
        server.stop();
      }
    }
  }

  @Test
  void keepsTheGoodOneWhereKeyAndCertificateDoNotBelongTogether() throws Exception {
    ServerCertificate first = issue();
    ServerCertificate second = issue();
    mount(first.certificate(), first);
    try (MountedCertificate mounted = new MountedCertificate(folder, shown, INTERVAL)) {
      mounted.start();

      mount(second.certificate(), first);
      Awaitility.await()
          .during(INTERVAL.multipliedBy(10))
          .until(() -> shown.current().orElseThrow().certificate().equals(first.certificate()));
      mount(second.certificate(), second);

      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> shown.current().orElseThrow().certificate().equals(second.certificate()));
    }
  }

  @Test
  void saysInOneLineThatThereIsNone() {
    try (MountedCertificate mounted = new MountedCertificate(folder, shown, INTERVAL)) {
      assertThatThrownBy(mounted::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(folder.toString())
          .message()
          .hasLineCount(1);
    }
  }

  private ServerCertificate issue() {
    return authority.issue(
        List.of("127.0.0.1"), Instant.now(), Duration.ofHours(1), new SecureRandom());
  }

  private void mount(X509Certificate certificate, ServerCertificate key) throws IOException {
    put("tls.key", Pem.of(key.key()));
    put("tls.crt", Pem.of(List.of(certificate)));
  }

  private void put(String name, byte[] content) throws IOException {
    Path next = Files.write(folder.resolve("next"), content);
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private WebServer serve() {
    return WebhookServer.listen(
        new WebhookServer.Settings(
            InetAddress.getLoopbackAddress(),
            0,
            List.of("127.0.0.1"),
            "bridgehead",
            "cluster.local",
            new WebhookServer.Mounted(folder)),
        shown,
        new ReviewEndpoint(new ConnectorAdmission("cluster.local", (ns, names) -> List.of())));
  }

  private static X509Certificate handshake(int port) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAnyone()}, null);
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  /** What is shown is looked at, not judged. */
  private static final class TrustAnyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
