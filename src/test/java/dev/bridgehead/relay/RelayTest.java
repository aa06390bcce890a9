package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.routing.ConnectTo;
import dev.bridgehead.relay.spool.FolderInUseException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;

/** The whole relay in this process, with another mail server as its next hop. */
class RelayTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Path folder;
  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private final SMTPServer hop =
      SMTPServer.port(0)
          .bindAddress(InetAddress.getLoopbackAddress())
          .messageHandler((_, from, to, data) -> arrived.add(from + " -> " + to))
          .build();
  private final int nobody;
  private Duration grace = Duration.ofMillis(1);

  RelayTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    hop.start();
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = closed.getLocalPort();
    }
  }

  @AfterEach
  void stop() {
    hop.stop();
  }

  private Relay relay(CurrentConfig config) throws IOException {
    return relay(config, nobody);
  }

  private Relay relay(CurrentConfig config, int refusing) throws IOException {
    ConnectTo rules =
        ConnectTo.parse(
            List.of(
                "alive.example.net:25:127.0.0.1:" + hop.getPortAllocated(),
                "refusing.example.net:25:127.0.0.1:" + refusing,
                "dead.example.net:25:127.0.0.1:" + nobody));
    return Relay.start(
        new RelaySetup(
            config,
            folder,
            rules,
            null,
            true,
            new RelaySetup.Management(InetAddress.getLoopbackAddress(), 0, () -> "secret"),
            new RelaySetup.Pod("test-edge-1", grace, Duration.ofMillis(20))));
  }

  private static CurrentConfig config(String smartHost) throws IOException {
    return new CurrentConfig(TestConnector.forwardingTo(smartHost));
  }

  private static String state(Relay relay) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + relay.managementPort() + "/v1/state");
      return http.send(
              HttpRequest.newBuilder(uri).header("Authorization", "Bearer secret").build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void deliversWhatItAccepts() throws Exception {
    try (Relay relay = relay(config("alive.example.net"))) {
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
      await().atMost(SOON).until(() -> arrived.equals(List.of("a@example.org -> b@example.com")));
      assertThat(relay.metrics().scrape())
          .contains("bridgehead_messages_delivered_total 1.0", "bridgehead_spool_bytes");
    }
  }

  @Test
  void tellsWhoAskedForItThatMailWentOnToAHostThatSendsNoReports() throws Exception {
    try (Relay relay = relay(config("alive.example.net"))) {
      TestClient.sendAskingForSuccess(relay.smtpPort(), "a@example.org", "b@example.com");
      await()
          .atMost(SOON)
          .until(
              () -> arrived.equals(List.of("a@example.org -> b@example.com", " -> a@example.org")));
    }
  }

  @Test
  void tellsItsState() throws Exception {
    try (Relay relay = relay(config("dead.example.net"))) {
      assertThat(state(relay))
          .startsWith(
              "{\"pod\":\"test-edge-1\",\"hash\":\"cafe\",\"generation\":5,\"ready\":true,\"queued\":0,\"oldest\":null,\"loops\":[],\"unresolved\":")
          .endsWith(",\"refused\":[],\"deferral\":null,\"quarantined\":0,\"drain\":\"none\"}");
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
      assertThat(state(relay)).contains("\"queued\":1,\"oldest\":\"20");
    }
  }

  @Test
  void saysWhyMailDoesNotMove() throws Exception {
    SMTPServer refusing =
        SMTPServer.port(0)
            .bindAddress(InetAddress.getLoopbackAddress())
            .messageHandler(
                (_, _, to, _) -> {
                  throw new RejectException(450, "4.7.1 <" + to + ">: Greylisted");
                })
            .build();
    refusing.start();
    CurrentConfig config = config("dead.example.net");
    try (Relay relay = relay(config, refusing.getPortAllocated())) {
      assertThat(state(relay)).contains("\"deferral\":null");
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(state(relay))
                      .contains(
                          "\"deferral\":{\"messages\":1,\"nextHop\":\"dead.example.net\",\"reason\":\"connect\"",
                          "dead.example.net[127.0.0.1]:" + nobody + ": "));
      config.set(TestConnector.forwardingTo("refusing.example.net"));
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(state(relay))
                      .contains("\"nextHop\":\"refusing.example.net\",\"reason\":\"reply\"")
                      .contains("said: 450 4.7.1 <…>: Greylisted (in reply to "));
      config.set(TestConnector.forwardingTo("alive.example.net"));
      await().atMost(SOON).until(() -> state(relay).contains("\"deferral\":null"));
    } finally {
      refusing.stop();
    }
  }

  @Test
  void movesWhatIsDeferredToAnotherSmartHostWithoutARestart() throws Exception {
    CurrentConfig config = config("dead.example.net");
    try (Relay relay = relay(config)) {
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
      await()
          .atMost(SOON)
          .until(() -> relay.metrics().scrape().contains("deferred_total{reason=\"connect\"} 1"));
      config.set(TestConnector.forwardingTo("alive.example.net"));
      await().atMost(SOON).until(() -> !arrived.isEmpty());
    }
  }

  @Test
  void deliversAfterARestartWhatItAcceptedBefore() throws Exception {
    try (Relay relay = relay(config("dead.example.net"))) {
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
    }
    CurrentConfig config = config("dead.example.net");
    try (Relay relay = relay(config)) {
      assertThat(state(relay)).contains("\"queued\":1");
      config.set(TestConnector.forwardingTo("alive.example.net"));
      await().atMost(SOON).until(() -> !arrived.isEmpty());
      await().atMost(SOON).until(() -> state(relay).contains("\"queued\":0"));
    }
  }

  @Test
  void takesNoNewMailWhileItDrainsAndDeliversWhatItHas() throws Exception {
    CurrentConfig config = config("dead.example.net");
    try (Relay relay = relay(config)) {
      int port = relay.smtpPort();
      TestClient.send(port, "a@example.org", "b@example.com");

      config.set(TestConnector.draining("alive.example.net"));

      await().atMost(SOON).until(() -> !arrived.isEmpty());
      await()
          .atMost(SOON)
          .untilAsserted(
              () ->
                  assertThat(state(relay))
                      .contains("\"ready\":false,\"queued\":0", "\"drain\":\"empty\""));
      assertThatThrownBy(() -> TestClient.send(port, "a@example.org", "b@example.com"))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void doesNotCallItselfDrainedWhileAClientIsStillSending() throws Exception {
    CurrentConfig config = config("alive.example.net");
    try (Relay relay = relay(config);
        TestClient client = TestClient.untilData(relay.smtpPort())) {
      config.set(TestConnector.draining("alive.example.net"));

      await().atMost(SOON).until(() -> state(relay).contains("\"ready\":false"));
      assertThat(state(relay)).contains("\"drain\":\"accepting\"");

      client.finish();

      await().atMost(SOON).until(() -> !arrived.isEmpty());
      await().atMost(SOON).until(() -> state(relay).contains("\"drain\":\"empty\""));
    }
  }

  @Test
  void startsWithoutTakingMailWhereItDrains() throws Exception {
    try (Relay relay = relay(config("dead.example.net"))) {
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
    }
    CurrentConfig config = new CurrentConfig(TestConnector.draining("dead.example.net"));
    try (Relay relay = relay(config)) {
      config.set(TestConnector.draining("alive.example.net"));
      await().atMost(SOON).until(() -> !arrived.isEmpty());
      await().atMost(SOON).until(() -> state(relay).contains("\"ready\":false,\"queued\":0"));
      assertThat(state(relay)).contains("\"drain\":\"empty\"");
      assertThatThrownBy(() -> TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com"))
          .hasMessageContaining("421 4.3.2");
    }
  }

  @Test
  void takesMailUntilItsClientsHaveNoticedThatItDrains() throws Exception {
    grace = Duration.ofDays(1);
    CurrentConfig config = config("alive.example.net");
    try (Relay relay = relay(config)) {
      config.set(TestConnector.draining("alive.example.net"));
      await().atMost(SOON).until(() -> state(relay).contains("\"drain\":\"accepting\""));
      assertThat(state(relay)).contains("\"ready\":false");

      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");

      await().atMost(SOON).until(() -> !arrived.isEmpty());
      assertThat(state(relay)).contains("\"drain\":\"accepting\"");
    }
  }

  @Test
  void takesMailAgainOnceItIsNotToBeDrainedAnyMore() throws Exception {
    CurrentConfig config = config("alive.example.net");
    try (Relay relay = relay(config)) {
      config.set(TestConnector.draining("alive.example.net"));
      await().atMost(SOON).until(() -> state(relay).contains("\"drain\":\"empty\""));

      config.set(TestConnector.drainingFrom("alive.example.net", 2));

      await().atMost(SOON).until(() -> state(relay).contains("\"drain\":\"none\""));
      assertThat(state(relay)).contains("\"ready\":true");
      TestClient.send(relay.smtpPort(), "a@example.org", "b@example.com");
      await().atMost(SOON).until(() -> !arrived.isEmpty());
    }
  }

  @Test
  void refusesAFolderThatAnotherRelayUses() throws Exception {
    try (Relay relay = relay(config("alive.example.net"))) {
      assertThat(relay.smtpPort()).isPositive();
      assertThatThrownBy(() -> relay(config("alive.example.net")))
          .isInstanceOf(FolderInUseException.class);
    }
    relay(config("alive.example.net")).close();
  }
}
