package dev.bridgehead.relay.routing;

import dev.bridgehead.validation.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code --connect-to HOST1:PORT1:HOST2:PORT2}, as curl's: a next hop HOST1:PORT1 is really
 * connected at HOST2:PORT2. Empty fields match all and keep what is there; IPv6 addresses stand in
 * brackets; the first rule that matches counts.
 */
public record ConnectTo(List<Rule> rules) {
  /** No rule: every next hop is connected where it is. */
  public static final ConnectTo NONE = new ConnectTo(List.of());

  private static final String FORM = "must be HOST1:PORT1:HOST2:PORT2, each of which may be empty";

  public ConnectTo {
    rules = List.copyOf(rules);
  }

  /**
   * One option.
   *
   * @param host in the form for comparing; null matches every host
   * @param port null matches every port
   */
  record Rule(
      @Nullable String host,
      @Nullable Integer port,
      @Nullable String targetHost,
      @Nullable Integer targetPort) {}

  /**
   * Where to connect instead.
   *
   * @param host a name, or an address without brackets; null keeps the next hop's own
   */
  public record Target(@Nullable String host, int port) {}

  /**
   * Reads options.
   *
   * @throws IllegalArgumentException with the option and what is wrong about it
   */
  public static ConnectTo parse(List<String> options) {
    return new ConnectTo(options.stream().map(ConnectTo::rule).toList());
  }

  private static Rule rule(String option) {
    List<String> fields = fields(option);
    if (fields.size() != 4) {
      throw refused(option, FORM);
    }
    return new Rule(
        host(fields.get(0)),
        port(option, fields.get(1)),
        host(fields.get(2)),
        port(option, fields.get(3)));
  }

  /** Splits at colons outside of brackets. */
  private static List<String> fields(String option) {
    List<String> fields = new ArrayList<>();
    int start = 0;
    boolean bracketed = false;
    for (int i = 0; i < option.length(); i++) {
      char c = option.charAt(i);
      bracketed = c == '[' || (bracketed && c != ']');
      if (c == ':' && !bracketed) {
        fields.add(option.substring(start, i));
        start = i + 1;
      }
    }
    fields.add(option.substring(start));
    return fields;
  }

  private static @Nullable String host(String field) {
    return field.isEmpty() ? null : comparable(field);
  }

  private static @Nullable Integer port(String option, String field) {
    if (field.isEmpty()) {
      return null;
    }
    if (!field.matches("[0-9]{1,5}")
        || Integer.parseInt(field) < 1
        || Integer.parseInt(field) > 65_535) {
      throw refused(option, "a port must be a number from 1 to 65535");
    }
    return Integer.valueOf(field);
  }

  private static IllegalArgumentException refused(String option, String why) {
    return new IllegalArgumentException("--connect-to \"" + option + "\": " + why);
  }

  /** Lower case, no trailing dot, addresses without brackets and in one spelling. */
  private static String comparable(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.startsWith("[") && name.endsWith("]")) {
      name = name.substring(1, name.length() - 1);
      name = name.startsWith("ipv6:") ? name.substring(5) : name;
    }
    name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    String plain = name;
    return IpAddress.parse(plain).map(address -> address.getHostAddress()).orElse(plain);
  }

  /** Where a next hop is really connected; empty where no rule matches it. */
  public Optional<Target> target(String host, int port) {
    String wanted = comparable(host);
    return rules.stream()
        .filter(rule -> rule.host() == null || rule.host().equals(wanted))
        .filter(rule -> rule.port() == null || rule.port() == port)
        .findFirst()
        .map(
            rule ->
                new Target(
                    rule.targetHost(), rule.targetPort() == null ? port : rule.targetPort()));
  }
}
