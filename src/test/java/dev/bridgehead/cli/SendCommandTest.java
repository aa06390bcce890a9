package dev.bridgehead.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;

class SendCommandTest {
  private final List<String> arrived = new CopyOnWriteArrayList<>();
  private final SMTPServer server =
      SMTPServer.port(0)
          .bindAddress(InetAddress.getLoopbackAddress())
          .messageHandler(
              (_, from, to, data) -> {
                if (to.startsWith("nobody")) {
                  throw new RejectException(550, "5.1.1 no such user");
                }
                arrived.add(from + " -> " + to + "\n" + new String(data, US_ASCII));
              })
          .build();

  private record Ended(int code, String out, String err) {}

  private static Ended send(String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] args = new String[options.length + 1];
    args[0] = "send";
    System.arraycopy(options, 0, args, 1, options.length);
    int code =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    return new Ended(code, out.toString(), err.toString());
  }

  private Ended sendTo(String recipient, String... more) {
    String[] options = new String[more.length + 6];
    options[0] = "--server";
    options[1] = "127.0.0.1:" + server.getPortAllocated();
    options[2] = "--from";
    options[3] = "me@example.com";
    options[4] = "--to";
    options[5] = recipient;
    System.arraycopy(more, 0, options, 6, more.length);
    return send(options);
  }

  @BeforeEach
  void start() {
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  @Test
  void showsEachCommandAndReplyOfATestMessage() {
    Ended ended = sendTo("you@example.net", "--subject", "one\r\nBcc: other@example.net");

    assertThat(ended.out())
        .contains(
            "< 220 ", "> EHLO ", "> MAIL FROM:<me@example.com>", "> RCPT TO:<you@example.net>")
        .contains("> DATA", "< 354 ", "> QUIT", "you@example.net: accepted: 250 ");
    assertThat(ended.code()).isZero();
    assertThat(arrived).hasSize(1);
    assertThat(arrived.getFirst())
        .startsWith("me@example.com -> you@example.net\n")
        .contains("\r\nSubject: one Bcc: other@example.net\r\n", "\r\nMessage-ID: <", "\r\nDate: ");
  }

  @Test
  void aRefusalIsShownAndFails() {
    Ended ended = sendTo("nobody@example.net");

    assertThat(ended.out()).contains("nobody@example.net: refused: ", "5.1.1 no such user");
    assertThat(ended.code()).isEqualTo(1);
  }

  @Test
  void aMessageFromAFileChangesNothingButItsLineEnds(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("m.eml"), "Subject: x\n\n.dot\r\nend");

    assertThat(sendTo("you@example.net", "--message", file.toString()).code()).isZero();

    assertThat(arrived.getFirst()).contains("Subject: x\r\n\r\n.dot\r\nend");
  }

  @Test
  void aServerThatIsNotThereIsOneLine() throws IOException {
    int nobody;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = closed.getLocalPort();
    }
    Ended ended =
        send("--server", "127.0.0.1:" + nobody, "--from", "a@example.com", "--to", "b@example.net");

    assertThat(ended.out()).contains("Connection refused").hasLineCount(1);
    assertThat(ended.code()).isEqualTo(1);
  }

  @Test
  void wrongUsageIsOneLineThatSaysWhatIsWrong() {
    assertThat(send("--server", "localhost", "--from", "a@example.com", "--to", "b@example.net"))
        .satisfies(
            ended -> {
              assertThat(ended.err()).contains("must be HOST:PORT").hasLineCount(1);
              assertThat(ended.code()).isEqualTo(2);
            });
    assertThat(sendTo("you").err()).contains("--to: you: must be a mail address").hasLineCount(1);
    assertThat(sendTo("you@example.net", "--message", "nix.eml").err())
        .contains("nix.eml: no such file")
        .hasLineCount(1);
  }
}
