package dev.bridgehead.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.representer.Representer;

/**
 * Splits a file into documents. As {@code kubectl} does, YAML is cut at its {@code ---} lines
 * before it is parsed, so that one broken document does not hide the others; a file that begins
 * with a brace is a stream of JSON objects.
 */
final class DocumentReader {
  /** What was in one place of the file. */
  sealed interface Entry {
    /** From 1. */
    int index();

    /** An object. */
    record Readable(int index, ObjectNode tree) implements Entry {}

    /** Nothing but comments. */
    record Empty(int index) implements Entry {}

    /** Something that is no object; the problem is one line. */
    record Unreadable(int index, String problem) implements Entry {}
  }

  private static final Pattern LOOKS_LIKE_JSON = Pattern.compile("\\A\\s*\\{\\s*[\"}]");
  private static final Pattern MARKER = Pattern.compile("---(\\s.*|)");
  private static final Pattern NO_CONTENT = Pattern.compile("\\s*(#.*|%.*|)");

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(YamlTree.MAX_DEPTH)
                      .maxStringLength(ManifestFile.MAX_OCTETS)
                      .maxNameLength(ManifestFile.MAX_OCTETS)
                      .build())
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build());

  private final List<Entry> entries = new ArrayList<>();

  private DocumentReader() {}

  /** Reads all documents of a file. */
  static List<Entry> read(String text) {
    if (!text.stripLeading().startsWith("{")) {
      return new DocumentReader().yaml(text);
    }
    List<Entry> json = new DocumentReader().json(text);
    if (!isBroken(json)) {
      return json;
    }
    // JSON with markers between, or YAML in braces; broken in both, it is what it looks like.
    List<Entry> yaml = new DocumentReader().yaml(text);
    return isBroken(yaml) && LOOKS_LIKE_JSON.matcher(text).find() ? json : yaml;
  }

  private static boolean isBroken(List<Entry> entries) {
    return entries.stream().anyMatch(Entry.Unreadable.class::isInstance);
  }

  private List<Entry> json(String text) {
    try (JsonParser parser = JSON.createParser(new StringReader(text))) {
      var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(parser);
      while (values.hasNextValue()) {
        add(values.nextValue());
      }
    } catch (JsonProcessingException broken) {
      unreadable(jsonProblem(broken));
    } catch (IOException impossible) {
      throw new AssertionError("a string can be read", impossible);
    }
    return entries;
  }

  /** The parser's own words, but for those that would repeat a piece of the file. */
  private static String jsonProblem(JsonProcessingException broken) {
    if (broken instanceof StreamConstraintsException) {
      return "not valid JSON: nested more than 64 levels deep, or a number of over 1000 digits";
    }
    var at = broken.getLocation();
    String words = broken.getOriginalMessage().lines().findFirst().orElse("");
    boolean repeats = words.startsWith("Unrecognized token");
    String problem = repeats ? "a word that is not true, false or null" : words;
    return (at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ")
        + "not valid JSON: "
        + problem;
  }

  private List<Entry> yaml(String text) {
    List<String> lines = List.of(text.split("\r\n|[\r\n]", -1));
    int start = 0;
    boolean explicit = false;
    for (int i = 0; i < lines.size(); i++) {
      if (i > start && MARKER.matcher(lines.get(i)).matches()) {
        if (explicit || hasContent(lines.subList(start, i))) {
          chunk(lines.subList(start, i), start);
        }
        start = i;
        explicit = true;
      } else if (i == start && MARKER.matcher(lines.get(i)).matches()) {
        explicit = true;
      }
    }
    if (explicit || hasContent(lines.subList(start, lines.size()))) {
      chunk(lines.subList(start, lines.size()), start);
    }
    return entries;
  }

  private static boolean hasContent(List<String> lines) {
    return !lines.stream().allMatch(line -> NO_CONTENT.matcher(line).matches());
  }

  private void chunk(List<String> lines, int firstLine) {
    try {
      boolean any = false;
      for (Node node : yamlParser().composeAll(new StringReader(String.join("\n", lines)))) {
        any = true;
        add(new YamlTree(firstLine).json(node));
      }
      if (!any) {
        entries.add(new Entry.Empty(entries.size() + 1));
      }
    } catch (UnreadableDocument broken) {
      unreadable(broken.problem());
    } catch (MarkedYAMLException broken) {
      var mark = broken.getProblemMark();
      String problem = "not valid YAML: " + broken.getProblem();
      unreadable(mark == null ? problem : YamlTree.fault(mark, firstLine, problem).problem());
    } catch (ReaderException broken) {
      unreadable(
          "not valid YAML: the control character "
              + String.format("U+%04X", broken.getCodePoint())
              + " is not allowed");
    } catch (YAMLException broken) {
      unreadable(
          "not valid YAML: " + String.valueOf(broken.getMessage()).lines().findFirst().orElse(""));
    }
  }

  private static Yaml yamlParser() {
    LoaderOptions options = new LoaderOptions();
    options.setNestingDepthLimit(YamlTree.MAX_DEPTH);
    options.setMaxAliasesForCollections(Integer.MAX_VALUE); // YamlTree counts what they expand to
    options.setCodePointLimit(ManifestFile.MAX_OCTETS);
    DumperOptions unused = new DumperOptions();
    return new Yaml(
        new SafeConstructor(options), new Representer(unused), unused, options, new PlainScalars());
  }

  private void add(JsonNode value) {
    int index = entries.size() + 1;
    if (value instanceof ObjectNode object) {
      entries.add(new Entry.Readable(index, object));
    } else if (value.isNull()) {
      entries.add(new Entry.Empty(index));
    } else {
      unreadable("not a Kubernetes object, which is a mapping with apiVersion and kind");
    }
  }

  private void unreadable(String problem) {
    entries.add(new Entry.Unreadable(entries.size() + 1, problem.replaceAll("\\p{Cntrl}", "?")));
  }
}
