package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The scripts of {@code src/testbed}. What they say goes into a log below {@code target}. */
final class Script {
  private static final Logger log = LoggerFactory.getLogger(Script.class);

  /** The test bed is built once, on a slow machine perhaps. */
  private static final int MINUTES = 60;

  private static final Map<List<String>, Path> built = new ConcurrentHashMap<>();

  private Script() {}

  /** The project's folder: Maven runs tests in it. */
  static Path project() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  }

  /** A new folder below {@code target} that other users may enter, as a mail server must. */
  static Path folder(String name) {
    try {
      Path parent = Files.createDirectories(project().resolve("target/testbed"));
      return Files.createTempDirectory(parent, name + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #run}, for a script that builds what then stays: asked once in a JVM. */
  static Path built(String name, String... arguments) {
    var key = new ArrayList<>(List.of(name));
    key.addAll(List.of(arguments));
    return built.computeIfAbsent(key, k -> run(name, arguments));
  }

  /**
   * Runs a script and gives the folder that it prints last. Where this machine lacks something
   * (status 3) the test is skipped.
   */
  static Path run(String name, String... arguments) {
    Path file = project().resolve("src/testbed").resolve(name);
    var words = new ArrayList<>(List.of(file.toString()));
    words.addAll(List.of(arguments));
    try {
      Path said = Files.createDirectories(project().resolve("target/testbed")).resolve(name);
      Path errors = said.resolveSibling(name + ".log");
      log.info("{}: the first time it may take minutes; see {}", file, errors);
      Process process =
          new ProcessBuilder(words)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(said.toFile())
              .redirectError(errors.toFile())
              .start();
      if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new AssertionError(name + " is not done after " + MINUTES + " minutes");
      }
      return switch (process.exitValue()) {
        case 0 -> lastLine(said);
        case 3 -> throw Tier.skip(Files.readString(errors).strip());
        default -> throw new AssertionError(name + " failed: " + Files.readString(errors));
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted: " + name, e);
    }
  }

  private static Path lastLine(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return lines.isEmpty() ? Path.of("") : Path.of(lines.getLast());
  }
}
