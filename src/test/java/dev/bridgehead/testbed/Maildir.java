package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** What a mail server delivered. */
public record Maildir(Path folder) {
  /** All messages, octet for octet as ISO 8859-1, in the order of arrival. */
  public List<String> messages() {
    Path arrived = folder.resolve("new");
    if (!Files.isDirectory(arrived)) {
      return List.of();
    }
    try (var files = Files.list(arrived)) {
      return files.sorted().map(Maildir::text).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a message, 30 seconds at most. */
  public String awaitMessage(Predicate<String> wanted) {
    return Awaitility.await("a message in " + folder)
        .atMost(Duration.ofSeconds(30))
        .until(() -> messages().stream().filter(wanted).findFirst().orElse(""), m -> !m.isEmpty());
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
