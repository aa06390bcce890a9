package dev.bridgehead.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.Command;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("tier4")
class ImageIT {
  /**
   * Asked for only by parts of libraries that are never used: bean introspection (Jackson,
   * SnakeYAML, commons-lang3), pictures in mail, ICU's Swing helpers, annotation processors.
   */
  private static final Set<String> NEVER_USED = Set.of("java.desktop", "java.compiler");

  private static UnpackedImage image;

  @BeforeAll
  static void unpack(@TempDir Path folder) throws IOException {
    image = UnpackedImage.unpackedTo(folder);
  }

  @Test
  void startsAsAStrangerOnAReadOnlyRoot() {
    assertThat(image.command("/opt/bridgehead/bin/bridgehead", "--help").run())
        .contains("Usage: bridgehead");
  }

  @Test
  void startsFromItsOwnAotCache() {
    assertThat(
            image
                .command("/bin/sh", "-c")
                // "on": no start without the cache. In a pod it is "auto".
                .with("JAVA_TOOL_OPTIONS=-XX:AOTMode=on /opt/bridgehead/bin/bridgehead --help")
                .run())
        .contains("Usage: bridgehead");
  }

  @Test
  void givesTheOperatorOptionsOfItsOwnThatItsAotCacheBears() {
    assertThat(
            image
                .command("/bin/sh", "-c")
                .with(
                    "JAVA_TOOL_OPTIONS='-XX:AOTMode=on -XX:+PrintFlagsFinal'"
                        + " /opt/bridgehead/bin/bridgehead operator --help")
                .run())
        .containsPattern("TieredStopAtLevel += 1 ")
        .containsPattern("UseStringDeduplication += true ")
        .contains("Usage: bridgehead operator");
  }

  @Test
  void namesItsAotCacheByTheJarsThatItWasMadeFrom() throws Exception {
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    for (String folder : List.of("classpath", "libs")) {
      try (Stream<Path> jars = Files.list(image.file("opt/bridgehead/" + folder))) {
        for (Path jar : jars.sorted().toList()) {
          hash.update(Files.readAllBytes(jar));
        }
      }
    }
    try (Stream<Path> caches = Files.list(image.file("opt/bridgehead/aot"))) {
      assertThat(caches.map(cache -> cache.getFileName().toString()))
          .containsExactly(HexFormat.of().formatHex(hash.digest()).substring(0, 16) + ".aot");
    }
  }

  @Test
  void judgesAManifestWithWhatIsInIt() {
    Command.Result result =
        image
            .command("/bin/sh", "-c", "/opt/bridgehead/bin/bridgehead validate -f -")
            .withInput(
                """
                apiVersion: bridgehead.dev/v1
                kind: SmtpConnector
                metadata: {name: internet}
                spec:
                  routing: {mode: SmartHost, smartHosts: [{host: bücher.example}, {host: XN--BCHER-KVA.example.}]}
                  bridgeheads: [{name: edge, hostname: mail.example.com}]
                """)
            .attempt();

    assertThat(result.status()).as(result.err()).isEqualTo(1);
    assertThat(result.out()).contains("spec.routing.smartHosts[1]").contains("Duplicate value");
  }

  @Test
  void isSmallerThanAHundredMegabytes() throws IOException {
    assertThat(Files.size(UnpackedImage.TAR)).isLessThan(100_000_000);
  }

  @Test
  void trustsTheUsualAuthorities() throws Exception {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    try (InputStream file =
        Files.newInputStream(image.file("opt/bridgehead/jre/lib/security/cacerts"))) {
      authorities.load(file, null);
    }

    assertThat(authorities.size()).isBetween(100, 300);
    assertThat(authorities.isCertificateEntry("ISRG_Root_X1.crt")).isTrue();
  }

  @Test
  void hasEveryModuleThatItsJarsUse() throws IOException {
    Set<String> asked = new TreeSet<>(modulesOfTheJars());
    asked.removeAll(NEVER_USED);

    assertThat(modulesOfTheRuntime()).containsAll(asked);
  }

  @Test
  void holdsNothingOfTheMachineThatBuiltIt() {
    assertThat(
            Stream.of("etc/resolv.conf", "etc/hostname", "etc/hosts", "etc/fstab", "etc/apt")
                .map(image::file)
                .filter(Files::exists))
        .isEmpty();
  }

  private static List<String> modulesOfTheJars() throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of("-s", "--multi-release", "25", "--ignore-missing-deps", "--class-path"));
    line.add(image.file("opt/bridgehead/libs") + "/*");
    try (Stream<Path> libraries = Files.list(image.file("opt/bridgehead/libs"))) {
      libraries.map(Path::toString).forEach(line::add);
    }
    line.add(image.file("opt/bridgehead/classpath/bridgehead.jar").toString());
    StringWriter output = new StringWriter();
    ToolProvider.findFirst("jdeps")
        .orElseThrow()
        .run(
            new PrintWriter(output),
            new PrintWriter(new StringWriter()),
            line.toArray(String[]::new));
    List<String> modules =
        output
            .toString()
            .lines()
            .filter(edge -> edge.contains(" -> "))
            .map(edge -> edge.substring(edge.indexOf(" -> ") + 4).strip())
            .filter(target -> target.startsWith("java.") || target.startsWith("jdk."))
            .toList();
    assertThat(modules).contains("java.base", "java.naming");
    return modules;
  }

  private static List<String> modulesOfTheRuntime() throws IOException {
    String release = Files.readString(image.file("opt/bridgehead/jre/release"));
    int start = release.indexOf("MODULES=\"") + "MODULES=\"".length();
    return List.of(release.substring(start, release.indexOf('"', start)).split(" "));
  }
}
