package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.TestClient;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.SmtpSink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What 250 promises, shown on the real process and real next hops. */
@Tag("tier3")
class RelayKillIT {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final Path folder;
  private final Path manifest;
  private final int port = freePort();
  private final int hopPort = freePort();

  RelayKillIT(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.manifest = folder.resolve("connector.yaml");
    Files.writeString(
        manifest,
        """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: quick}
        spec:
          routing: {mode: SmartHost, smartHosts: [{host: hop.example.net}]}
          bridgeheads: [{name: edge, hostname: mail.example.com, virtualServer: {port: %d}}]
          delivery: {retryIntervals: [1s], expireAfter: 1h}
        """
            .formatted(port));
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A relay whose next hop is really at a port of loopback. */
  private RelayProcess run(int nextHop) throws IOException {
    return RelayProcess.run(
        folder,
        "-f",
        manifest.toString(),
        "--data",
        folder.resolve("data").toString(),
        "--connect-to",
        "hop.example.net:25:127.0.0.1:" + nextHop);
  }

  @Test
  void deliversAfterKill9WhatItAcceptedBefore() throws Exception {
    Set<String> accepted = ConcurrentHashMap.newKeySet();
    try (RelayProcess relay = run(hopPort)) {
      List<Thread> clients = new ArrayList<>();
      AtomicInteger number = new AtomicInteger();
      for (int i = 0; i < 8; i++) {
        clients.add(Thread.startVirtualThread(() -> sendUntilItDies(number, accepted)));
      }
      await().atMost(SOON).until(() -> accepted.size() >= 50);
      relay.kill9();
      for (Thread client : clients) {
        client.join();
      }
    }
    try (SmtpSink sink = SmtpSink.start();
        RelayProcess relay = run(sink.port())) {
      assertThat(relay.alive()).isTrue();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                String arrived = String.join("\n", sink.messages());
                assertThat(accepted)
                    .allMatch(subject -> arrived.contains("Subject: " + subject + "!"));
              });
    }
  }

  private void sendUntilItDies(AtomicInteger number, Set<String> accepted) {
    try {
      while (true) {
        String subject = "message " + number.incrementAndGet();
        String content = "Subject: " + subject + "!\r\n\r\n" + "x".repeat(70) + "\r\n";
        TestClient.send(port, "a@example.org", "b@example.com", content);
        accepted.add(subject); // its 250 has been read
      }
    } catch (IOException e) {
      assertThat(accepted).as("sent before the relay was killed (%s)", e).isNotEmpty();
    }
  }

  @Test
  void deliversWhenANextHopThatWasDownComesBack() throws Exception {
    try (RelayProcess relay = run(hopPort)) {
      TestClient.send(port, "a@example.org", "b@example.com", "Subject: late\r\n\r\nhello\r\n");
      relay.awaitOutput("status=\"deferred\"");
      try (PostfixServer hop = PostfixServer.setup().listen("127.0.0.1", hopPort).start()) {
        assertThat(hop.awaitMessage(message -> message.contains("Subject: late")))
            .contains("X-Original-To: b@example.com");
      }
    }
  }

  @Test
  void returnsToTheSenderWhatANextHopRefuses() throws Exception {
    try (PostfixServer hop =
            PostfixServer.setup()
                .listen("127.0.0.1", hopPort)
                .reply("gone@example.test", "550 5.1.1 No such user")
                .start();
        RelayProcess relay = run(hopPort)) {
      TestClient.send(port, "a@example.org", "gone@example.test", "Subject: x\r\n\r\nhello\r\n");
      String notice = hop.awaitMessage(message -> message.contains("X-Original-To: a@example.org"));
      assertThat(notice.replace("\n ", " ")) // unfolded
          .contains("Return-Path: <>")
          .contains("Subject: Undelivered mail returned to sender")
          .contains("Final-Recipient: rfc822; gone@example.test")
          .contains("Status: 5.1.1")
          .containsPattern("Diagnostic-Code: smtp; 550 5.1.1 .*No such user\n");
      assertThat(relay.alive()).isTrue();
    }
  }

  @Test
  void stopsWithCodeZeroWhenAskedAndKeepsWhatIsQueued() throws Exception {
    try (RelayProcess relay = run(hopPort)) {
      TestClient.send(port, "a@example.org", "b@example.com", "Subject: kept\r\n\r\nhello\r\n");
      assertThat(relay.terminate()).isZero();
    }
    try (SmtpSink sink = SmtpSink.start();
        RelayProcess relay = run(sink.port())) {
      await()
          .atMost(SOON)
          .until(() -> sink.messages().stream().anyMatch(m -> m.contains("Subject: kept")));
      assertThat(relay.output()).doesNotContain("\tat ");
    }
  }
}
