package dev.bridgehead.relay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table in {@code docs/attacks.md} has every case, and names tests that there are. */
class AttackCasesTest {
  private static final Path TABLE = Path.of("docs/attacks.md");
  private static final Path TESTS = Path.of("src/test/java");
  private static final int CASES = 29;
  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

  /**
   * @param tests as {@code Class#method}
   */
  record Case(int number, String text, List<String> tests) {
    @Override
    public String toString() {
      return "case " + number;
    }
  }

  static List<Case> cases() throws IOException {
    return Files.readAllLines(TABLE).stream()
        .filter(line -> line.matches("\\| [0-9]+ \\|.*"))
        .map(
            line ->
                new Case(
                    Integer.parseInt(line.split(" ")[1]),
                    line,
                    TEST.matcher(line).results().map(MatchResult::group).toList()))
        .toList();
  }

  @Test
  void everyCaseIsInTheTableOnce() throws IOException {
    assertThat(cases().stream().map(Case::number))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, CASES).boxed().toList());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void namesTestsThatThereAre(Case one) throws Exception {
    assertThat(one.tests().isEmpty()).isEqualTo(one.text().contains("| not built yet |"));
    for (String test : one.tests()) {
      assertThat(method(test).getAnnotations())
          .as(test)
          .anyMatch(it -> it instanceof Test || it instanceof ParameterizedTest);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasATestThatCarriesItsNumber(Case one) throws Exception {
    List<String> names = new ArrayList<>();
    for (String test : one.tests()) {
      DisplayName name = method(test).getAnnotation(DisplayName.class);
      names.add(name == null ? "" : name.value().replaceFirst(":.*", ""));
    }
    Pattern number = Pattern.compile("case .*\\b%02d\\b.*".formatted(one.number()));
    assertThat(names)
        .satisfiesAnyOf(
            none -> assertThat(none).isEmpty(),
            some -> assertThat(some).anyMatch(it -> number.matcher(it).matches()));
  }

  private static Method method(String test) throws Exception {
    String[] parts = test.replace("`", "").split("#", 2);
    Path file = source(parts[0]);
    String name = TESTS.relativize(file).toString().replace(".java", "").replace('/', '.');
    return Arrays.stream(
            Class.forName(name, false, AttackCasesTest.class.getClassLoader()).getDeclaredMethods())
        .filter(each -> each.getName().equals(parts[1]))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no test " + test));
  }

  private static Path source(String testClass) throws IOException {
    try (Stream<Path> files = Files.walk(TESTS)) {
      return files
          .filter(file -> file.endsWith(testClass + ".java"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no test class " + testClass));
    }
  }

  @Test
  @DisplayName("case 28: nothing that comes from outside is decompressed")
  void theRelayDecompressesNothing() {
    String[] decompressors = {
      "java.util.zip.Inflater",
      "java.util.zip.InflaterInputStream",
      "java.util.zip.InflaterOutputStream",
      "java.util.zip.GZIPInputStream",
      "java.util.zip.ZipInputStream",
      "java.util.zip.ZipFile"
    };
    var classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(
                "dev.bridgehead.relay", "dev.bridgehead.dns", "dev.bridgehead.manifest");
    assertThat(classes).isNotEmpty();
    Arrays.stream(decompressors)
        .forEach(
            name ->
                noClasses()
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName(name)
                    .check(classes));
  }
}
