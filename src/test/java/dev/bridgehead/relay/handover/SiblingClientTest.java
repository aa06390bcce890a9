package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a relay that hands over makes of whatever listens at a sibling's address. */
class SiblingClientTest {
  private static SiblingClient client(ServerSocket sibling) {
    return new SiblingClient(
        new Place("test-edge", 1),
        TestSender.SPOOL,
        _ -> URI.create("http://127.0.0.1:" + sibling.getLocalPort()),
        () -> Taker.TOKEN,
        new SimpleMeterRegistry());
  }

  private static ServerSocket listening(int backlog) throws IOException {
    return new ServerSocket(0, backlog, InetAddress.getLoopbackAddress());
  }

  private static void answerOne(ServerSocket at, String answer) {
    try (Socket socket = at.accept()) {
      InputStream in = socket.getInputStream();
      int unused = in.read(new byte[4096]);
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s\r\n\r\n",
        "HTTP/1.1 503 x\r\nContent-Length: 5000\r\n\r\n%s",
        "HTTP/1.1 200 x\r\nContent-Length: %s\r\n\r\n",
        "HTTP/1.1 200 x\r\n%s: x\r\n\r\n"
      })
  void saysOfWhatItDoesNotUnderstandNoMoreThanALogCanBear(String answer) throws Exception {
    String nonsense = "\u001b[2J\u0007 " + "x".repeat(4995);
    try (ServerSocket impostor = listening(10);
        SiblingClient client = client(impostor)) {
      Thread one = Thread.ofVirtual().start(() -> answerOne(impostor, answer.formatted(nonsense)));

      Throwable failure = catchThrowable(() -> client.begin(Taker.PLACE));

      one.join();
      assertThat(failure).isInstanceOf(IOException.class);
      assertThat(failure.getMessage()).hasSizeLessThan(300).matches("[\\x20-\\x7e]*");
    }
  }
}
