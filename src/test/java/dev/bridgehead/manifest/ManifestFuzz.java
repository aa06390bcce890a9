package dev.bridgehead.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.validation.Facts;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Manifests that users and operators write. A fault is lines that can be printed and name the
 * place; what can be read and is printed as JSON reads as the same; what is judged good can be run.
 * The input is a file.
 */
public final class ManifestFuzz {
  private static final Pattern FAULT = Pattern.compile("f(\\[[0-9]+])?: [^\\p{Cntrl}]+");

  private ManifestFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    ManifestFile file = ManifestFile.of("f", input);
    assertThat(file.faults()).allMatch(fault -> FAULT.matcher(fault).matches());
    for (ManifestDocument document : file.documents()) {
      printed(document);
      judged(document);
    }
    run(input, file);
  }

  private static void printed(ManifestDocument document) {
    String json = document.tree().toString();
    List<DocumentReader.Entry> again = DocumentReader.read(json);
    assertThat(again).hasSize(1);
    assertThat(again.getFirst())
        .isInstanceOfSatisfying(
            DocumentReader.Entry.Readable.class,
            entry -> assertThat(entry.tree().toString()).isEqualTo(json));
  }

  private static void judged(ManifestDocument document) {
    if (!document.isOurs()) {
      return;
    }
    Judgement judgement = Judgement.of(document, Facts.DEFAULT_CLUSTER_DOMAIN);
    assertThat(judgement.errorLines()).allMatch(line -> FAULT.matcher(line).matches());
    assertThat(judgement.warningLines()).allMatch(line -> FAULT.matcher(line).matches());
    if (judgement.accepted()) {
      assertThat(Binding.spec(document.tree().path("spec"))).isPresent();
      assertThat(document.name()).matches("[a-z]([a-z0-9-]{0,28}[a-z0-9])?");
    }
  }

  /** As a relay reads what its operator wrote. */
  private static void run(byte[] input, ManifestFile file) {
    try {
      ConnectorManifest manifest = ManifestReader.connector(input);
      assertThat(file.faults()).isEmpty();
      assertThat(manifest.namespace()).isNotEmpty();
    } catch (ManifestException refused) {
      String message = String.valueOf(refused.getMessage());
      assertThat(message.lines()).isNotEmpty().noneMatch(String::isBlank);
      assertThat(message.replace("\n", "")).doesNotContainPattern("\\p{Cntrl}");
      assertThat(refused.isUnreadable()).isEqualTo(!file.faults().isEmpty());
    }
  }
}
