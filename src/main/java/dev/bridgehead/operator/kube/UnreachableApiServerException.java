package dev.bridgehead.operator.kube;

/** The API server does not answer now; the message says why in one line. */
public final class UnreachableApiServerException extends UnusableApiServerException {
  private static final long serialVersionUID = 1L;

  UnreachableApiServerException(String message) {
    super(message);
  }
}
