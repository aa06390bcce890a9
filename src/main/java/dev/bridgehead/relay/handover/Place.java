package dev.bridgehead.relay.handover;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which pod of its StatefulSet a relay is.
 *
 * @param set the StatefulSet's name
 * @param ordinal from 0
 */
public record Place(String set, int ordinal) {
  private static final Pattern NAME = Pattern.compile("(.+)-(0|[1-9][0-9]{0,5})");

  /**
   * @param podName null on a laptop
   * @return empty where it is not the name of a StatefulSet's pod
   */
  public static Optional<Place> of(@Nullable String podName) {
    Matcher name = NAME.matcher(podName == null ? "" : podName);
    return name.matches()
        ? Optional.of(new Place(name.group(1), Integer.parseInt(name.group(2))))
        : Optional.empty();
  }

  /**
   * @param drainFrom the lowest ordinal that drains; null where none does
   */
  public boolean drains(@Nullable Integer drainFrom) {
    return drainFrom != null && ordinal >= drainFrom;
  }

  /** Who stays while this one drains, and takes over what it has. */
  List<Place> below(@Nullable Integer drainFrom) {
    int stay = drainFrom == null ? 0 : Math.min(drainFrom, ordinal);
    return IntStream.range(0, stay).mapToObj(each -> new Place(set, each)).toList();
  }

  /** Its name in DNS, ready or not: that of the StatefulSet's headless Service. */
  String host(String namespace, String clusterDomain) {
    return "%s.%s-pods.%s.svc.%s".formatted(this, set, namespace, clusterDomain);
  }

  /** The pod's name. */
  @Override
  public String toString() {
    return set + "-" + ordinal;
  }
}
