package dev.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.bridgehead.manifest.ManifestFuzz;
import dev.bridgehead.relay.auth.AuthFuzz;
import dev.bridgehead.relay.delivery.ContentFuzz;
import dev.bridgehead.relay.delivery.ReplyFuzz;
import dev.bridgehead.relay.smtp.AddressFuzz;
import dev.bridgehead.relay.smtp.CommandFuzz;
import dev.bridgehead.relay.smtp.ProxyFuzz;
import dev.bridgehead.relay.smtp.SessionFuzz;
import dev.bridgehead.relay.spool.RecordFuzz;
import dev.bridgehead.relay.spool.SpoolFuzz;
import dev.bridgehead.relay.sts.StsFuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * Every input of the corpus once, without a fuzzer: what was found stays mended. {@code
 * src/fuzz/run} looks for more (docs/fuzzing.md).
 */
class FuzzCorpusTest {
  private static final Path CORPUS = Path.of("src/fuzz/corpus");
  private static final long MOST_OCTETS = 500 << 10;
  private static final int MOST_FILES = 200;
  private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.bridgehead");

  private static final Map<String, Consumer<byte[]>> TARGETS =
      Map.ofEntries(
          Map.entry("Address", AddressFuzz::fuzzerTestOneInput),
          Map.entry("Auth", AuthFuzz::fuzzerTestOneInput),
          Map.entry("Command", CommandFuzz::fuzzerTestOneInput),
          Map.entry("Content", ContentFuzz::fuzzerTestOneInput),
          Map.entry("Manifest", ManifestFuzz::fuzzerTestOneInput),
          Map.entry("Proxy", ProxyFuzz::fuzzerTestOneInput),
          Map.entry("Record", RecordFuzz::fuzzerTestOneInput),
          Map.entry("Reply", ReplyFuzz::fuzzerTestOneInput),
          Map.entry("Session", SessionFuzz::fuzzerTestOneInput),
          Map.entry("Spool", SpoolFuzz::fuzzerTestOneInput),
          Map.entry("Sts", StsFuzz::fuzzerTestOneInput));

  @BeforeAll
  static void sayNothingOfFaultyInputs() {
    LOG.setLevel(Level.OFF);
  }

  @AfterAll
  static void speakAgain() {
    LOG.setLevel(null);
  }

  static Set<String> targets() {
    return new TreeSet<>(TARGETS.keySet());
  }

  @ParameterizedTest
  @MethodSource("targets")
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void theCorpusBreaksNothing(String target) throws IOException {
    List<Path> inputs = files(CORPUS.resolve(target));
    assertThat(inputs).isNotEmpty();
    for (Path input : inputs) {
      byte[] octets = Files.readAllBytes(input);
      try {
        TARGETS.get(target).accept(octets);
      } catch (AssertionError | RuntimeException found) {
        throw new AssertionError(input + ": " + found.getMessage(), found);
      }
    }
  }

  @Test
  void everyTargetIsHereAndTheCorpusIsSmall() throws IOException {
    assertThat(files(Path.of("src/test/java")))
        .extracting(file -> file.getFileName().toString())
        .filteredOn(name -> name.endsWith("Fuzz.java"))
        .extracting(name -> name.replace("Fuzz.java", ""))
        .containsExactlyInAnyOrderElementsOf(targets());
    List<Path> inputs = files(CORPUS);
    assertThat(inputs).hasSizeLessThan(MOST_FILES);
    assertThat(inputs.stream().mapToLong(file -> file.toFile().length()).sum())
        .isLessThan(MOST_OCTETS);
    assertThat(inputs.stream().map(file -> CORPUS.relativize(file).getName(0).toString()))
        .isSubsetOf(targets());
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
