package dev.bridgehead.relay.mail;

/**
 * An enhanced status code (RFC 3463).
 *
 * @param subject 0-999
 * @param detail 0-999
 * @param klass 2, 4 or 5
 */
public record EnhancedStatus(int klass, int subject, int detail) {
  public EnhancedStatus {
    if ((klass != 2 && klass != 4 && klass != 5)
        || subject < 0
        || subject > 999
        || detail < 0
        || detail > 999) {
      throw new IllegalArgumentException("not an enhanced status code");
    }
  }

  @Override
  public String toString() {
    return klass + "." + subject + "." + detail;
  }
}
