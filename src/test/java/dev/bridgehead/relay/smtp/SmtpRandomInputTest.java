package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.config.RelayConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever octets come, the server goes on, and accepts exactly the messages that the plainest
 * reader of the same octets finds in them.
 */
class SmtpRandomInputTest {
  private static final String[] PIECES = {
    "\r\n",
    "\r\n",
    "\r\n",
    "\r",
    "\n",
    "\0",
    ".",
    ".",
    "\r\n.\r\n",
    "\r\n.\r\n",
    "\n.\n",
    "\r\n.\n",
    "\n.\r\n",
    "\r.\r",
    "EHLO x\r\n",
    "MAIL FROM:<a@b.example>\r\n",
    "MAIL FROM:<a@b.example>\r\n",
    "RCPT TO:<c@d.example>\r\n",
    "RCPT TO:<c@d.example>\r\n",
    "DATA\r\n",
    "DATA\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "BDAT 10 LAST\r\n",
    "BDAT 12\r\n",
    "BDAT 0 LAST\r\n",
    "bdat 2\r\n",
    "BDAT 1x\r\n",
    "MAIL FROM:",
    "<",
    ">",
    "\"",
    "Subject: x",
    "text",
    "ü",
    "\t",
    " ",
    "QUIT\r\n",
    "GET / HTTP/1.1\r\n",
    "STARTTLS\r\n",
    "HELO y\r\n"
  };

  /** Bodies of the messages that a stream of octets holds, read by string search. */
  private static final class PlainReader {
    private static final String BAD = "(?s).*[\r\n\0].*";
    private final List<String> bodies = new ArrayList<>();
    private boolean greeted;
    private boolean mail;
    private boolean rcpt;
    private String chunks = "";
    private boolean chunked;
    private boolean chunkRefused;
    private int errors;

    List<String> read(String stream) {
      String rest = stream;
      boolean dataRefused = false;
      for (int end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
        String line = rest.substring(0, end);
        rest = rest.substring(end + 2);
        boolean unknown =
            !line.matches(
                "(EHLO x|HELO y|MAIL FROM:<a@b.example>"
                    + "|RCPT TO:<c@d.example>|DATA|RSET|NOOP|QUIT|STARTTLS|GET .*|BDAT .*) *");
        if (dataRefused && unknown) {
          return bodies;
        }
        dataRefused = false;
        switch (line.replaceAll(" +$", "")) {
          case "EHLO x", "HELO y" -> {
            greeted = true;
            reset();
          }
          case "MAIL FROM:<a@b.example>" -> {
            errors += greeted && !mail ? 0 : 1;
            mail |= greeted;
          }
          case "RCPT TO:<c@d.example>" -> {
            errors += mail && !chunked ? 0 : 1;
            rcpt |= mail && !chunked;
          }
          case "BDAT 10 LAST", "BDAT 12", "BDAT 0 LAST", "bdat 2" -> {
            int size = Integer.parseInt(line.split(" ")[1]);
            if (rest.length() < size) {
              return bodies;
            }
            chunk(rest.substring(0, size), line.contains("LAST"));
            rest = rest.substring(size);
          }
          case "RSET" -> reset();
          case "NOOP" -> {}
          case "QUIT" -> {
            return bodies;
          }
          case "DATA" -> {
            if (!rcpt || chunked) {
              return bodies; // all octets come at once: a refused DATA with more behind it closes
            }
            int bodyEnd = ("\r\n" + rest).indexOf("\r\n.\r\n");
            if (bodyEnd < 0) {
              return bodies;
            }
            take(rest.substring(0, bodyEnd));
            rest = rest.substring(bodyEnd + 3);
          }
          default -> {
            if (line.startsWith("BDAT ") || line.startsWith("GET ")) {
              return bodies;
            }
            errors++;
          }
        }
        if (errors >= 20) {
          return bodies;
        }
      }
      return bodies;
    }

    private void chunk(String octets, boolean last) {
      if (!mail) {
        errors++;
        return;
      }
      chunked = true;
      if (!chunkRefused) {
        chunks += octets;
        // A CR at the end may yet be followed by its LF.
        String whole =
            !last && chunks.endsWith("\r") ? chunks.substring(0, chunks.length() - 1) : chunks;
        boolean bad = whole.replace("\r\n", "").matches(BAD);
        chunkRefused = bad || !rcpt;
        errors += chunkRefused ? 1 : 0;
      }
      if (last) {
        if (!chunkRefused) {
          bodies.add(chunks.isEmpty() || chunks.endsWith("\r\n") ? chunks : chunks + "\r\n");
          errors = 0;
        }
        reset();
      }
    }

    private void take(String body) {
      reset();
      if (body.replace("\r\n", "").matches(BAD)) {
        errors++;
      } else {
        bodies.add(("\r\n" + body).replace("\r\n.", "\r\n").substring(2));
        errors = 0;
      }
    }

    private void reset() {
      mail = false;
      rcpt = false;
      chunks = "";
      chunked = false;
      chunkRefused = false;
    }
  }

  private static String stream(Random random) {
    StringBuilder stream = new StringBuilder();
    if (random.nextInt(4) > 0) {
      stream.append("EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
    }
    for (int i = random.nextInt(25); i >= 0; i--) {
      stream.append(PIECES[random.nextInt(PIECES.length)]);
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
        List<String> expected = new PlainReader().read(stream);
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
