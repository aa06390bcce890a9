package dev.bridgehead.relay.sts;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a domain asks of those who send it mail (RFC 8461 §3.2).
 *
 * @param mx names of its exchangers, A-labels in lower case; {@code *.} before one stands for
 *     exactly one label. At least one but in mode None
 * @param maxAge how long it holds from when it was fetched
 */
public record StsPolicy(Mode mode, List<String> mx, Duration maxAge) {
  /** What a host that fails the policy means. */
  public enum Mode {
    /** It gets no mail. */
    ENFORCE,
    /** It gets mail as if there were no policy, and the failure is counted. */
    TESTING,
    /** There is no policy any more. */
    NONE;

    /** As in a policy. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public StsPolicy {
    mx = List.copyOf(mx);
  }

  public boolean enforced() {
    return mode == Mode.ENFORCE;
  }

  /**
   * Whether an exchanger is one of those that the policy names (RFC 8461 §4.1).
   *
   * @param host as its MX record has it, whatever the case, with or without a trailing dot
   */
  public boolean matches(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    String wanted = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return mx.stream().anyMatch(pattern -> matches(pattern, wanted));
  }

  private static boolean matches(String pattern, String host) {
    if (!pattern.startsWith("*.")) {
      return pattern.equals(host);
    }
    int dot = host.indexOf('.');
    return dot > 0 && host.substring(dot).equals(pattern.substring(1));
  }
}
