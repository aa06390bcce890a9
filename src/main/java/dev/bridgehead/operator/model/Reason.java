package dev.bridgehead.operator.model;

import static dev.bridgehead.operator.model.Conditions.ACCEPTED;
import static dev.bridgehead.operator.model.Conditions.DRAINING;
import static dev.bridgehead.operator.model.Conditions.NAMES_RESOLVED;
import static dev.bridgehead.operator.model.Conditions.READY;
import static dev.bridgehead.operator.model.Conditions.RECONCILING;
import static dev.bridgehead.operator.model.Conditions.RESOLVED_REFS;
import static dev.bridgehead.operator.model.Conditions.STALLED;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every reason that a condition of a connector or a Bridgehead can have, and what the condition
 * then is. What each means, and what to do, stands in {@code docs/operator.md}; a test holds the
 * two together.
 */
public enum Reason {
  BRIDGEHEADS_READY(yes(READY)),
  PODS_READY(yes(READY)),
  BRIDGEHEADS_NOT_READY(no(READY)),
  PODS_NOT_READY(no(READY)),
  PODS_SILENT(no(READY)),
  CONFIGURATION_PENDING(no(READY)),
  SCALED_TO_ZERO(no(READY)),
  IS_ACCEPTED("Accepted", yes(ACCEPTED)),
  INVALID(no(READY), no(ACCEPTED), yes(STALLED)),
  NAME_CONFLICT(no(READY), no(ACCEPTED), yes(STALLED)),
  VOLUME_NOT_EXPANDED(yes(STALLED)),
  REFS_RESOLVED("ResolvedRefs", yes(RESOLVED_REFS)),
  REF_NOT_FOUND(no(READY), no(RESOLVED_REFS)),
  NOT_CHECKED(unknown(RESOLVED_REFS), unknown(NAMES_RESOLVED)),
  NEXT_HOPS_FOUND(yes(NAMES_RESOLVED)),
  LOOP_DETECTED(no(READY), no(ACCEPTED), yes(STALLED), no(NAMES_RESOLVED)),
  OWN_ADDRESS(no(READY), no(ACCEPTED), yes(STALLED)),
  NEXT_HOP_NOT_FOUND(no(NAMES_RESOLVED)),
  NEXT_HOP_REFUSED(no(NAMES_RESOLVED)),
  NOT_DRAINING(no(DRAINING)),
  PODS_DRAIN(yes(DRAINING)),
  SCALING_DOWN(yes(DRAINING)),
  BEING_DELETED(no(READY), yes(DRAINING), yes(RECONCILING)),
  PROGRESSING(unknown(RESOLVED_REFS), yes(RECONCILING)),
  API_SERVER_REFUSES(no(READY), yes(RECONCILING));

  /**
   * Where a reason stands.
   *
   * @param type of the condition
   * @param status of the condition: True, False or Unknown
   */
  public record Place(String type, String status) {}

  private final String text;
  private final List<Place> places;

  Reason(Place... places) {
    this.text = camelCase(name());
    this.places = List.of(places);
  }

  /** Where the name would be that of a condition. */
  Reason(String text, Place... places) {
    this.text = text;
    this.places = List.of(places);
  }

  private static Place yes(String type) {
    return new Place(type, "True");
  }

  private static Place no(String type) {
    return new Place(type, "False");
  }

  private static Place unknown(String type) {
    return new Place(type, "Unknown");
  }

  private static String camelCase(String name) {
    StringBuilder text = new StringBuilder();
    for (String word : name.split("_", -1)) {
      text.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
    }
    return text.toString();
  }

  /** The reason with that text; empty where a later version wrote it. */
  public static Optional<Reason> of(String text) {
    return Arrays.stream(values()).filter(reason -> reason.text.equals(text)).findFirst();
  }

  /** As it stands in a condition. */
  public String text() {
    return text;
  }

  public List<Place> places() {
    return places;
  }
}
