package dev.bridgehead.relay.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * On whose word hosts are a destination's next hops.
 *
 * @param domain whose mail they take, as A-labels; null for smart hosts and literals: those are
 *     what was asked for
 * @param owner where its MX records lie, or are denied: the domain, or what its aliases lead to
 * @param proven DNSSEC leads from what was asked for to the hosts' names, or nothing lies between
 */
public record Origin(@Nullable String domain, @Nullable String owner, boolean proven) {
  /** Smart hosts, and literals. */
  public static final Origin GIVEN = new Origin(null, null, true);

  /** Whether a host's name is proven: forged answers can't make another one of a domain's own. */
  public boolean proves(String host) {
    return proven || host.equals(domain);
  }

  /** By which a host's certificate may know the domain; none where there is no domain. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    if (domain != null) {
      names.add(domain);
    }
    if (owner != null && !owner.equals(domain)) {
      names.add(owner);
    }
    return names;
  }
}
