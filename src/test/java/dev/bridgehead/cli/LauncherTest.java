package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./bridgehead} and its AOT cache, in a checkout and with a JDK that only say what they are
 * asked.
 */
class LauncherTest {
  /** Prints its words, and leaves something where a rehearsal would leave a cache. */
  private static final String JAVA =
      """
      #!/bin/sh
      case $1 in
        *Rehearsal.java) echo cache >"$2" ;;
        *) for word; do echo "$word"; done ;;
      esac
      """;

  private final Path folder;
  private final Path checkout;
  private final Path library;

  LauncherTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    checkout = folder.resolve("a checkout"); // with a space
    for (String file :
        List.of("bridgehead", ".mvn/find-jdk", "src/aot/make", "src/aot/launcher.options")) {
      Path copy = checkout.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(Path.of(file), copy);
    }
    library = write(checkout.resolve("target/lib/library.jar"), "one of 19 octets...");
    write(checkout.resolve("target/bridgehead.jar"), "ours");
    program(folder.resolve("jdk/bin/java"), JAVA);
    program(folder.resolve("jdk/bin/javac"), "#!/bin/sh\n");
    write(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.3\"\n");
  }

  /** The folder is not deleted under a maker's feet. */
  @AfterEach
  void awaitMakers() {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                ProcessHandle.allProcesses()
                    .map(process -> process.info().commandLine().orElse(""))
                    .noneMatch(line -> line.contains(checkout.toString())));
  }

  private static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static void program(Path file, String text) throws IOException {
    Files.setPosixFilePermissions(write(file, text), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The words that the JVM got. */
  private List<String> launch() throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("sh", checkout.resolve("bridgehead").toString(), "run", "-f", "a b")
            .redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
    builder.environment().remove("BRIDGEHEAD_AOT");
    Process process = builder.start();
    List<String> words = process.inputReader().lines().toList();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(words).endsWith("-jar", checkout + "/target/bridgehead.jar", "run", "-f", "a b");
    return words;
  }

  private static Stream<String> cacheOf(List<String> words) {
    return words.stream().filter(word -> word.startsWith("-XX:AOTCache="));
  }

  private List<Path> caches() throws IOException {
    Path aot = checkout.resolve("target/aot");
    if (!Files.isDirectory(aot)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(aot)) {
      return files.toList();
    }
  }

  /** Made in the background; nothing else is left. */
  private Path awaitCache() {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(() -> caches().size() == 1 && caches().getFirst().toString().endsWith(".aot"));
    try {
      return caches().getFirst();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void startsWithoutACacheAndThenWithTheOneThatWasMadeMeanwhile() throws Exception {
    assertThat(cacheOf(launch())).isEmpty();

    Path cache = awaitCache();
    assertThat(cacheOf(launch())).containsExactly("-XX:AOTCache=" + cache);
  }

  @Test
  void usesNoCacheThatWasMadeFromOtherJars() throws Exception {
    launch();
    Path old = awaitCache();
    FileTime time = Files.getLastModifiedTime(library);
    Files.writeString(library, "two of 19 octets...");
    Files.setLastModifiedTime(library, time);

    assertThat(cacheOf(launch())).isEmpty();
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.notExists(old));
    assertThat(cacheOf(launch())).containsExactly("-XX:AOTCache=" + awaitCache());
  }

  @Test
  void usesNoCacheOfAnotherRuntime() throws Exception {
    launch();
    awaitCache();
    write(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.4\"\n");

    assertThat(cacheOf(launch())).isEmpty();
    awaitCache();
  }

  @Test
  void startsWhereNoCacheCanBeMade() throws Exception {
    write(checkout.resolve("target/aot"), "in the way, as a read-only checkout is");

    assertThat(cacheOf(launch())).isEmpty();
    assertThat(cacheOf(launch())).isEmpty();
  }
}
