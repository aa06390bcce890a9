package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.config.RelayConfig;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever octets come, the server goes on, and accepts exactly the messages that the plainest
 * reader of the same octets finds in them.
 */
class SmtpRandomInputTest {
  private static String stream(Random random) {
    StringBuilder stream = new StringBuilder();
    if (random.nextInt(4) > 0) {
      stream.append("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    }
    for (int i = random.nextInt(25); i >= 0; i--) {
      stream.append(PlainReader.PIECES.get(random.nextInt(PlainReader.PIECES.size())));
    }
    return stream.toString();
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void acceptsExactlyTheMessagesThatAPlainReaderFinds(long seed) throws IOException {
    Random random = new Random(seed);
    RelayConfig config = ServerUnderTest.config(0, true, false, null, "*");
    try (ServerUnderTest server = ServerUnderTest.start(config)) {
      for (int run = 0; run < 700; run++) {
        String stream = stream(random);
        server.spool.kept.clear();
        try (RawClient client = server.connect()) {
          client.reply();
          client.send(stream.getBytes(ISO_8859_1)).endInput();
          client.rest();
        }
        List<String> expected = new PlainReader(false).read(stream);
        assertThat(server.spool.kept).as("seed %d: %s", seed, stream).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(server.spool.kept.get(i).text())
              .as("seed %d: %s", seed, stream)
              .endsWith(expected.get(i));
        }
      }
      assertThat(server.refused(Refusal.INTERNAL)).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32})
  void survivesAnyOctetsAtAll(long seed) throws IOException {
    Random random = new Random(seed);
    try (ServerUnderTest server = ServerUnderTest.start()) {
      for (int run = 0; run < 300; run++) {
        byte[] noise = new byte[random.nextInt(4000)];
        random.nextBytes(noise);
        try (RawClient client = server.connect()) {
          client.send(noise).endInput();
          client.rest();
        } catch (IOException closedWhileSending) {
          assertThat(closedWhileSending).hasMessageContaining("Broken pipe");
        }
      }
      assertThat(server.spool.kept).isEmpty();
      assertThat(server.refused(Refusal.INTERNAL)).isZero();
      try (RawClient client = server.transaction()) {
        assertThat(client.message("still here")).startsWith("250");
      }
    }
  }
}
