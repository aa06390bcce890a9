package dev.bridgehead.operator.model;

import dev.bridgehead.api.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions as kstatus reads them: Reconciling and Stalled exist only while they are true. */
public final class Conditions {
  public static final String READY = "Ready";
  public static final String ACCEPTED = "Accepted";
  public static final String RESOLVED_REFS = "ResolvedRefs";
  public static final String NAMES_RESOLVED = "NamesResolved";
  public static final String DRAINING = "Draining";
  public static final String RECONCILING = "Reconciling";
  public static final String STALLED = "Stalled";

  /** Room for every fault of a spec, and no more than a status should hold. */
  private static final int LONGEST_MESSAGE = 4096;

  private final @Nullable Long generation;
  private final List<Condition> conditions = new ArrayList<>();

  /**
   * @param generation that the conditions are judged by
   */
  public Conditions(@Nullable Long generation) {
    this.generation = generation;
  }

  public Conditions yes(String type, Reason reason, String message) {
    return add(type, "True", reason, message);
  }

  public Conditions no(String type, Reason reason, String message) {
    return add(type, "False", reason, message);
  }

  public Conditions unknown(String type, Reason reason, String message) {
    return add(type, "Unknown", reason, message);
  }

  private Conditions add(String type, String status, Reason reason, String message) {
    if (!reason.places().contains(new Reason.Place(type, status))) {
      throw new IllegalArgumentException(reason + " is no reason for " + type + " to be " + status);
    }
    return add(type, status, reason.text(), message);
  }

  private Conditions add(String type, String status, String reason, String message) {
    conditions.add(new Condition(type, status, generation, null, reason, cut(message)));
    return this;
  }

  /**
   * What stays true while the API server refuses something that we ask for: what was known before,
   * and that work is not done. Ready of this generation is not taken back: the relays run as they
   * did.
   */
  public static Conditions hindered(
      @Nullable Long generation, @Nullable List<Condition> before, String message) {
    Conditions conditions = new Conditions(generation);
    String text = message + "; it is tried again by itself, later each time";
    if (!isTrue(before, READY) || !conditions.copy(before, READY)) {
      conditions.no(READY, Reason.API_SERVER_REFUSES, text);
    }
    conditions.copy(before, ACCEPTED);
    conditions.copy(before, RESOLVED_REFS);
    conditions.copy(before, NAMES_RESOLVED);
    return conditions.yes(RECONCILING, Reason.API_SERVER_REFUSES, text);
  }

  /** Takes over what was said of this very generation. */
  private boolean copy(@Nullable List<Condition> before, String type) {
    Optional<Condition> known =
        find(before, type)
            .filter(condition -> Objects.equals(condition.observedGeneration(), generation));
    known.ifPresent(c -> add(type, c.status(), reason(c), message(c)));
    return known.isPresent();
  }

  /** The list to write: a condition whose status stayed the same keeps its time. */
  public List<Condition> after(@Nullable List<Condition> before, Instant now) {
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    return conditions.stream()
        .map(
            condition -> {
              String since =
                  find(before, condition.type())
                      .filter(previous -> previous.status().equals(condition.status()))
                      .map(Condition::lastTransitionTime)
                      .orElse(time);
              return new Condition(
                  condition.type(),
                  condition.status(),
                  condition.observedGeneration(),
                  since,
                  condition.reason(),
                  condition.message());
            })
        .toList();
  }

  public static Optional<Condition> find(@Nullable List<Condition> conditions, String type) {
    return conditions == null
        ? Optional.empty()
        : conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
  }

  public static boolean isTrue(@Nullable List<Condition> conditions, String type) {
    return find(conditions, type).filter(c -> c.status().equals("True")).isPresent();
  }

  public static boolean isFalse(@Nullable List<Condition> conditions, String type) {
    return find(conditions, type).filter(c -> c.status().equals("False")).isPresent();
  }

  /** The message of a condition, empty where it has none. */
  public static String message(Condition condition) {
    return Objects.requireNonNullElse(condition.message(), "");
  }

  public static String reason(Condition condition) {
    return Objects.requireNonNullElse(condition.reason(), "");
  }

  private static String cut(String message) {
    return message.length() <= LONGEST_MESSAGE
        ? message
        : message.substring(0, LONGEST_MESSAGE - 1) + "…";
  }
}
