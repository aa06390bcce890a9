package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.cli.RelayAddress.Surroundings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which relay is meant where nothing, or little, is said. */
class RelayAddressTest {
  private final Path folder;
  private final Path podToken;
  private final Path laptops;

  RelayAddressTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.podToken = folder.resolve("management-token");
    this.laptops = Files.createDirectory(folder.resolve("bridgehead-data"));
  }

  private Surroundings surroundings(Map<String, String> environment) {
    return new Surroundings(environment, podToken, laptops);
  }

  private Path laptop(String name, long pid, int port) throws IOException {
    Path data = Files.createDirectory(laptops.resolve(name));
    Files.writeString(
        data.resolve("management.json"),
        "{\"url\": \"http://127.0.0.1:%d\", \"token\": \"t-%s\", \"pid\": %d}"
            .formatted(port, name, pid));
    return data;
  }

  @Test
  void isThePodsOwnInAPod() throws IOException {
    Files.writeString(podToken, "pods\n");
    assertThat(RelayAddress.find(null, null, null, surroundings(Map.of())))
        .isEqualTo(new RelayAddress(URI.create("http://127.0.0.1:8080"), "pods"));
  }

  @Test
  void isTheOnlyOneThatRunsInThisFolder() throws IOException {
    laptop("gone", Long.MAX_VALUE, 1);
    laptop("one", ProcessHandle.current().pid(), 4711);
    assertThat(RelayAddress.find(null, null, null, surroundings(Map.of())))
        .isEqualTo(new RelayAddress(URI.create("http://127.0.0.1:4711"), "t-one"));
    laptop("two", ProcessHandle.current().pid(), 4712);
    assertThatThrownBy(() -> RelayAddress.find(null, null, null, surroundings(Map.of())))
        .hasMessageContaining("several relays run here: choose one with --data: ")
        .hasMessageContaining("two");
  }

  @Test
  void isWhatIsSaidBeforeAnythingElse() throws IOException {
    Files.writeString(podToken, "pods");
    Path data = laptop("one", ProcessHandle.current().pid(), 4711);
    Path mine = Files.writeString(folder.resolve("mine"), "mine");
    Map<String, String> environment = Map.of(RelayAddress.TOKEN_VARIABLE, "variable");
    assertThat(RelayAddress.find(null, null, data, surroundings(environment)).token())
        .isEqualTo("t-one");
    assertThat(RelayAddress.find("relay:8080", mine, null, surroundings(environment)))
        .isEqualTo(new RelayAddress(URI.create("http://relay:8080"), "mine"));
    assertThat(RelayAddress.find(null, null, null, surroundings(environment)).token())
        .isEqualTo("variable");
  }

  @Test
  void saysWhatIsMissing() {
    assertThatThrownBy(() -> RelayAddress.find(null, null, null, surroundings(Map.of())))
        .hasMessageStartingWith("no relay found");
    assertThatThrownBy(() -> RelayAddress.find("http://x:1", null, null, surroundings(Map.of())))
        .hasMessageStartingWith("a token is needed");
    assertThatThrownBy(() -> RelayAddress.find("ftp://x", null, null, surroundings(Map.of())))
        .hasMessageContaining("must be http://HOST:PORT");
  }

  @Test
  void neverShowsTheToken() {
    assertThat(new RelayAddress(URI.create("http://x:1"), "secret").toString())
        .doesNotContain("secret");
  }
}
