package dev.bridgehead.relay.handover;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** The pod's name. */
  @Override
  public String toString() {
    return set + "-" + ordinal;
  }
}
