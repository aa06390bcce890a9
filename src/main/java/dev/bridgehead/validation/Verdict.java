package dev.bridgehead.validation;

import java.util.List;

/**
 * What the rules say of one connector.
 *
 * @param errors every fault, in the order of the fields
 * @param warnings what is allowed but worth knowing
 */
public record Verdict(List<FieldError> errors, List<FieldWarning> warnings) {
  public Verdict {
    errors = List.copyOf(errors);
    warnings = List.copyOf(warnings);
  }

  public boolean accepted() {
    return errors.isEmpty();
  }
}
