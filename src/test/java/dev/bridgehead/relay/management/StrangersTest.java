package dev.bridgehead.relay.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reaches the management port, and knows no token: it takes neither memory nor threads. */
class StrangersTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  /** What a relay may read of a body that it does not want, with what both kernels buffer. */
  private static final int FEW_OCTETS = 16 << 20;

  private final ManagementServer server;

  StrangersTest() throws BindException {
    server =
        ManagementServer.start(
            InetAddress.getLoopbackAddress(),
            0,
            new ManagementServer.Answers(
                () -> true,
                () -> true,
                () -> {
                  throw new AssertionError("nobody is told");
                },
                () -> "right",
                "internet-edge-0",
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                null,
                rules -> rules.any((_, response) -> response.send("no proof\n"))),
            new Patience("/v2/handover", Duration.ofSeconds(1)));
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout((int) SOON.toMillis());
    return socket;
  }

  private static void say(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Until the server takes no more: octets. */
  private static long sendWithoutEnd(Socket to) throws IOException {
    byte[] some = new byte[64 << 10];
    OutputStream out = to.getOutputStream();
    long sent = 0;
    try {
      while (sent < 4L * FEW_OCTETS) {
        out.write(some);
        sent += some.length;
      }
    } catch (SocketException e) {
      return sent;
    }
    return sent;
  }

  private static String answer(Socket from) throws IOException {
    try (InputStream in = from.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/metrics", "/v1/state", "/v1/queue/flush", "/v2/handover/x"})
  void getNoOctetReadOfABodyWhoseLengthIsNotSaid(String path) throws IOException {
    for (String chunks : List.of("7fffffff\r\n", "0".repeat(5000))) {
      try (Socket stranger = connect()) {
        say(
            stranger,
            "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".formatted(path));

        assertThat(answer(stranger))
            .startsWith("HTTP/1.1 411 ")
            .endsWith("not Transfer-Encoding\n");
      }
      try (Socket stranger = connect()) {
        say(
            stranger,
            "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s"
                .formatted(path, chunks));

        assertThat(sendWithoutEnd(stranger)).isLessThan(FEW_OCTETS);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/livez", "/nothing", "/v1/state", "/v1/queue/flush", "/v2/handover/x"})
  void getNoBodyReadThatNobodyAskedFor(String path) throws IOException {
    try (Socket stranger = connect()) {
      say(
          stranger,
          "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(path, Long.MAX_VALUE));

      assertThat(answer(stranger)).startsWith("HTTP/1.1 ").contains("Connection: close\r\n");
    }
    try (Socket stranger = connect()) {
      say(
          stranger,
          "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(path, Long.MAX_VALUE));

      assertThat(sendWithoutEnd(stranger)).isLessThan(FEW_OCTETS);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64 << 10})
  void seeTheAnswerToAShortRequestAndCanAskAgain(int length) throws IOException {
    try (Socket stranger = connect()) {
      for (int i = 0; i < 2; i++) {
        say(
            stranger,
            "POST /v1/state HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(length, "x".repeat(length)));
      }
      say(stranger, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

      assertThat(answer(stranger).split("HTTP/1.1 ", -1))
          .extracting(each -> each.substring(0, Math.min(3, each.length())))
          .containsExactly("", "401", "401", "200");
    }
  }

  /** Requests that don't come to their end, but for an octet now and then. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /livez HTTP/1.1\r\nHost: x\r\nX: ",
        "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
        "PUT /v1/state HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
        "PUT /v2/handover/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
      })
  void areNotWaitedForWithoutEnd(String beginning) throws IOException {
    try (Socket stranger = connect()) {
      say(stranger, beginning);

      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> catchThrowable(() -> say(stranger, "x")) != null);
    }
  }

  @Test
  void areNotWaitedForWhereTheyTakeNoAnswer() throws IOException {
    byte[] requests =
        "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
    try (Socket stranger = connect()) {
      Throwable end =
          catchThrowable(
              () -> {
                while (true) {
                  stranger.getOutputStream().write(requests);
                }
              });

      assertThat(end).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void keepNobodyElseOutHoweverOftenTheyConnect() throws IOException {
    List<Socket> many = new ArrayList<>();
    try {
      for (int i = 0; i < PeerLimits.OF_ONE; i++) {
        many.add(connect());
      }
      Socket refused = connect();
      many.add(refused);
      assertThat(isClosed(refused)).isTrue();

      assertThat(probe("127.0.0.2")).startsWith("HTTP/1.1 200 ");

      many.removeFirst().close();
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(() -> probe("127.0.0.1").startsWith("HTTP/1.1 200 "));
    } finally {
      for (Socket each : many) {
        each.close();
      }
    }
  }

  @Test
  void keepNobodyElseOutFromHoweverManyAddressesTheyConnect() throws IOException {
    List<Socket> many = new ArrayList<>();
    try {
      for (int i = 0; i < PeerLimits.MANY; i++) {
        many.add(connect("127.0.1." + (1 + i / PeerLimits.OF_ONE)));
      }
      Socket refused = connect("127.0.1." + PeerLimits.MANY / PeerLimits.OF_ONE);
      many.add(refused);
      assertThat(isClosed(refused)).isTrue();

      assertThat(probe("127.0.0.2")).startsWith("HTTP/1.1 200 ");
    } finally {
      for (Socket each : many) {
        each.close();
      }
    }
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  private String probe(String from) throws IOException {
    try (Socket socket = connect(from)) {
      say(socket, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      return answer(socket);
    }
  }

  private Socket connect(String from) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), server.port(), InetAddress.getByName(from), 0);
    socket.setSoTimeout((int) SOON.toMillis());
    return socket;
  }
}
