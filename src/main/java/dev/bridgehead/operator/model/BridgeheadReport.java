package dev.bridgehead.operator.model;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.Condition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A bridgehead as it was found, and the status that follows.
 *
 * @param conflict the object of a stranger that has one of our names, if any
 * @param references what became of the spec's references; null where a conflict came first
 * @param hash of the configuration that its relays should run; empty before there is one
 * @param set its StatefulSet
 * @param pods each pod with what its relay says, where it answered
 * @param retained claims without a pod
 * @param small why claims stay smaller than the spec says, and what to do; empty where none does
 */
public record BridgeheadReport(
    Bridgehead bridgehead,
    Optional<String> conflict,
    References.@Nullable Resolution references,
    Optional<String> hash,
    Optional<StatefulSet> set,
    List<SeenPod> pods,
    List<String> retained,
    Optional<String> small) {

  /**
   * One pod.
   *
   * @param state what its relay says now; only this decides what may go
   * @param lately the same, or where it doesn't answer what it said a moment ago: one answer that
   *     is lost is no news to anybody
   */
  public record SeenPod(Pod pod, Optional<PodState> state, Optional<PodState> lately) {
    /** Of a pod of which nothing else was known. */
    public SeenPod(Pod pod, Optional<PodState> state) {
      this(pod, state, state);
    }

    boolean current(Optional<String> hash) {
      return Rollout.ready(pod)
          && hash.isPresent()
          && lately.filter(s -> s.hash().equals(hash.get())).isPresent();
    }
  }

  /** Figures of all pods that answered. */
  public Counts counts() {
    return counts(pods);
  }

  /** Figures of those that answered. */
  public static Counts counts(List<SeenPod> pods) {
    return Counts.sum(
        pods.stream().flatMap(pod -> pod.lately().stream()).map(PodState::counts).toList());
  }

  public int ready() {
    return (int) staying().filter(pod -> pod.current(hash)).count();
  }

  private Stream<SeenPod> readyPods() {
    return pods.stream().filter(seen -> Rollout.ready(seen.pod()));
  }

  private Stream<SeenPod> staying() {
    return pods.stream().filter(seen -> Rollout.ordinal(seen.pod()) < wanted());
  }

  /** Those beyond the wanted number: they drain before they go. */
  private List<SeenPod> leaving() {
    return pods.stream().filter(seen -> Rollout.ordinal(seen.pod()) >= wanted()).toList();
  }

  /** Whether every pod is there, ready, on the current template and configuration. */
  public boolean settled() {
    return conflict.isEmpty()
        && references instanceof References.Resolved
        && ready() == wanted()
        && pods.size() == wanted()
        && outdated() == 0;
  }

  /**
   * @param counts the figures to show, which may lag behind {@link #counts()}
   */
  public BridgeheadStatus status(Counts counts, Instant now) {
    BridgeheadStatus before = bridgehead.getStatus();
    List<Condition> conditions =
        conditions(counts).after(before == null ? null : before.conditions(), now);
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    return new BridgeheadStatus(
        bridgehead.getMetadata().getGeneration(),
        conditions,
        pods.size(),
        ready(),
        selectorText(key.selector()),
        key.name()
            + "."
            + key.namespace()
            + ".svc:"
            + bridgehead.getSpec().virtualServerOrDefault().portOrDefault(),
        counts.queued(),
        counts.oldest(),
        counts.deferral(),
        retained.isEmpty() ? null : retained);
  }

  /** The status before, and what the API server refuses. */
  public static BridgeheadStatus hindered(Bridgehead bridgehead, String refusal, Instant now) {
    BridgeheadStatus before = bridgehead.getStatus();
    List<Condition> known = before == null ? null : before.conditions();
    return with(
        Conditions.hindered(bridgehead.getMetadata().getGeneration(), known, refusal),
        bridgehead,
        now);
  }

  /** The status before, and what of the spec can't be read. */
  public static BridgeheadStatus unreadable(Bridgehead bridgehead, String why, Instant now) {
    Conditions conditions =
        new Conditions(bridgehead.getMetadata().getGeneration())
            .no(Conditions.READY, Reason.INVALID, why)
            .no(Conditions.ACCEPTED, Reason.INVALID, why)
            .yes(Conditions.STALLED, Reason.INVALID, why);
    return with(conditions, bridgehead, now);
  }

  private static BridgeheadStatus with(Conditions found, Bridgehead bridgehead, Instant now) {
    BridgeheadStatus before = bridgehead.getStatus();
    Long generation = bridgehead.getMetadata().getGeneration();
    List<Condition> conditions = found.after(before == null ? null : before.conditions(), now);
    return before == null
        ? new BridgeheadStatus(
            generation, conditions, null, null, null, null, null, null, null, null)
        : new BridgeheadStatus(
            generation,
            conditions,
            before.replicas(),
            before.readyReplicas(),
            before.selector(),
            before.endpoint(),
            before.queuedMessages(),
            before.oldestQueuedTime(),
            before.commonestDeferral(),
            before.retainedVolumes());
  }

  private Conditions conditions(Counts shown) {
    Conditions conditions = new Conditions(bridgehead.getMetadata().getGeneration());
    if (conflict.isPresent()) {
      String message = conflict.get();
      return conditions
          .no(Conditions.READY, Reason.NAME_CONFLICT, message)
          .no(Conditions.ACCEPTED, Reason.NAME_CONFLICT, message)
          .yes(Conditions.STALLED, Reason.NAME_CONFLICT, message);
    }
    ready(conditions, shown);
    conditions.yes(
        Conditions.ACCEPTED, Reason.IS_ACCEPTED, "the names of its objects are free or ours");
    switch (references) {
      case References.Resolved _ ->
          conditions.yes(
              Conditions.RESOLVED_REFS, Reason.REFS_RESOLVED, "every object it refers to is there");
      case References.Unresolved(List<String> problems) ->
          conditions.no(
              Conditions.RESOLVED_REFS, Reason.REF_NOT_FOUND, String.join("; ", problems));
      case null ->
          conditions.unknown(
              Conditions.RESOLVED_REFS, Reason.NOT_CHECKED, "references were not looked up");
    }
    nextHops(conditions);
    draining(conditions, shown);
    // It needs a person, so that it is not progress; Ready is about mail, and stays as it is.
    small.ifPresent(why -> conditions.yes(Conditions.STALLED, Reason.VOLUME_NOT_EXPANDED, why));
    if (!settled()) {
      conditions.yes(Conditions.RECONCILING, Reason.PROGRESSING, progress());
    }
    return conditions;
  }

  /** What only a relay finds out, when it looks up where to send. */
  private void nextHops(Conditions conditions) {
    List<PodState> said = pods.stream().flatMap(pod -> pod.lately().stream()).toList();
    List<String> loops = lines(said, PodState::loops);
    List<PodState> looked = said.stream().filter(state -> state.unresolved() != null).toList();
    List<String> unresolved =
        lines(said, state -> Objects.requireNonNullElse(state.unresolved(), List.of()));
    List<String> refused = lines(said, PodState::refused);
    if (!loops.isEmpty()) {
      conditions.no(
          Conditions.NAMES_RESOLVED,
          Reason.LOOP_DETECTED,
          String.join("; ", loops)
              + ": mail is not sent there; correct spec.routing or the DNS record");
    } else if (!unresolved.isEmpty()) {
      conditions.no(
          Conditions.NAMES_RESOLVED,
          Reason.NEXT_HOP_NOT_FOUND,
          String.join("; ", unresolved)
              + ", as last looked up: mail for it waits; correct spec.routing.smartHosts or the DNS");
    } else if (!refused.isEmpty()) {
      conditions.no(
          Conditions.NAMES_RESOLVED,
          Reason.NEXT_HOP_REFUSED,
          String.join("; ", refused)
              + ": correct the DNS, or where it is your own allow private addresses");
    } else if (looked.isEmpty()) {
      conditions.unknown(
          Conditions.NAMES_RESOLVED, Reason.NOT_CHECKED, "no relay has said what it found");
    } else {
      conditions.yes(
          Conditions.NAMES_RESOLVED,
          Reason.NEXT_HOPS_FOUND,
          "no smart host is lost, and no next hop turned out to be this server or was refused");
    }
  }

  private static List<String> lines(List<PodState> said, Function<PodState, List<String>> which) {
    return said.stream().flatMap(state -> which.apply(state).stream()).distinct().sorted().toList();
  }

  /** Its figure changes only together with the status' own, at most once a minute. */
  private void draining(Conditions conditions, Counts shown) {
    List<SeenPod> leaving = leaving();
    if (leaving.isEmpty()) {
      conditions.no(Conditions.DRAINING, Reason.NOT_DRAINING, "no pod is on its way out");
      return;
    }
    String names =
        leaving.stream()
            .map(seen -> seen.pod().getMetadata().getName())
            .collect(Collectors.joining(", "));
    conditions.yes(
        Conditions.DRAINING,
        Reason.SCALING_DOWN,
        shown.equals(counts()) || !known(names)
            ? names
                + " deliver or hand over "
                + holdings(leaving)
                + " before they go; the annotation "
                + Labels.FORCE
                + ": \"true\" ends the wait and keeps their volumes"
                + counts(leaving).waiting()
            : before(Conditions.DRAINING));
  }

  private boolean known(String names) {
    return before(Conditions.DRAINING).startsWith(names + " ");
  }

  private String before(String type) {
    BridgeheadStatus before = bridgehead.getStatus();
    return Conditions.find(before == null ? null : before.conditions(), type)
        .map(Conditions::message)
        .orElse("");
  }

  private static String holdings(List<SeenPod> leaving) {
    long silent = leaving.stream().filter(seen -> seen.lately().isEmpty()).count();
    long queued =
        leaving.stream().flatMap(seen -> seen.lately().stream()).mapToLong(PodState::queued).sum();
    String messages = queued == 1 ? "1 message" : queued + " messages";
    return silent == 0 ? messages : messages + " and what those that don't answer hold";
  }

  private void ready(Conditions conditions, Counts shown) {
    if (references instanceof References.Unresolved(List<String> problems)) {
      conditions.no(Conditions.READY, Reason.REF_NOT_FOUND, String.join("; ", problems));
    } else if (ready() > 0) {
      conditions.yes(Conditions.READY, Reason.PODS_READY, progress() + shown.waiting());
    } else if (wanted() == 0) {
      conditions.no(
          Conditions.READY,
          Reason.SCALED_TO_ZERO,
          "no pods are wanted, so nothing takes mail: kubectl scale bridgehead "
              + bridgehead.getMetadata().getName()
              + " --replicas=1");
    } else if (readyPods().anyMatch(pod -> pod.lately().isPresent())) {
      conditions.no(
          Conditions.READY,
          Reason.CONFIGURATION_PENDING,
          "no ready pod reports the current configuration yet; it takes seconds, and a relay that"
              + " refuses it says why in its log");
    } else if (readyPods().findAny().isPresent()) {
      conditions.no(
          Conditions.READY,
          Reason.PODS_SILENT,
          "no ready pod answers the operator on its management port; look whether a network policy"
              + " keeps it out, then at the pods' logs");
    } else {
      conditions.no(Conditions.READY, Reason.PODS_NOT_READY, "no pod is ready" + why());
    }
  }

  /** What the cluster says of the first pod that isn't ready; empty where it says nothing. */
  private String why() {
    return pods.stream()
        .map(SeenPod::pod)
        .filter(pod -> !Rollout.ready(pod))
        .flatMap(
            pod -> Unready.reason(pod).map(it -> pod.getMetadata().getName() + ": " + it).stream())
        .findFirst()
        .map(reason -> ": " + reason)
        .orElse(pods.isEmpty() ? ": kubectl describe statefulset says why there are none" : "");
  }

  private String progress() {
    String text = ready() + " of " + wanted() + " pods are ready with the current configuration";
    return outdated() == 0 ? text : text + "; " + outdated() + " to be replaced";
  }

  private int wanted() {
    return bridgehead.getSpec().replicasOrDefault();
  }

  private long outdated() {
    return set.map(s -> Rollout.outdated(s, staying().map(SeenPod::pod).toList())).orElse(0L);
  }

  static String selectorText(Map<String, String> selector) {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(selector)
        .forEach(
            (key, value) ->
                text.append(text.isEmpty() ? "" : ",").append(key).append('=').append(value));
    return text.toString();
  }
}
