package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpAnswerTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";

  static Stream<Arguments> taken() {
    return Stream.of(
        arguments(OK + "Content-Length: 4\r\n\r\nbody and more"),
        arguments(
            "HTTP/1.0 200\nContent-type:text/plain; charset=utf-8\nContent-Length: 4\n\nbody"),
        arguments(OK.replace("text/plain", "TEXT/Plain ;x=y") + "content-length:4\r\n\r\nbody"),
        arguments(
            OK
                + "Content-Encoding: identity\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody"),
        arguments(
            OK
                + "Transfer-Encoding: chunked\r\n\r\n1\r\nb\r\n03;x=\"y\"\r\nody\r\n0\r\nTrailer: x\r\n\r\n"));
  }

  @ParameterizedTest
  @MethodSource
  void taken(String answer) throws Exception {
    assertThat(read(answer)).isEqualTo("body");
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments("", "ends the connection within its answer"),
        arguments("220 mail.example.com ESMTP\r\n", "does not answer with HTTP/1.1"),
        arguments("HTTP/2 200 OK\r\n\r\n", "does not answer with HTTP/1.1"),
        arguments(
            "HTTP/1.1 301 Moved\r\nLocation: https://evil.test/\r\n\r\n",
            "redirects (301), which is not followed"),
        arguments(
            "HTTP/1.1 307 X\r\nLocation: http://169.254.169.254/\r\n\r\n",
            "redirects (307), which is not followed"),
        arguments("HTTP/1.1 304 Not Modified\r\n\r\n", "redirects (304), which is not followed"),
        arguments(
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n\r\nversion", "answers 404"),
        arguments("HTTP/1.1 204 No Content\r\n\r\n", "answers 204"),
        arguments("HTTP/1.1 100 Continue\r\n\r\n" + OK + "\r\nbody", "answers 100"),
        arguments(
            "HTTP/1.1 200 OK\r\n\r\nbody", "answers with another content type than text/plain"),
        arguments(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
            "answers with another content type than text/plain"),
        arguments(
            OK + "Content-Type: text/html\r\n\r\n",
            "answers with two different fields content-type"),
        arguments(
            OK + "Content-Encoding: gzip\r\n\r\n",
            "answers with a content encoding that was not asked for"),
        arguments(OK + " folded\r\n\r\n", "answers with a header that is none"),
        arguments(OK + "Content-Length : 4\r\n\r\nbody", "answers with a header that is none"),
        arguments(OK + "Content-Length: -1\r\n\r\n", "answers with a content length that is none"),
        arguments(
            OK + "Content-Length: +4\r\n\r\nbody", "answers with a content length that is none"),
        arguments(
            OK + "Content-Length: 99999999999999999999\r\n\r\n",
            "answers with a content length that is none"),
        arguments(OK + "Content-Length: 65537\r\n\r\n", "answers with more than 65536 octets"),
        arguments(
            OK + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
            "answers with two different fields content-length"),
        arguments(OK + "Content-Length: 5\r\n\r\nbody", "ends the connection within its answer"),
        arguments(OK + "\r\nbody", "does not say how long its answer is"),
        arguments(
            OK + "Transfer-Encoding: gzip, chunked\r\n\r\n",
            "answers with a transfer encoding that is not understood"),
        arguments(
            OK + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
            "answers with a transfer encoding that is not understood"),
        arguments(
            OK + "Transfer-Encoding: chunked\r\n\r\nbody", "ends the connection within its answer"),
        arguments(
            OK + "Transfer-Encoding: chunked\r\n\r\n-1\r\n", "answers with a chunk without a size"),
        arguments(
            OK + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n",
            "answers with more than 65536 octets"),
        arguments(
            OK + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody!\r\n",
            "answers with a chunk that does not end"),
        arguments(
            OK
                + "Transfer-Encoding: chunked\r\n\r\n"
                + ("8000\r\n" + "x".repeat(0x8000) + "\r\n").repeat(3),
            "answers with more than 65536 octets"),
        arguments(
            OK
                + "Transfer-Encoding: chunked\r\n\r\n"
                + ("1;" + "x".repeat(1000) + "\r\nx\r\n").repeat(1000),
            "answers with more header than anybody needs"),
        arguments(
            OK + "X: " + "y".repeat(20_000) + "\r\n\r\nbody",
            "answers with more header than anybody needs"),
        arguments(OK + "X: y\r\n".repeat(10_000), "answers with more header than anybody needs"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  @DisplayName("case 18: answers that are no policy are refused within bounds")
  void refusesWithinBounds(String answer, String why) {
    assertThatExceptionOfType(PolicyFailure.class)
        .isThrownBy(() -> read(answer))
        .withMessage(why)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(PolicyFailure.Reason.HTTP));
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  @DisplayName("case 18: random answers end in a body or in one line")
  void randomOnesEndInABodyOrInOneLine(long seed) {
    Random random = new Random(seed);
    String[] seeds = {
      OK + "Content-Length: 4\r\n\r\nbody",
      OK + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
      OK + "Content-Length: 4\r\nX: y\r\n\r\nbody!"
    };
    int taken = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] octets = seeds[random.nextInt(3)].getBytes(StandardCharsets.US_ASCII);
      for (int i = random.nextInt(4); i > 0; i--) {
        octets[random.nextInt(octets.length)] =
            (byte)
                (random.nextBoolean() ? "\r\n 0:;19f".charAt(random.nextInt(9)) : random.nextInt());
      }
      try {
        assertThat(HttpAnswer.read(new ByteArrayInputStream(octets)).length).isLessThan(100);
        taken++;
      } catch (PolicyFailure e) {
        assertThat(e.text()).as("seed %d round %d", seed, round).matches("[ -~]{1,300}");
      } catch (IOException e) {
        throw new AssertionError("seed %d round %d".formatted(seed, round), e);
      }
    }
    assertThat(taken).isBetween(5_000, 19_999);
  }

  @Test
  void leavesWhatFollowsWhereTheLengthIsKnown() throws Exception {
    ByteArrayInputStream in =
        new ByteArrayInputStream(
            (OK + "Content-Length: 4\r\n\r\nbody!").getBytes(StandardCharsets.US_ASCII));
    HttpAnswer.read(in);
    assertThat(in.read()).isEqualTo('!');
  }

  private static String read(String answer) throws IOException, PolicyFailure {
    byte[] octets = answer.getBytes(StandardCharsets.ISO_8859_1);
    return new String(
        HttpAnswer.read(new ByteArrayInputStream(octets)), StandardCharsets.ISO_8859_1);
  }
}
