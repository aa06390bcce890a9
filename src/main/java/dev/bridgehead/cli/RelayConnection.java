package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which relay is meant, and the way to it. */
final class RelayConnection {
  private static final Duration CONNECT = Duration.ofSeconds(10);

  @Option(
      names = "--management",
      paramLabel = "URL",
      description = "The relay's management HTTP. Default: http://127.0.0.1:8080.")
  private @Nullable String management;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = {
        "File with its token. Default: BRIDGEHEAD_MANAGEMENT_TOKEN in the environment; in a relay's"
            + " pod the mounted one."
      })
  private @Nullable Path tokenFile;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "Data folder of a relay that run started, where URL and token are found. Default: the one"
            + " in ./bridgehead-data."
      })
  private @Nullable Path data;

  /** An answer's body, to be closed. */
  InputStream get(String path, Map<String, String> query) throws IOException {
    String asked =
        query.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&", query.isEmpty() ? "" : "?", ""));
    return send(path + asked, null);
  }

  /** A whole answer. */
  JsonNode get(String path) throws IOException {
    try (InputStream answer = get(path, Map.of())) {
      return new ObjectMapper().readTree(answer);
    }
  }

  /** The answer to a command. */
  JsonNode post(String path, JsonNode body) throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (InputStream answer = send(path, json.writeValueAsString(body))) {
      return json.readTree(answer);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private InputStream send(String path, @Nullable String body) throws IOException {
    RelayAddress relay =
        RelayAddress.find(management, tokenFile, data, RelayAddress.Surroundings.ofThisProcess());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(relay.url() + path))
            .header("Authorization", "Bearer " + relay.token());
    if (body != null) {
      request.POST(HttpRequest.BodyPublishers.ofString(body));
    }
    // Not closed: that would wait for the body, which the caller reads; the process ends soon.
    HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    try {
      HttpResponse<InputStream> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      if (response.statusCode() == 200) {
        return response.body();
      }
      throw refused(relay, response);
    } catch (ConnectException e) {
      throw new IOException("no relay answers at " + relay + ": is it running?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static IOException refused(RelayAddress relay, HttpResponse<InputStream> response)
      throws IOException {
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(4096), StandardCharsets.UTF_8).strip();
      return new IOException(
          switch (response.statusCode()) {
            case 401 -> "the relay at " + relay + " does not take this token";
            case 400, 404, 500, 503 -> text.isEmpty() ? "HTTP " + response.statusCode() : text;
            default -> "the relay at " + relay + " answers HTTP " + response.statusCode();
          });
    }
  }
}
