package dev.bridgehead.relay.delivery;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Failed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Next hops that answer a message before its end has come. */
class EarlyReplyTest {
  /** More than sockets hold: the relay is still sending when the reply comes. */
  private static final byte[] MESSAGE =
      ("Subject: long\r\n\r\n" + ("x".repeat(76) + "\r\n").repeat(150_000)).getBytes(US_ASCII);

  private enum Then {
    READS_ON,
    CLOSES,
    RESETS
  }

  /** Answers as every server does up to 354; then says its word at once. */
  private static void serve(Socket socket, String word, Then then) throws IOException {
    try (socket) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      BufferedReader commands = new BufferedReader(new InputStreamReader(in, US_ASCII), 1);
      say(out, "220 host.example.test ESMTP");
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        if (line.equals("DATA")) {
          say(out, "354 go on");
          in.readNBytes(1 << 16);
          say(out, word);
          if (then == Then.READS_ON) {
            in.transferTo(OutputStream.nullOutputStream());
          } else if (then == Then.RESETS) {
            socket.setSoLinger(true, 0);
          } else {
            socket.shutdownOutput();
            in.skip(1 << 20);
          }
          return;
        }
        say(out, line.equals("QUIT") ? "221 bye" : "250 ok");
      }
    }
  }

  private static void say(OutputStream out, String line) throws IOException {
    out.write((line + "\r\n").getBytes(US_ASCII));
  }

  private static Outcome outcome(String word, Then then) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                while (!server.isClosed()) {
                  try {
                    Socket socket = server.accept();
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              try {
                                serve(socket, word, then);
                              } catch (IOException gone) {
                                // the relay hung up: so it may
                              }
                            });
                  } catch (IOException closed) {
                    return;
                  }
                }
              });
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
      try (SmtpDelivery delivery = Deliveries.to(address).start()) {
        List<Outcome> outcomes = delivery.attempt(Deliveries.message(MESSAGE, "rcpt@example.test"));
        return outcomes.getFirst();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "552 5.3.4 too big, READS_ON",
    "452 4.3.1 full, READS_ON",
    "421 4.3.2 going down, READS_ON",
    "552 5.3.4 too big, CLOSES",
    "452 4.3.1 full, CLOSES",
    "421 4.3.2 going down, CLOSES",
    "552 5.3.4 too big, RESETS",
    "452 4.3.1 full, RESETS",
    "421 4.3.2 going down, RESETS",
    "250 2.0.0 taken before its end, CLOSES",
    "nonsense, READS_ON"
  })
  @DisplayName("case 24: a reply that comes while the message is being sent never means delivered")
  void anEarlyReplyNeverMeansDelivered(String word, Then then) throws IOException {
    Outcome outcome = outcome(word, then);

    assertThat(outcome).isNotInstanceOf(Delivered.class);
    if (!word.startsWith("5")) {
      assertThat(outcome).isInstanceOf(Deferred.class);
    } else if (then == Then.READS_ON) {
      assertThat(outcome).isInstanceOf(Failed.class);
    }
  }
}
