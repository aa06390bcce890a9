package dev.bridgehead.operator.model;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.BridgeheadSummary;
import dev.bridgehead.api.Condition;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A connector as it was judged, its Bridgeheads as they were found, and the status that follows.
 *
 * @param wanted names of the entries that should run: the connector's own, or where it was refused
 *     those of the last good one
 * @param bridgeheads those that exist and stay
 * @param leaving those that were taken out of the spec and drain
 */
public record ConnectorReport(
    SmtpConnector connector,
    Judgement judgement,
    List<String> wanted,
    List<Bridgehead> bridgeheads,
    List<Bridgehead> leaving) {

  /** Whether the spec is taken over. */
  public sealed interface Judgement permits Accepted, Refused {}

  /**
   * @param message what the rules had to remark, or that there is nothing
   */
  public record Accepted(String message) implements Judgement {}

  /**
   * @param reason that Accepted may be False for
   * @param message every fault with its field
   */
  public record Refused(Reason reason, String message) implements Judgement {}

  /** Figures of all bridgeheads. */
  public Counts counts() {
    return Counts.sum(bridgeheads.stream().map(b -> Counts.in(b.getStatus())).toList());
  }

  /**
   * @param counts the figures to show, which may lag behind {@link #counts()}
   */
  public SmtpConnectorStatus status(Counts counts, Instant now) {
    SmtpConnectorStatus before = connector.getStatus();
    long ready = wanted.stream().filter(this::ready).count();
    return new SmtpConnectorStatus(
        connector.getMetadata().getGeneration(),
        conditions(counts).after(before == null ? null : before.conditions(), now),
        ready + "/" + wanted.size(),
        counts.queued(),
        counts.oldest(),
        counts.deferral(),
        summaries(counts));
  }

  /** The status before, and what the API server refuses. */
  public static SmtpConnectorStatus hindered(SmtpConnector connector, String refusal, Instant now) {
    SmtpConnectorStatus before = connector.getStatus();
    List<Condition> known = before == null ? null : before.conditions();
    Long generation = connector.getMetadata().getGeneration();
    List<Condition> conditions = Conditions.hindered(generation, known, refusal).after(known, now);
    return before == null
        ? new SmtpConnectorStatus(generation, conditions, null, null, null, null, null)
        : new SmtpConnectorStatus(
            generation,
            conditions,
            before.bridgeheadsReady(),
            before.queuedMessages(),
            before.oldestQueuedTime(),
            before.commonestDeferral(),
            before.bridgeheads());
  }

  /**
   * While it is being deleted, and its bridgeheads drain.
   *
   * @param counts as in {@link #status}
   */
  public SmtpConnectorStatus beingDeleted(Counts counts, Instant now) {
    SmtpConnectorStatus before = connector.getStatus();
    String message =
        bridgeheads.stream()
            .map(b -> b.getSpec().name() + ": " + drains(b).orElse("is about to drain"))
            .collect(Collectors.joining("; "));
    Conditions conditions =
        new Conditions(connector.getMetadata().getGeneration())
            .no(Conditions.READY, Reason.BEING_DELETED, "it is being deleted")
            .yes(Conditions.DRAINING, Reason.BEING_DELETED, message)
            .yes(Conditions.RECONCILING, Reason.BEING_DELETED, message);
    return new SmtpConnectorStatus(
        connector.getMetadata().getGeneration(),
        conditions.after(before == null ? null : before.conditions(), now),
        "0/" + bridgeheads.size(),
        counts.queued(),
        counts.oldest(),
        counts.deferral(),
        summaries(counts));
  }

  private static Optional<String> drains(Bridgehead bridgehead) {
    return Optional.ofNullable(bridgehead.getStatus())
        .flatMap(status -> Conditions.find(status.conditions(), Conditions.DRAINING))
        .filter(condition -> condition.status().equals("True"))
        .map(Conditions::message);
  }

  private Conditions conditions(Counts shown) {
    Conditions conditions = new Conditions(connector.getMetadata().getGeneration());
    return switch (effective()) {
      case Refused(Reason reason, String message) ->
          conditions
              .no(Conditions.READY, reason, message)
              .no(Conditions.ACCEPTED, reason, message)
              .unknown(
                  Conditions.RESOLVED_REFS,
                  Reason.NOT_CHECKED,
                  "the spec was refused; the last good one runs on")
              .yes(Conditions.STALLED, reason, message);
      case Accepted(String message) -> {
        List<String> waiting = wanted.stream().filter(name -> !ready(name)).toList();
        if (waiting.isEmpty()) {
          conditions.yes(
              Conditions.READY,
              Reason.BRIDGEHEADS_READY,
              "every bridgehead runs this generation" + shown.waiting());
        } else {
          conditions.no(Conditions.READY, Reason.BRIDGEHEADS_NOT_READY, why(waiting));
        }
        conditions.yes(Conditions.ACCEPTED, Reason.IS_ACCEPTED, message);
        references(conditions);
        nextHops(conditions);
        draining(conditions);
        stalled(conditions);
        if (wanted.stream().anyMatch(this::busy)) {
          conditions.yes(
              Conditions.RECONCILING,
              Reason.PROGRESSING,
              waiting.isEmpty() ? "some pods are still on their way" : why(waiting));
        }
        yield conditions;
      }
    };
  }

  private void stalled(Conditions conditions) {
    Map<String, Condition> stalled = new TreeMap<>();
    wanted.stream()
        .filter(this::current)
        .forEach(name -> condition(name, Conditions.STALLED).ifPresent(c -> stalled.put(name, c)));
    if (!stalled.isEmpty()) {
      conditions.yes(
          Conditions.STALLED,
          Reason.of(Conditions.reason(stalled.values().iterator().next())).orElse(Reason.INVALID),
          stalled.entrySet().stream()
              .map(entry -> entry.getKey() + ": " + Conditions.message(entry.getValue()))
              .collect(Collectors.joining("; ")));
    }
  }

  private void draining(Conditions conditions) {
    List<String> draining = new ArrayList<>();
    Stream.concat(bridgeheads.stream(), leaving.stream())
        .forEach(b -> drains(b).ifPresent(text -> draining.add(b.getSpec().name() + ": " + text)));
    if (draining.isEmpty()) {
      conditions.no(Conditions.DRAINING, Reason.NOT_DRAINING, "no pod is on its way out");
    } else {
      conditions.yes(Conditions.DRAINING, Reason.PODS_DRAIN, String.join("; ", draining));
    }
  }

  /** A bridgehead that found a stranger's object under one of its names takes acceptance back. */
  private Judgement effective() {
    if (judgement instanceof Accepted) {
      for (String name : wanted) {
        Optional<Condition> accepted = condition(name, Conditions.ACCEPTED);
        if (accepted.filter(c -> c.status().equals("False")).isPresent()) {
          return new Refused(
              Reason.of(Conditions.reason(accepted.get())).orElse(Reason.INVALID),
              Conditions.message(accepted.get()));
        }
      }
    }
    return judgement;
  }

  private void references(Conditions conditions) {
    List<String> problems = new ArrayList<>();
    boolean known = true;
    for (String name : wanted) {
      Optional<Condition> resolved =
          current(name) ? condition(name, Conditions.RESOLVED_REFS) : Optional.empty();
      known &= resolved.isPresent();
      resolved
          .filter(c -> c.status().equals("False"))
          .map(Conditions::message)
          .filter(message -> !problems.contains(message))
          .ifPresent(problems::add);
    }
    if (!problems.isEmpty()) {
      conditions.no(Conditions.RESOLVED_REFS, Reason.REF_NOT_FOUND, String.join("; ", problems));
    } else if (known) {
      conditions.yes(
          Conditions.RESOLVED_REFS, Reason.REFS_RESOLVED, "every object it refers to is there");
    } else {
      conditions.unknown(
          Conditions.RESOLVED_REFS, Reason.PROGRESSING, "references are being looked up");
    }
  }

  private void nextHops(Conditions conditions) {
    List<Condition> found =
        wanted.stream()
            .flatMap(name -> condition(name, Conditions.NAMES_RESOLVED).stream())
            .toList();
    List<Condition> troubles =
        found.stream().filter(condition -> condition.status().equals("False")).toList();
    if (!troubles.isEmpty()) {
      conditions.no(
          Conditions.NAMES_RESOLVED,
          Reason.of(Conditions.reason(troubles.getFirst())).orElse(Reason.NEXT_HOP_NOT_FOUND),
          troubles.stream().map(Conditions::message).distinct().collect(Collectors.joining("; ")));
    } else if (found.stream().anyMatch(condition -> condition.status().equals("True"))) {
      conditions.yes(
          Conditions.NAMES_RESOLVED,
          Reason.NEXT_HOPS_FOUND,
          "no smart host is lost, and no next hop turned out to be this server or was refused");
    } else {
      conditions.unknown(
          Conditions.NAMES_RESOLVED, Reason.NOT_CHECKED, "no relay has said what it found");
    }
  }

  private String why(List<String> waiting) {
    List<String> reasons = new ArrayList<>();
    for (String name : waiting) {
      String message =
          current(name)
              ? condition(name, Conditions.READY).map(Conditions::message).orElse("")
              : "does not run this generation yet";
      reasons.add(name + ": " + message);
    }
    return String.join("; ", reasons);
  }

  /** Whether a bridgehead is ready with the spec that counts. */
  private boolean ready(String name) {
    return find(name)
        .filter(b -> b.getStatus() != null)
        .filter(b -> Conditions.isTrue(b.getStatus().conditions(), Conditions.READY))
        .filter(b -> judgement instanceof Refused || current(name))
        .isPresent();
  }

  private boolean busy(String name) {
    return !current(name) || condition(name, Conditions.RECONCILING).isPresent();
  }

  /** Whether a bridgehead's status speaks of this generation of the connector. */
  private boolean current(String name) {
    return find(name)
        .filter(b -> b.getStatus() != null)
        .filter(
            b ->
                Objects.equals(b.getStatus().observedGeneration(), b.getMetadata().getGeneration())
                    && Objects.equals(
                        b.getSpec().connector().generation(),
                        connector.getMetadata().getGeneration()))
        .isPresent();
  }

  private Optional<Condition> condition(String name, String type) {
    return find(name)
        .map(Bridgehead::getStatus)
        .flatMap(status -> Conditions.find(status.conditions(), type));
  }

  private Optional<Bridgehead> find(String name) {
    return bridgeheads.stream().filter(b -> b.getSpec().name().equals(name)).findFirst();
  }

  /** The figures of single bridgeheads change only together with the connector's own. */
  private List<BridgeheadSummary> summaries(Counts counts) {
    boolean fresh = counts.equals(counts());
    List<BridgeheadSummary> summaries = new ArrayList<>();
    for (Bridgehead bridgehead : bridgeheads) {
      BridgeheadStatus status = bridgehead.getStatus();
      String name = bridgehead.getSpec().name();
      Counts own = fresh || status == null ? Counts.in(status) : written(name);
      summaries.add(
          new BridgeheadSummary(
              name,
              bridgehead.getSpec().replicasOrDefault(),
              status == null ? null : status.readyReplicas(),
              status == null ? null : status.endpoint(),
              own.queued(),
              own.oldest(),
              own.deferral(),
              status == null ? null : status.retainedVolumes()));
    }
    return summaries;
  }

  private Counts written(String name) {
    SmtpConnectorStatus before = connector.getStatus();
    if (before == null || before.bridgeheads() == null) {
      return Counts.NONE;
    }
    return before.bridgeheads().stream()
        .filter(summary -> summary.name().equals(name))
        .map(Counts::in)
        .findFirst()
        .orElse(Counts.NONE);
  }
}
