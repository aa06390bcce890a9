package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmtpPipeliningTest {
  private static final String FIRST =
      "EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
  private static final String BODY = "Subject: one\r\n\r\n..dot\r\n.\r\n";
  private static final String SECOND =
      "MAIL FROM:<>\r\nRCPT TO:<e@f.example>\r\nRCPT TO:<bad>\r\nDATA\r\nSubject: two\r\n\r\nx\r\n"
          + ".\r\nRSET\r\nQUIT\r\n";
  private static final String ALL = FIRST + BODY + SECOND;

  private ServerUnderTest server;

  @BeforeEach
  void start() throws IOException {
    server = ServerUnderTest.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String converse(byte[]... parts) throws IOException {
    try (RawClient client = server.connect()) {
      for (byte[] part : parts) {
        client.send(part);
      }
      return client.rest().replaceAll("TEST[0-9]+", "ID");
    }
  }

  private static final String EXPECTED =
      """
      220 mail.example.com ESMTP Bridgehead
      250-mail.example.com
      250-PIPELINING
      250-SIZE 100000
      250-8BITMIME
      250-ENHANCEDSTATUSCODES
      250-DSN
      250-SMTPUTF8
      250-CHUNKING
      250 LIMITS RCPTMAX=1000
      250 2.1.0 sender ok
      250 2.1.5 recipient ok
      354 end data with <CR><LF>.<CR><LF>
      250 2.0.0 queued as ID
      250 2.1.0 sender ok
      250 2.1.5 recipient ok
      501 5.1.3 the domain is missing
      354 end data with <CR><LF>.<CR><LF>
      250 2.0.0 queued as ID
      250 2.0.0 ok
      221 2.0.0 bye
      """;

  @Test
  void twoMessagesSplitAnywhereAreTwoMessages() throws IOException {
    byte[] all = ALL.getBytes(ISO_8859_1);
    for (int split = 0; split <= all.length; split++) {
      assertThat(converse(Arrays.copyOf(all, split), Arrays.copyOfRange(all, split, all.length)))
          .as("split at %d", split)
          .isEqualTo(EXPECTED);
    }
    assertThat(server.spool.kept).hasSize(2 * (all.length + 1));
    assertThat(server.spool.kept.stream().filter(kept -> kept.text().endsWith("\r\n.dot\r\n")))
        .hasSize(all.length + 1);
  }

  @Test
  void anOctetAtATimeIsTheSame() throws IOException {
    byte[] all = ALL.getBytes(ISO_8859_1);
    byte[][] octets = new byte[all.length][];
    for (int i = 0; i < all.length; i++) {
      octets[i] = new byte[] {all[i]};
    }
    assertThat(converse(octets)).isEqualTo(EXPECTED);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void bigMessagesInOddPiecesArriveUnchanged(long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder content = new StringBuilder("Date: x\r\nMessage-ID: <a@b>\r\n\r\n");
    while (content.length() < ServerUnderTest.MAX_MESSAGE - 200) {
      content.append(".".repeat(random.nextInt(3)));
      content.append("z".repeat(random.nextInt(150))).append("\r\n");
    }
    String stuffed = content.toString().replace("\r\n.", "\r\n..");
    byte[] octets = (stuffed + ".\r\n").getBytes(ISO_8859_1);
    try (RawClient client = server.transaction()) {
      client.ask("DATA");
      for (int at = 0; at < octets.length; ) {
        int next = Math.min(octets.length, at + 1 + random.nextInt(5000));
        client.send(Arrays.copyOfRange(octets, at, next));
        at = next;
      }
      assertThat(client.reply()).startsWith("250");
    }
    assertThat(server.spool.only().text()).endsWith(content);
  }
}
