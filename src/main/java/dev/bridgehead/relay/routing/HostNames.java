package dev.bridgehead.relay.routing;

import dev.bridgehead.validation.IpAddress;
import java.util.Optional;

/** What an MX record names may be anything; only a host's name is looked up. */
public final class HostNames {
  private static final String LABEL = "[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?";

  private HostNames() {}

  /**
   * Why a name is no host's (RFC 1123 §2.1), empty where it is one. Underscores stand in names of
   * mail hosts that do exist.
   *
   * @param name lower case, without a trailing dot, unprintable octets escaped
   */
  public static Optional<String> fault(String name) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    if (IpAddress.parse(name).isPresent() || last.matches("[0-9]+")) {
      return Optional.of(
          name + " stands where a host's name belongs (RFC 5321 section 5.1), and is none");
    }
    for (String label : name.split("\\.", -1)) {
      if (!label.matches(LABEL)) {
        return Optional.of(name + " is no host's name (RFC 1123 section 2.1)");
      }
    }
    return Optional.empty();
  }
}
