package dev.bridgehead;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Dependencies point one way: {@code api ← validation ← manifest ← {operator, webhook, relay,
 * cli}}.
 */
class ArchitectureTest {
  private static final String ROOT = "dev.bridgehead.";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.bridgehead");

  /** What each top-level room may use of ours besides itself. */
  private static final Map<String, Set<String>> ROOMS =
      Map.of(
          "api", Set.of(),
          "dns", Set.of(),
          "validation", Set.of("api"),
          "manifest", Set.of("api", "validation"),
          "webhook", Set.of("api", "validation", "manifest"),
          "operator", Set.of("api", "validation", "manifest"),
          "relay", Set.of("api", "validation", "manifest", "dns"),
          "cli", Set.of("api", "dns", "validation", "manifest", "webhook", "operator", "relay"));

  /** What each room of the relay may use of the relay besides itself. */
  private static final Map<String, Set<String>> RELAY_ROOMS =
      Map.ofEntries(
          Map.entry("mail", Set.of()),
          Map.entry("auth", Set.of()),
          Map.entry("oauth", Set.of()),
          Map.entry("config", Set.of("mail", "auth", "oauth")),
          Map.entry("bounce", Set.of("mail")),
          Map.entry("spool", Set.of("mail")),
          Map.entry("routing", Set.of("mail", "config")),
          Map.entry("sts", Set.of("config", "routing", "spool")),
          Map.entry("policy", Set.of("routing", "sts", "mail")),
          Map.entry("delivery", Set.of("mail", "auth", "oauth", "config", "routing", "policy")),
          Map.entry("smtp", Set.of("mail", "auth", "config", "spool")),
          Map.entry("queue", Set.of("mail", "config", "spool", "routing", "delivery", "bounce")),
          Map.entry("handover", Set.of("mail", "config", "spool", "queue", "routing")),
          Map.entry("management", Set.of("mail", "config", "spool", "queue")));

  @Test
  void everyRoomUsesOnlyTheRoomsItMay() {
    assertThat(violations(ROOT, ROOMS)).isEmpty();
  }

  @Test
  void everyRoomOfTheRelayUsesOnlyTheRoomsItMay() {
    assertThat(violations(ROOT + "relay.", RELAY_ROOMS)).isEmpty();
  }

  @Test
  void noRoomIsUnknown() {
    Set<String> seen =
        CLASSES.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith(ROOT))
            .map(name -> room(ROOT, name))
            .collect(Collectors.toSet());
    assertThat(ROOMS.keySet()).containsAll(seen);
  }

  @Test
  void theRelayKnowsNoKubernetesClient() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "dev.bridgehead.relay..", "dev.bridgehead.manifest..", "dev.bridgehead.dns..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..")
        .check(CLASSES);
  }

  @Test
  void theRulesDoNoInputOrOutput() {
    noClasses()
        .that()
        .resideInAPackage("dev.bridgehead.validation..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..", "java.nio.file..", "java.nio.channels..", "java.net.http..")
        .check(CLASSES);
  }

  @Test
  void noPackagesFormACycle() {
    slices().matching("dev.bridgehead.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** Each as {@code room -> room: Class uses Class}. */
  private static List<String> violations(String root, Map<String, Set<String>> rooms) {
    TreeSet<String> found = new TreeSet<>();
    for (JavaClass from : CLASSES) {
      String room = room(root, from.getPackageName());
      if (!rooms.containsKey(room)) {
        continue;
      }
      from.getDirectDependenciesFromSelf()
          .forEach(
              dependency -> {
                JavaClass to = dependency.getTargetClass();
                String used = room(root, to.getPackageName());
                if (rooms.containsKey(used)
                    && !used.equals(room)
                    && !rooms.get(room).contains(used)) {
                  found.add(
                      room
                          + " -> "
                          + used
                          + ": "
                          + from.getSimpleName()
                          + " uses "
                          + to.getSimpleName());
                }
              });
    }
    return List.copyOf(found);
  }

  private static String room(String root, String packageName) {
    if (!packageName.startsWith(root)) {
      return "";
    }
    String below = packageName.substring(root.length());
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }
}
