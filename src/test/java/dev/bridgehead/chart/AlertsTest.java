package dev.bridgehead.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alerts and dashboard speak of metrics that there are, and each alert has its runbook. */
class AlertsTest {
  private static final Path ALERTS = Path.of("helm/bridgehead/files/alerts.yaml");
  private static final Path DASHBOARD = Path.of("helm/bridgehead/files/dashboard.json");
  private static final Path RUNBOOKS = Path.of("docs/runbooks");
  private static final ObjectMapper YAML = new YAMLMapper();

  /** What Prometheus makes of a name: dots become underscores, and the type adds an ending. */
  private static final Pattern ENDING =
      Pattern.compile("(_seconds)?(_total|_count|_sum|_bucket|_max)?$");

  private static List<JsonNode> alerts() throws IOException {
    List<JsonNode> alerts = new ArrayList<>();
    for (JsonNode group : YAML.readTree(ALERTS.toFile()).path("groups")) {
      group.path("rules").forEach(alerts::add);
    }
    return alerts;
  }

  @Test
  void everyAlertHasARunbookAndEveryRunbookAnAlert() throws IOException {
    Set<String> named =
        alerts().stream()
            .map(alert -> alert.path("alert").asText() + ".md")
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted().toList())
          .containsExactlyElementsOf(named);
    }
    for (String name : named) {
      assertThat(RUNBOOKS.resolve(name))
          .content()
          .contains("**What it does to mail.**", "## Look\n", "## Do\n1. ");
    }
  }

  @Test
  void everyPromiseHasAnAlert() throws IOException {
    Set<String> promises = new TreeSet<>();
    try (Stream<Path> files = Files.list(RUNBOOKS)) {
      for (Path file : files.toList()) {
        promises.add(Files.readAllLines(file).get(1).substring(0, "Promise N".length()));
      }
    }
    assertThat(promises)
        .containsExactly("Promise 1", "Promise 2", "Promise 3", "Promise 4", "Promise 5");
  }

  @Test
  void everyAlertSaysHowBadItIsAndWhatItMeans() throws IOException {
    assertThat(alerts())
        .allSatisfy(
            alert -> {
              assertThat(alert.at("/labels/severity").asText()).isIn("critical", "warning");
              assertThat(alert.at("/annotations/summary").asText()).isNotEmpty();
              assertThat(alert.at("/annotations/description").asText()).isNotEmpty();
            });
  }

  @Test
  void expressionsNameMetricsThatThereAre() throws IOException {
    Set<String> registered = registered();
    assertThat(registered).hasSizeGreaterThan(15);

    for (Path file : List.of(ALERTS, DASHBOARD)) {
      Matcher names = Pattern.compile("\\bbridgehead_[a-z_]+").matcher(Files.readString(file));
      Set<String> unknown = new TreeSet<>();
      while (names.find()) {
        if (!registered.contains(ENDING.matcher(names.group()).replaceFirst(""))
            && !registered.contains(names.group())) {
          unknown.add(names.group());
        }
      }
      assertThat(unknown).as(file.toString()).isEmpty();
    }
  }

  @Test
  void expressionsNameReasonsThatThereAre() throws IOException {
    String sources =
        Files.readString(Path.of("src/main/java/dev/bridgehead/relay/smtp/Refusal.java"))
            + Files.readString(Path.of("src/main/java/dev/bridgehead/relay/mail/Outcome.java"));
    Matcher reasons =
        Pattern.compile("reason=\\\\?\"([a-z_]+)\\\\?\"").matcher(Files.readString(ALERTS));
    int found = 0;
    while (reasons.find()) {
      assertThat(sources)
          .containsPattern("\\b" + reasons.group(1).toUpperCase(java.util.Locale.ROOT) + "\\b");
      found++;
    }
    assertThat(found).isGreaterThan(3);
  }

  /** The names that the sources register, with underscores. */
  private static Set<String> registered() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher name =
            Pattern.compile("\"(bridgehead\\.[a-z.]+)\"").matcher(Files.readString(source));
        while (name.find()) {
          names.add(name.group(1).replace('.', '_'));
        }
      }
    }
    return names;
  }
}
