package dev.bridgehead.dns;

/**
 * One look-up.
 *
 * @param answer what it came to
 * @param dnssec how far that is proven, every alias on the way included; never Secure or Insecure
 *     with a {@link Answer.TemporaryFailure}, never Bogus with anything else
 * @param owner where the records lie, or are denied: the name asked for, or what its aliases lead
 *     to; A-labels, lower case, no trailing dot
 */
public record Lookup<T>(Answer<T> answer, Dnssec dnssec, String owner) {}
