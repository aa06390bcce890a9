package dev.bridgehead.validation;

import java.util.ArrayList;
import java.util.List;

/** What the rules have found so far, in order. */
final class Findings {
  private final List<FieldError> errors = new ArrayList<>();
  private final List<FieldWarning> warnings = new ArrayList<>();

  void error(String field, ErrorType type, String message) {
    errors.add(new FieldError(field, type, message));
  }

  void invalid(String field, String value, String advice) {
    errors.add(FieldError.invalid(field, value, advice));
  }

  void warning(String field, String message) {
    warnings.add(new FieldWarning(field, message));
  }

  Verdict verdict() {
    return new Verdict(errors, warnings);
  }
}
