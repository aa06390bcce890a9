package dev.bridgehead.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is said of answers that are refusals. The server stands in for a relay that stops or whose
 * disk fails: neither can be held still for a command to come.
 */
class RelayConnectionTest {
  private final Path token;

  RelayConnectionTest(@TempDir Path folder) throws IOException {
    token = Files.writeString(folder.resolve("token"), "secret\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 500, 503})
  void saysWhatTheRelaySays(int status) throws IOException {
    assertThat(said(status, "this relay is stopping: try again when it runs\n"))
        .contains("this relay is stopping: try again when it runs")
        .hasLineCount(1);
  }

  @Test
  void saysTheStatusWhereTheRelaySaysNothing() throws IOException {
    assertThat(said(503, "")).contains("HTTP 503").hasLineCount(1);
  }

  private String said(int status, String body) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] octets = body.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
          exchange.getResponseBody().write(octets);
          exchange.close();
        });
    server.start();
    try {
      StringWriter err = new StringWriter();
      int code =
          Main.commandLine()
              .setErr(new PrintWriter(err))
              .execute(
                  "queue",
                  "stats",
                  "--management",
                  "http://127.0.0.1:" + server.getAddress().getPort(),
                  "--token-file",
                  token.toString());
      assertThat(code).isEqualTo(1);
      return err.toString();
    } finally {
      server.stop(0);
    }
  }
}
