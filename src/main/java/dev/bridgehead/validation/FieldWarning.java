package dev.bridgehead.validation;

/**
 * Something allowed that a person should know of.
 *
 * @param field as the API server names it
 * @param message one line
 */
public record FieldWarning(String field, String message) {
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
