package dev.bridgehead.operator.kube;

/** The operator can't work with this API server; the message says why in one line. */
public sealed class UnusableApiServerException extends RuntimeException
    permits UnreachableApiServerException {
  private static final long serialVersionUID = 1L;

  public UnusableApiServerException(String message) {
    super(message);
  }
}
