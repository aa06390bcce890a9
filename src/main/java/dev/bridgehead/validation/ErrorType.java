package dev.bridgehead.validation;

/**
 * What is wrong with a field, in the API server's words (k8s.io/apimachinery
 * pkg/util/validation/field).
 */
public enum ErrorType {
  REQUIRED("Required value", "FieldValueRequired"),
  INVALID("Invalid value", "FieldValueInvalid"),
  TYPE_INVALID("Invalid value", "FieldValueTypeInvalid"),
  UNSUPPORTED("Unsupported value", "FieldValueNotSupported"),
  DUPLICATE("Duplicate value", "FieldValueDuplicate"),
  FORBIDDEN("Forbidden", "FieldValueForbidden"),
  TOO_LONG("Too long", "FieldValueTooLong"),
  TOO_MANY("Too many", "FieldValueTooMany"),
  /** The API server has no field error for it: strict decoding refuses the whole object. */
  UNKNOWN_FIELD("Unknown field", "FieldValueForbidden");

  private final String text;
  private final String reason;

  ErrorType(String text, String reason) {
    this.text = text;
    this.reason = reason;
  }

  /** As it is printed, such as {@code Invalid value}. */
  public String text() {
    return text;
  }

  /** As a {@code metav1.StatusCause} names it, such as {@code FieldValueInvalid}. */
  public String reason() {
    return reason;
  }

  @Override
  public String toString() {
    return text;
  }
}
