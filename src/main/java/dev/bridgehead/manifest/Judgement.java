package dev.bridgehead.manifest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.validation.ConnectorRules;
import dev.bridgehead.validation.ErrorType;
import dev.bridgehead.validation.Facts;
import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.FieldWarning;
import dev.bridgehead.validation.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * All faults of one connector, those of shape (as the API server finds them) and those of meaning
 * (the rules) together, each once.
 *
 * @param document the connector
 * @param errors faults; none: it would be accepted
 * @param warnings what a person should know
 */
public record Judgement(
    ManifestDocument document, List<FieldError> errors, List<FieldWarning> warnings) {
  private static final Pattern NAMED_FIELD = Pattern.compile("\\bspec\\.[a-zA-Z.]*[a-zA-Z]");

  public Judgement {
    errors = List.copyOf(errors);
    warnings = List.copyOf(warnings);
  }

  /**
   * Judges a connector.
   *
   * @param document one that {@linkplain ManifestDocument#isOurs is ours} to judge
   * @param clusterDomain such as {@code cluster.local}
   */
  public static Judgement of(ManifestDocument document, String clusterDomain) {
    ObjectNode tree = document.tree();
    if (!document.isConnector()) {
      return new Judgement(document, List.of(Shape.kind(document)), List.of());
    }
    List<FieldError> errors = new ArrayList<>(Shape.judge(tree));
    List<String> misshapen =
        errors.stream()
            .filter(error -> error.type() != ErrorType.UNKNOWN_FIELD)
            .map(FieldError::field)
            .toList();
    SmtpConnectorSpec spec = Binding.spec(tree.path("spec")).orElse(null);
    Verdict verdict =
        ConnectorRules.judge(
            document.name(), spec, Facts.offline(document.namespaceOrDefault(), clusterDomain));
    verdict.errors().stream().filter(error -> isTrustworthy(error, misshapen)).forEach(errors::add);
    List<FieldWarning> warnings =
        verdict.warnings().stream()
            .filter(warning -> misshapen.stream().noneMatch(f -> overlaps(f, warning.field())))
            .toList();
    return new Judgement(
        document,
        errors.stream()
            .map(e -> new FieldError(document.item() + e.field(), e.type(), e.message()))
            .toList(),
        warnings.stream()
            .map(w -> new FieldWarning(document.item() + w.field(), w.message()))
            .toList());
  }

  public boolean accepted() {
    return errors.isEmpty();
  }

  /** As they are printed: {@code FILE[n]: FIELD: TYPE: …}. */
  public List<String> errorLines() {
    return errors.stream().map(error -> document.location() + ": " + error).toList();
  }

  /** As they are printed: {@code FILE[n]: FIELD: Warning: …}. */
  public List<String> warningLines() {
    return warnings.stream()
        .map(
            warning ->
                document.location() + ": " + warning.field() + ": Warning: " + warning.message())
        .toList();
  }

  /**
   * A rule saw nothing where the shape was wrong: what it says of that field, or because of that
   * field, which its message names then, is no second fault.
   */
  private static boolean isTrustworthy(FieldError error, List<String> misshapen) {
    List<String> fields = new ArrayList<>(List.of(error.field()));
    NAMED_FIELD.matcher(error.message()).results().forEach(named -> fields.add(named.group()));
    return fields.stream()
        .noneMatch(field -> misshapen.stream().anyMatch(wrong -> isAtOrBelow(field, wrong)));
  }

  private static boolean overlaps(String one, String other) {
    return isAtOrBelow(one, other) || isAtOrBelow(other, one);
  }

  private static boolean isAtOrBelow(String field, String ancestor) {
    return field.equals(ancestor)
        || field.startsWith(ancestor + ".")
        || field.startsWith(ancestor + "[");
  }
}
