package dev.bridgehead.manifest;

/**
 * A document that is neither YAML nor JSON, or no object; the message is one line that says where.
 */
final class UnreadableDocument extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableDocument(String message) {
    super(message);
  }

  static UnreadableDocument at(int line, int column, String problem) {
    return new UnreadableDocument("line " + line + ", column " + column + ": " + problem);
  }

  String problem() {
    return String.valueOf(getMessage());
  }
}
