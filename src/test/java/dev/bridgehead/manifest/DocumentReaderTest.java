package dev.bridgehead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.manifest.DocumentReader.Entry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentReaderTest {
  private static String json(String text) {
    assertThat(DocumentReader.read(text)).hasSize(1);
    return switch (DocumentReader.read(text).getFirst()) {
      case Entry.Readable readable -> readable.tree().toString();
      case Entry.Empty empty -> "empty";
      case Entry.Unreadable unreadable -> unreadable.problem();
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: yes | {\"a\":true}",
        "a: Off | {\"a\":false}",
        "a: 'yes' | {\"a\":\"yes\"}",
        "a: !!str yes | {\"a\":\"yes\"}",
        "a: ~ | {\"a\":null}",
        "a: | {\"a\":null}",
        "a: 010 | {\"a\":8}",
        "a: 0x1F | {\"a\":31}",
        "a: 1_000 | {\"a\":1000}",
        "a: -0b11 | {\"a\":-3}",
        "a: 1:30 | {\"a\":\"1:30\"}",
        "a: 2026-01-01 | {\"a\":\"2026-01-01\"}",
        "a: 08 | {\"a\":8.0}",
        "a: 1e3 | {\"a\":1000.0}",
        "a: 25Mi | {\"a\":\"25Mi\"}",
        "on: 1 | {\"true\":1}",
        "25: 1 | {\"25\":1}",
        "'{a: &x [1], b: *x}' | {\"a\":[1],\"b\":[1]}",
      })
  void readsScalarsAsKubectlDoes(String yaml, String json) {
    assertThat(json(yaml)).isEqualTo(json);
  }

  @Test
  void mergesMappings() {
    assertThat(json("x: &x {a: 1, b: 2}\nz:\n  <<: *x\n  b: 3\n"))
        .isEqualTo("{\"x\":{\"a\":1,\"b\":2},\"z\":{\"b\":3,\"a\":1}}");
  }

  @Test
  void countsEveryDocumentAsKubectlWould() {
    List<Entry> entries =
        DocumentReader.read(
            "# a head\n---\na: 1\n--- # second\n# nothing\n---\nb: 2\n--- {c: 3}\n");

    assertThat(entries.stream().map(Entry::index)).containsExactly(1, 2, 3, 4);
    assertThat(entries.get(1)).isInstanceOf(Entry.Empty.class);
    assertThat(entries.get(3)).hasToString("Readable[index=4, tree={\"c\":3}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\": 1}{\"b\": 2}",
        "{\"a\": 1}\n{\"b\": 2}\n",
        "{\"a\": 1}\n---\n{\"b\": 2}\n",
        "{a: 1}\n---\nb: 2",
        "\r\n{\"a\":\t1}\r\n\r\n{\"b\": 2}",
        "%YAML 1.1\n---\na: 1\n...\n---\nb: 2\n",
        "a: 1\r\n---\r\nb: 2\r\n",
      })
  void readsStreamsOfBothLanguages(String text) {
    assertThat(DocumentReader.read(text))
        .extracting(Entry::toString)
        .containsExactly("Readable[index=1, tree={\"a\":1}]", "Readable[index=2, tree={\"b\":2}]");
  }

  @Test
  void oneBrokenDocumentDoesNotHideTheOthers() {
    List<Entry> entries = DocumentReader.read("a: 1\n---\nb: [\n---\nc: 3\n");

    assertThat(entries).hasSize(3);
    assertThat(entries.get(1))
        .isInstanceOfSatisfying(
            Entry.Unreadable.class,
            broken ->
                assertThat(broken.problem()).matches("line [34], column \\d+: not valid YAML: .*"));
    assertThat(entries.get(2)).isInstanceOf(Entry.Readable.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: b: c | line 1, column 5: not valid YAML: mapping values are not allowed here",
        "'{\"a\": 1, \"a\": 2}' | line 1, column 13: not valid JSON: Duplicate field 'a'",
        "'{a: 1, a: 2}' | line 1, column 8: the key \"a\" is there twice",
        "a: *b | line 1, column 4: not valid YAML: found undefined alias b",
        "'- a' | not a Kubernetes object, which is a mapping with apiVersion and kind",
        "just text | not a Kubernetes object, which is a mapping with apiVersion and kind",
        "a: !!binary eA== | line 1, column 4: the tag tag:yaml.org,2002:binary has no meaning in a Kubernetes manifest",
        "a: !foo b | line 1, column 4: the tag !foo has no meaning in a Kubernetes manifest",
        "'{[1]: 2}' | line 1, column 2: a key that is a list or mapping",
        "'<<: 1' | line 1, column 1: << merges mappings only",
      })
  void saysInOneLineWhereADocumentIsBroken(String text, String problem) {
    assertThat(json(text)).isEqualTo(problem);
  }

  @Test
  void repeatsNothingOfASecretFile() {
    assertThat(json("{\"password\": hunter2]")).doesNotContain("hunter2");
    assertThat(json("password: \"hunter2\nb: c")).doesNotContain("hunter2");
    assertThat(json("a: 1\npassword: hun: ter2")).doesNotContain("ter2");
  }

  @Test
  void boundsAliasesDepthAndTime() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
      bomb.append("a%d: &a%d [".formatted(i, i));
      bomb.append("*a%d, ".formatted(i - 1).repeat(9)).append("*a%d]\n".formatted(i - 1));
    }
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          assertThat(json(bomb.toString())).contains("aliases that expand to more than");
          assertThat(json("a: " + "[".repeat(100_000))).contains("Nesting Depth exceeded max 64");
          assertThat(json("{\"a\": " + "[".repeat(100_000))).contains("nested more than 64 levels");
          assertThat(json("a: &a [*a]")).contains("line 1").contains("nested more than 64 levels");
          assertThat(json("a: " + "x".repeat(1 << 20))).startsWith("{\"a\":\"xxx");
          assertThat(json("{\"a\": \"" + "x".repeat(1 << 20) + "\"}")).startsWith("{\"a\":\"xxx");
        });
  }

  @Test
  void refusesControlCharactersWithTheirNumber() {
    assertThat(json("a: \u0007"))
        .isEqualTo("not valid YAML: the control character U+0007 is not allowed");
  }
}
