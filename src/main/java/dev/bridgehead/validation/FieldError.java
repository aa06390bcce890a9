package dev.bridgehead.validation;

/**
 * One fault of one field.
 *
 * @param field as the API server names it, such as {@code spec.routing.smartHosts[0].host}
 * @param type what kind of fault
 * @param message what a person should know and do; starts with the quoted value where there is one;
 *     may be empty where the type says it all. One line, no secret values
 */
public record FieldError(String field, ErrorType type, String message) {
  /** A value that can't be, with the advice what can. */
  public static FieldError invalid(String field, String value, String advice) {
    return new FieldError(field, ErrorType.INVALID, Quoted.of(value) + ": " + advice);
  }

  /** The fault without its field, such as {@code Required value: at least one}. */
  public String body() {
    return message.isEmpty() ? type.text() : type.text() + ": " + message;
  }

  /** As the API server prints it: {@code FIELD: TYPE: message}. */
  @Override
  public String toString() {
    return field + ": " + body();
  }
}
