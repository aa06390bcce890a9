package dev.bridgehead.relay;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that sends one message, and expects every reply to be positive. */
public final class TestClient implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader replies;

  private TestClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    replies =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  /** Gives back the reply to the end of data. */
  public static String send(int port, String from, String to) throws IOException {
    return send(port, from, to, "Subject: test\r\n\r\nhello\r\n");
  }

  /**
   * @param content with CRLF line ends, and no line that begins with a dot
   */
  public static String send(int port, String from, String to, String content) throws IOException {
    try (TestClient client = new TestClient(port)) {
      client.expect("220");
      client.command("EHLO client.example.org", "250");
      client.command("MAIL FROM:<" + from + ">", "250");
      client.command("RCPT TO:<" + to + ">", "250");
      client.command("DATA", "354");
      return client.command(content + ".", "250");
    }
  }

  /** Asks to be told of success (RFC 3461). */
  public static void sendAskingForSuccess(int port, String from, String to) throws IOException {
    try (TestClient client = new TestClient(port)) {
      client.expect("220");
      client.command("EHLO client.example.org", "250");
      client.command("MAIL FROM:<" + from + "> RET=HDRS ENVID=QQ314159", "250");
      client.command("RCPT TO:<" + to + "> NOTIFY=SUCCESS ORCPT=rfc822;" + to, "250");
      client.command("DATA", "354");
      client.finish();
    }
  }

  /** A client in the middle of its message; {@link #finish} sends the rest. */
  public static TestClient untilData(int port) throws IOException {
    TestClient client = new TestClient(port);
    client.expect("220");
    client.command("EHLO client.example.org", "250");
    client.command("MAIL FROM:<a@example.org>", "250");
    client.command("RCPT TO:<b@example.com>", "250");
    client.command("DATA", "354");
    return client;
  }

  /** Gives back the reply to the end of data. */
  public String finish() throws IOException {
    return command("Subject: test\r\n\r\nhello\r\n.", "250");
  }

  private String command(String line, String code) throws IOException {
    socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    return expect(code);
  }

  private String expect(String code) throws IOException {
    String line;
    do {
      line = replies.readLine();
      if (line == null || !line.startsWith(code)) {
        throw new IOException("expected " + code + ", got " + line);
      }
    } while (line.charAt(3) == '-');
    return line;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
