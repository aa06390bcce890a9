package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.bridgehead.relay.handover.SiblingClient.Reply;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures.Leaving;
import dev.bridgehead.relay.spool.MessageState;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
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

  @Test
  void knowsOfAConnectionThatWasNotMadeInTimeThatNothingWasOffered() throws Exception {
    List<Socket> others = new ArrayList<>();
    try (ServerSocket full = listening(1);
        SiblingClient client = client(full)) {
      fill(full, others);
      Envelope envelope = QueueOnDisk.envelope("b");
      Leaving leaving =
          new Leaving(new QueueId("0123456789ABCDEF"), envelope, 0, MessageState.fresh(envelope));

      Reply reply = client.offer(Taker.PLACE, "a.session", leaving, InputStream::nullInputStream);

      assertThat(reply).isEqualTo(new Reply.Refused(TakeOver.CLOSED, "no connection within 5 s"));
    } finally {
      for (Socket each : others) {
        each.close();
      }
    }
  }

  /** Until the kernel takes no more connections that nobody accepts. */
  private static void fill(ServerSocket full, List<Socket> others) throws IOException {
    while (others.size() < 100) {
      Socket next = new Socket();
      others.add(next);
      try {
        next.connect(full.getLocalSocketAddress(), 500);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
    throw new AssertionError("it takes any number");
  }
}
