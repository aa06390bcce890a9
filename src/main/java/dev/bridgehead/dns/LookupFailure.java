package dev.bridgehead.dns;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** No server had an answer that can be used. */
final class LookupFailure extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Dnssec dnssec;

  private LookupFailure(String text, Dnssec dnssec) {
    super(text, null, false, false);
    this.dnssec = dnssec;
  }

  static LookupFailure unanswered(String text) {
    return new LookupFailure(text, new Dnssec.Indeterminate(text));
  }

  static LookupFailure bogus(String text) {
    return new LookupFailure("DNSSEC: " + text, new Dnssec.Bogus(text));
  }

  /** What made a future fail, without what wraps it. */
  static Throwable cause(Throwable thrown) {
    Throwable cause = thrown.getCause();
    boolean wrapped = thrown instanceof CompletionException || thrown instanceof ExecutionException;
    return wrapped && cause != null ? cause(cause) : thrown;
  }

  String text() {
    return String.valueOf(getMessage());
  }

  /** Bogus or Indeterminate. */
  Dnssec dnssec() {
    return dnssec;
  }
}
