package dev.bridgehead.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a relay's management HTTP is, and the token it asks for.
 *
 * @param url without a path
 */
record RelayAddress(URI url, String token) {
  static final String TOKEN_VARIABLE = "BRIDGEHEAD_MANAGEMENT_TOKEN";
  private static final String POD_URL = "http://127.0.0.1:8080";

  /** Where things lie; a test puts its own in place. */
  record Surroundings(Map<String, String> environment, Path podToken, Path laptops) {
    static Surroundings ofThisProcess() {
      return new Surroundings(
          System.getenv(),
          Path.of("/etc/bridgehead/management-token"), // where the operator mounts it
          Path.of("bridgehead-data"));
    }
  }

  /** The token never shows. */
  @Override
  public String toString() {
    return url.toString();
  }

  /**
   * Finds it: what was said, then the environment, then the pod's own, then what {@code run} left
   * in this folder.
   *
   * @param data the folder of a relay that {@code run} started
   * @throws IOException with one line that says what is missing
   */
  static RelayAddress find(
      @Nullable String management,
      @Nullable Path tokenFile,
      @Nullable Path data,
      Surroundings surroundings)
      throws IOException {
    if (data != null) {
      return laptop(data.resolve(Laptop.FILE));
    }
    String variable = surroundings.environment().get(TOKEN_VARIABLE);
    URI url = url(management == null ? POD_URL : management);
    if (tokenFile != null) {
      return new RelayAddress(url, token(tokenFile));
    }
    if (variable != null) {
      return new RelayAddress(url, variable.strip());
    }
    if (Files.exists(surroundings.podToken())) {
      return new RelayAddress(url, token(surroundings.podToken()));
    }
    if (management != null) {
      throw new IOException(
          "a token is needed: --token-file, or " + TOKEN_VARIABLE + " in the environment");
    }
    return onlyLaptop(surroundings.laptops());
  }

  private static URI url(String text) throws IOException {
    String whole = text.contains("://") ? text : "http://" + text;
    try {
      URI url = URI.create(whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole);
      if (url.getHost() != null
          && (url.getPath() == null || url.getPath().isEmpty())
          && "http".equals(url.getScheme())) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(notUrl(text), e);
    }
    throw new IOException(notUrl(text));
  }

  private static String notUrl(String text) {
    return "--management: \"" + text + "\": must be http://HOST:PORT";
  }

  private static String token(Path file) throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": no such file", e);
    } catch (IOException e) {
      throw new IOException(file + " can't be read: " + e, e);
    }
  }

  private static RelayAddress onlyLaptop(Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> each = Files.newDirectoryStream(folder)) {
        for (Path data : each) {
          if (alive(data.resolve(Laptop.FILE))) {
            found.add(data);
          }
        }
      }
    }
    if (found.isEmpty()) {
      throw new IOException(
          "no relay found: this is no relay's pod, and none runs in this folder: say --data DIR as"
              + " given to run, or --management URL and --token-file FILE");
    }
    if (found.size() > 1) {
      throw new IOException(
          "several relays run here: choose one with --data: "
              + found.stream().sorted().map(Path::toString).collect(Collectors.joining(", ")));
    }
    return laptop(found.getFirst().resolve(Laptop.FILE));
  }

  private static boolean alive(Path file) throws IOException {
    return Files.exists(file)
        && ProcessHandle.of(new ObjectMapper().readTree(file.toFile()).path("pid").asLong())
            .isPresent();
  }

  private static RelayAddress laptop(Path file) throws IOException {
    try {
      JsonNode json = new ObjectMapper().readTree(Files.readAllBytes(file));
      return new RelayAddress(url(json.path("url").asText()), json.path("token").asText());
    } catch (NoSuchFileException e) {
      throw new IOException(
          file + ": no such file: no relay runs with this data folder, or it is another one", e);
    }
  }
}
