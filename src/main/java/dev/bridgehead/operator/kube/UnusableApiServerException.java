package dev.bridgehead.operator.kube;

/** The operator can't work with this API server; the message says why in one line. */
public final class UnusableApiServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnusableApiServerException(String message) {
    super(message);
  }
}
