package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/operator.md have every reason that there is, and no other. */
class ReasonTest {
  private static final Path PAGE = Path.of("docs/operator.md");
  private static final Path SOURCES = Path.of("src/main/java/dev/bridgehead/operator");

  /** The cells of a table's rows. */
  private static List<List<String>> rows(String header) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(PAGE)) {
      inside = line.startsWith(header) || (inside && line.startsWith("|"));
      if (inside && !line.startsWith(header) && !line.startsWith("|---")) {
        rows.add(Arrays.stream(line.split("\\|")).skip(1).map(String::strip).toList());
      }
    }
    return rows;
  }

  @Test
  void everyReasonOfAConditionHasARow() throws IOException {
    List<String> there = new ArrayList<>();
    for (Reason reason : Reason.values()) {
      reason.places().forEach(p -> there.add(p.type() + " " + p.status() + " " + reason.text()));
    }

    List<List<String>> rows = rows("| Condition |");

    assertThat(rows.stream().map(row -> String.join(" ", row.subList(0, 3))))
        .containsExactlyInAnyOrderElementsOf(there);
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row).hasSize(6);
              assertThat(row.get(4)).as("what it means").isNotEmpty();
              assertThat(row.get(5)).as("what to do").isNotEmpty();
            });
  }

  @Test
  void everyEventHasARow() throws IOException {
    Set<String> described = new TreeSet<>();
    for (List<String> row : rows("| Event |")) {
      described.addAll(List.of(row.getFirst().split(", ")));
    }

    Set<String> told =
        new TreeSet<>(
            Set.of("NameConflict", "LoopDetected", "OwnAddress")); // where a spec is refused for it
    Pattern call = Pattern.compile("events\\s*\\.(?:normal|warning)\\([^;]*?\"([A-Z][A-Za-z]+)\"");
    try (Stream<Path> sources = Files.walk(SOURCES)) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher calls = call.matcher(Files.readString(source));
        while (calls.find()) {
          told.add(calls.group(1));
        }
      }
    }
    assertThat(told).hasSizeGreaterThan(15);
    assertThat(described).isEqualTo(told);
  }

  @Test
  void isReadBackFromAStatus() {
    assertThat(Stream.of(Reason.values()).map(reason -> Reason.of(reason.text()).orElseThrow()))
        .containsExactly(Reason.values());
    assertThat(Reason.of("OfALaterVersion")).isEmpty();
    assertThat(Reason.CONFIGURATION_PENDING.text()).isEqualTo("ConfigurationPending");
  }
}
