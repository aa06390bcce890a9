package dev.bridgehead.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that select messages. */
final class QueueFilters {
  @Option(
      names = "--destination",
      paramLabel = "DOMAIN",
      description = "Only what goes to this domain; \"smart hosts\" in SmartHost mode.")
  private @Nullable String destination;

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "Only of this sender; \"<>\" is the null reverse-path.")
  private @Nullable String from;

  @Option(names = "--to", paramLabel = "ADDRESS", description = "Only for this recipient.")
  private @Nullable String to;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only what is ready, waiting, held or active.")
  private @Nullable State state;

  /** As the relay's API has them. */
  enum State {
    ready,
    waiting,
    held,
    active
  }

  /** Those given, by the names of the API. */
  Map<String, String> asked() {
    Map<String, String> asked = new LinkedHashMap<>();
    put(asked, "destination", destination);
    put(asked, "from", from);
    put(asked, "to", to);
    put(asked, "state", state == null ? null : state.name());
    return asked;
  }

  private static void put(Map<String, String> asked, String name, @Nullable String value) {
    if (value != null) {
      asked.put(name, value);
    }
  }
}
