package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Reply;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyReaderTest {
  private static final Duration TIME = Duration.ofSeconds(5);

  @Test
  void readsALine() throws IOException {
    assertThat(read("250 Ok\r\n")).isEqualTo(new Reply(250, null, List.of("Ok")));
  }

  @Test
  void readsTheEnhancedStatusApartFromTheText() throws IOException {
    Reply reply = read("550-5.1.1 no such\r\n550 5.1.1 user\r\n");

    assertThat(reply.status()).isEqualTo(new EnhancedStatus(5, 1, 1));
    assertThat(reply.lines()).containsExactly("no such", "user");
    assertThat(reply).hasToString("550 5.1.1 no such user");
  }

  @Test
  void ignoresAStatusThatContradictsTheCode() throws IOException {
    assertThat(read("450 5.1.1 later\r\n").status()).isNull();
  }

  @Test
  void readsACodeWithoutText() throws IOException {
    assertThat(read("250\r\n").lines()).containsExactly("");
    assertThat(read("250-\r\n250 \r\n").lines()).containsExactly("", "");
  }

  @Test
  void keepsTheStartOfALongRefusalAndReadsAllOfIt() throws IOException {
    String line = "x".repeat(1000);
    Reply reply = read(("550-" + line + "\r\n").repeat(99) + "550 end\r\n");

    assertThat(reply.lines()).containsExactly(line, line, line, line, "x".repeat(96));
    assertThatThrownBy(() -> read("550-\r\n" + ("550-" + line + "\r\n").repeat(100)))
        .isInstanceOf(ProtocolFault.class);
  }

  @Test
  void keepsAllOfALongAnswerThatMayListExtensions() throws IOException {
    String line = "X".repeat(1000);

    assertThat(read(("250-" + line + "\r\n").repeat(99) + "250 END\r\n").lines())
        .hasSize(100)
        .endsWith(line, "END");
  }

  @Test
  void readsALineThatEndsWithLfOnly() throws IOException {
    assertThat(read("250-a\n250 b\n").lines()).containsExactly("a", "b");
  }

  @Test
  void replacesWhatCouldForgeALogLine() throws IOException {
    String text = read("550 a\u001b[31mb\rc\u0000d\u202ee\u2028f\u0085g\r\n").lines().getFirst();

    assertThat(text).isEqualTo("a?[31mb?c?d?e?f?g");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n",
        "\r\n",
        "25\r\n",
        "250_ok\r\n",
        "150 wait\r\n",
        "600 what\r\n",
        "250-a\r\n251 b\r\n",
        "250-a\r\nb\r\n",
        "٢٥٠ ok\r\n"
      })
  void refusesWhatIsNoReply(String text) {
    assertThatThrownBy(() -> read(text)).isInstanceOf(ProtocolFault.class);
  }

  @Test
  void refusesAnEndlessLine() {
    assertThat(failure("250 " + "x".repeat(ReplyReader.MAX_LINE) + "\r\n"))
        .isInstanceOf(ProtocolFault.class);
  }

  @Test
  void refusesEndlessLines() {
    assertThat(failure("250-x\r\n".repeat(ReplyReader.MAX_LINES + 1)))
        .isInstanceOf(ProtocolFault.class);
  }

  @Test
  void readsAsManyLinesAsAreAllowed() throws IOException {
    Reply reply = read("250-x\r\n".repeat(ReplyReader.MAX_LINES - 1) + "250 x\r\n");

    assertThat(reply.lines()).hasSize(ReplyReader.MAX_LINES);
  }

  @Test
  void tellsAnEndOfTheConnection() {
    assertThat(failure("250-a\r\n25")).isInstanceOf(EOFException.class);
  }

  @Test
  void givesUpAPeerThatSendsOctetByOctet() {
    // Each octet comes in time; the reply never does.
    ReplyReader reader =
        new ReplyReader(
            (into, from, _) -> {
              LockSupport.parkNanos(2_000_000);
              into[from] = 'x';
              return 1;
            });

    assertThatThrownBy(() -> reader.read(Duration.ofMillis(50)))
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void keepsWhatCameWithTheReply() throws IOException {
    ReplyReader reader = reader("220 go\r\n250 injected\r\n", 100);
    reader.read(TIME);

    assertThat(reader.hasLeftovers()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void readsARandomReplyOrRefusesItButNeverBreaks(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      String text = randomText(random);
      Throwable failure = failure(text, 1 + random.nextInt(5));
      if (failure != null) {
        assertThat(failure).as("seed %d: %s", seed, text).isInstanceOf(IOException.class);
      }
    }
  }

  private static String randomText(Random random) {
    String alphabet = "0123456789245 -.\r\nax\u0000ÿ";
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "250" : "");
    int length = random.nextInt(40);
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.append(random.nextBoolean() ? "\r\n" : "").toString();
  }

  private static Reply read(String text) throws IOException {
    return reader(text, 3).read(TIME);
  }

  private static @Nullable Throwable failure(String text) {
    return failure(text, 1000);
  }

  private static @Nullable Throwable failure(String text, int piece) {
    try {
      reader(text, piece).read(TIME);
      return null;
    } catch (IOException | RuntimeException e) {
      return e;
    }
  }

  private static ReplyReader reader(String text, int piece) {
    InputStream in = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    return new ReplyReader((into, from, most) -> in.read(into, from, Math.min(piece, most)));
  }
}
