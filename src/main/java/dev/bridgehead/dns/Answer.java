package dev.bridgehead.dns;

import java.util.List;

/** What a look-up came to. */
public sealed interface Answer<T> {
  /** Records, at least one. */
  record Found<T>(List<T> values) implements Answer<T> {
    public Found {
      if (values.isEmpty()) {
        throw new IllegalArgumentException("an empty answer is NoData");
      }
      values = List.copyOf(values);
    }
  }

  /** The name exists, but has no record of that type (RFC 2308 §2.2). */
  record NoData<T>() implements Answer<T> {}

  /** The name does not exist (NXDOMAIN), or is no domain name at all. */
  record NameError<T>() implements Answer<T> {}

  /**
   * Nobody knows at present: time-out, SERVFAIL, REFUSED, a broken zone.
   *
   * @param text one line, what failed and where
   */
  record TemporaryFailure<T>(String text) implements Answer<T> {}
}
