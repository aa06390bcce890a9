package dev.bridgehead.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables in {@code docs/interop.md} name tests that there are, and have all of this room's. */
class InteropTableTest {
  private static final Path DOCUMENT = Path.of("docs/interop.md");
  private static final Path TESTS = Path.of("src/test/java");
  private static final Pattern TEST = Pattern.compile("`(\\w+)#(\\w+)`");

  static List<String> named() throws IOException {
    return TEST.matcher(Files.readString(DOCUMENT))
        .results()
        .map(it -> it.group(1) + "#" + it.group(2))
        .distinct()
        .toList();
  }

  @ParameterizedTest
  @MethodSource("named")
  void namesTestsThatThereAre(String test) throws Exception {
    String[] parts = test.split("#", 2);
    assertThat(tests(classNamed(parts[0]))).contains(parts[1]);
  }

  @ParameterizedTest
  @ValueSource(classes = {MailPeerContract.class, MailClientContract.class})
  void hasEveryPropertyOfAContract(Class<?> contract) throws Exception {
    List<String> properties =
        tests(contract).map(it -> contract.getSimpleName() + "#" + it).toList();
    assertThat(properties).isNotEmpty();
    assertThat(named()).containsAll(properties);
  }

  @Test
  void namesEveryProgramOfThisRoom() throws IOException {
    String room = getClass().getPackageName().replace('.', '/');
    try (Stream<Path> files = Files.list(TESTS.resolve(room))) {
      List<String> programs =
          files
              .map(it -> it.getFileName().toString())
              .filter(it -> it.endsWith("IT.java"))
              .map(it -> "`" + it.replace(".java", "") + "`")
              .toList();
      assertThat(programs).isNotEmpty();
      assertThat(Files.readString(DOCUMENT)).contains(programs);
    }
  }

  private static Stream<String> tests(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(InteropTableTest::isTest)
        .map(Method::getName);
  }

  private static boolean isTest(Method method) {
    return method.isAnnotationPresent(Test.class)
        || method.isAnnotationPresent(ParameterizedTest.class);
  }

  private static Class<?> classNamed(String simple) throws Exception {
    try (Stream<Path> files = Files.walk(TESTS)) {
      Path file =
          files
              .filter(it -> it.endsWith(simple + ".java"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no test class " + simple));
      String name = TESTS.relativize(file).toString().replace(".java", "").replace('/', '.');
      return Class.forName(name, false, InteropTableTest.class.getClassLoader());
    }
  }
}
