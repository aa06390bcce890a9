package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.testbed.SelfSigned;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Case 6, CVE-2011-0411: what somebody put behind STARTTLS in the clear is never taken for what the
 * client says inside TLS.
 */
@Timeout(120)
class StartTlsInjectionTest {
  private static final SelfSigned SERVER = SelfSigned.of(ServerUnderTest.HOSTNAME);
  private static final SSLContext CLIENT = TlsClients.trusting(SERVER);

  private static final String ATTACK =
      "STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<evil@client.example>\r\n"
          + "RCPT TO:<victim@example.org>\r\nDATA\r\nevil\r\n.\r\n";

  /** Each place where the attack can be parted in two segments, and one octet at a time. */
  static List<int[]> chunkings() {
    List<int[]> all = new ArrayList<>();
    for (int cut = 0; cut <= 40; cut++) {
      all.add(new int[] {cut});
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("chunkings")
  @DisplayName("case 06: nothing behind STARTTLS in the clear is ever run")
  void nothingBehindStartTlsIsEverRun(int[] cut) throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client = server.session()) {
      int at = cut[0];
      String heard;
      try {
        client.send(ATTACK.substring(0, at)).send(ATTACK.substring(at));
        heard = client.octets();
      } catch (IOException closedUnderUs) {
        heard = "";
      }
      // Either it came before the server answered, or it was no handshake.
      assertThat(heard).matches("(554 5\\.5\\.0 [ -~]+\r\n|220 2\\.0\\.0 [ -~]+\r\n[^2]{0,16})?");
      assertThat(server.spool.kept).isEmpty();
      assertThat(server.handedOver).isEmpty();
    }
  }

  @Test
  void whatStandsInTheSameSegmentIsRefused() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client = server.session()) {
      assertThat(client.send("STARTTLS\r\nRSET\r\n").rest())
          .isEqualTo("554 5.5.0 nothing may follow STARTTLS before its reply\n");
      assertThat(server.refused(Refusal.BAD_SEQUENCE)).isEqualTo(1);
    }
  }

  @Test
  void soIsTheBeginningOfALine() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client = server.session()) {
      assertThat(client.send("STARTTLS\r\nE").rest()).startsWith("554 5.5.0");
    }
  }

  @Test
  void whatComesBetweenReplyAndHandshakeFailsTheHandshake() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client = server.session()) {
      client.ask("STARTTLS");
      client.send("EHLO evil.example\r\n");
      assertThatThrownBy(() -> client.secure(CLIENT)).isInstanceOf(IOException.class);
      assertThat(
              server
                  .metrics
                  .get("bridgehead.smtp.tls.handshakes")
                  .tag("result", "failed")
                  .counter()
                  .count())
          .isEqualTo(1);
    }
  }

  /** What came in before must have been answered, and nothing of it is left. */
  @Test
  void aPipelinedGroupThatEndsWithStartTlsIsFine() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(TlsClients.config(SERVER));
        RawClient client = server.connect()) {
      client.reply();
      client.send("EHLO client.example\r\nNOOP\r\nSTARTTLS\r\n");
      assertThat(client.reply()).startsWith("250-");
      assertThat(client.reply()).startsWith("250 ");
      assertThat(client.reply()).startsWith("220 ");
      client.secure(CLIENT);
      assertThat(client.ask("NOOP")).startsWith("250");
    }
  }
}
