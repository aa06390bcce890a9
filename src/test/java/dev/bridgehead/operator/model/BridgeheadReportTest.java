package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.Condition;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.operator.model.BridgeheadReport.SeenPod;
import dev.bridgehead.operator.model.References.Resolution;
import dev.bridgehead.operator.model.References.Resolved;
import dev.bridgehead.operator.model.References.Unresolved;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BridgeheadReportTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String LOOP = "smtp.example.net port 25 leads back here";
  private static final Resolution RESOLVED = new Resolved(List.of());

  private final Bridgehead bridgehead = Samples.bridgehead(Samples.dns(2, null));

  @Test
  void isReadyWithOnePodOnThisConfiguration() {
    BridgeheadStatus status = status(RESOLVED, pod(true, "current"), pod(false, null));

    assertThat(condition(status, "Ready").status()).isEqualTo("True");
    assertThat(condition(status, "Reconciling").message())
        .isEqualTo("1 of 2 pods are ready with the current configuration");
    assertThat(status.readyReplicas()).isEqualTo(1);
    assertThat(status.observedGeneration()).isEqualTo(7);
  }

  @Test
  void isNotReadyWhereReadyPodsRunAnOlderConfiguration() {
    BridgeheadStatus status = status(RESOLVED, pod(true, "older"), pod(true, "older"));

    assertThat(condition(status, "Ready").status()).isEqualTo("False");
    assertThat(condition(status, "Ready").reason()).isEqualTo("ConfigurationPending");
  }

  @Test
  void isNotReadyWhereARelayDoesNotAnswer() {
    Condition ready = condition(status(RESOLVED, pod(true, null)), "Ready");

    assertThat(ready.status()).isEqualTo("False");
    assertThat(ready.reason()).isEqualTo("PodsSilent");
  }

  @Test
  void staysReadyOnWhatARelaySaidAMomentAgo() {
    SeenPod before = pod(true, "current");
    SeenPod silent = new SeenPod(before.pod(), Optional.empty(), before.state());
    BridgeheadStatus status = status(RESOLVED, silent, pod(true, "current"));

    assertThat(condition(status, "Ready").status()).isEqualTo("True");
    assertThat(status.readyReplicas()).isEqualTo(2);
    assertThat(status.conditions()).extracting(Condition::type).doesNotContain("Reconciling");
  }

  @Test
  void saysThatANextHopLeadsBackOrIsLost() {
    Condition resolved = condition(status(RESOLVED, pod(true, "current", LOOP)), "NamesResolved");

    assertThat(resolved.status()).isEqualTo("False");
    assertThat(resolved.reason()).isEqualTo("LoopDetected");
    assertThat(resolved.message()).startsWith(LOOP);
    Condition unresolved = names(List.of("smtp.example.net does not exist"), List.of());
    assertThat(unresolved.reason()).isEqualTo("NextHopNotFound");
    assertThat(unresolved.message()).startsWith("smtp.example.net does not exist");
    assertThat(condition(status(RESOLVED, pod(true, "current")), "NamesResolved").status())
        .isEqualTo("True");
    assertThat(condition(status(RESOLVED, pod(true, null)), "NamesResolved").status())
        .isEqualTo("Unknown");
  }

  @Test
  void saysThatAnAddressWasRefused() {
    Condition refused = names(List.of(), List.of("mx.example.net is not connected: 10.0.0.1"));

    assertThat(refused.status()).isEqualTo("False");
    assertThat(refused.reason()).isEqualTo("NextHopRefused");
    assertThat(refused.message()).startsWith("mx.example.net is not connected: 10.0.0.1: ");
  }

  @Test
  void doesNotTakeNamesForFoundBeforeARelayHasLooked() {
    Condition unknown = names(null, List.of());

    assertThat(unknown.status()).isEqualTo("Unknown");
    assertThat(unknown.reason()).isEqualTo("NotChecked");
  }

  private Condition names(@Nullable List<String> unresolved, List<String> refused) {
    PodState state =
        new PodState(
            "current",
            3,
            true,
            4,
            null,
            0,
            List.of(),
            unresolved,
            refused,
            null,
            PodState.Draining.NONE);
    return condition(
        status(RESOLVED, new SeenPod(pod(true, null).pod(), Optional.of(state))), "NamesResolved");
  }

  @Test
  void dropsReconcilingWhenAllPodsAreThere() {
    BridgeheadStatus status = status(RESOLVED, pod(true, "current"), pod(true, "current"));

    assertThat(status.conditions()).extracting(Condition::type).doesNotContain("Reconciling");
    assertThat(status.conditions()).extracting(Condition::type).doesNotContain("Stalled");
  }

  @Test
  void isNotReadyWhileAReferenceIsMissing() {
    BridgeheadStatus status =
        status(new Unresolved(List.of("Secret relay does not exist")), pod(true, "current"));

    assertThat(condition(status, "ResolvedRefs").status()).isEqualTo("False");
    assertThat(condition(status, "ResolvedRefs").message())
        .isEqualTo("Secret relay does not exist");
    assertThat(condition(status, "Ready").status()).isEqualTo("False");
  }

  @Test
  void stallsOnAStrangersObject() {
    BridgeheadReport report =
        new BridgeheadReport(
            bridgehead,
            Optional.of("Service internet-edge exists"),
            null,
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty());
    BridgeheadStatus status = report.status(Counts.NONE, NOW);

    assertThat(condition(status, "Accepted").reason()).isEqualTo("NameConflict");
    assertThat(condition(status, "Stalled").status()).isEqualTo("True");
    assertThat(condition(status, "Ready").status()).isEqualTo("False");
  }

  @Test
  void stallsWhereClaimsMayNotGrowAndStaysReady() {
    BridgeheadStatus status =
        new BridgeheadReport(
                bridgehead,
                Optional.empty(),
                RESOLVED,
                Optional.of("current"),
                Optional.empty(),
                List.of(pod(true, "current"), pod(true, "current")),
                List.of(),
                Optional.of("claims that stay smaller"))
            .status(Counts.NONE, NOW);

    assertThat(condition(status, "Stalled").reason()).isEqualTo("VolumeNotExpanded");
    assertThat(condition(status, "Stalled").message()).isEqualTo("claims that stay smaller");
    assertThat(condition(status, "Ready").status()).isEqualTo("True");
  }

  @Test
  void keepsWhatIsKnownOfTheRelaysWhereTheSpecCannotBeRead() {
    bridgehead.setStatus(status(RESOLVED, pod(true, "current"), pod(true, "current")));

    BridgeheadStatus status =
        BridgeheadReport.unreadable(bridgehead, "spec.x: this operator can't read it", NOW);

    assertThat(condition(status, "Ready").status()).isEqualTo("False");
    assertThat(condition(status, "Accepted").message()).startsWith("spec.x");
    assertThat(condition(status, "Stalled").reason()).isEqualTo("Invalid");
    assertThat(status.readyReplicas()).isEqualTo(2);
  }

  @Test
  void addsUpWhatThePodsReport() {
    BridgeheadReport report = report(pod(true, "current"), pod(true, "older"), pod(true, null));

    assertThat(report.counts()).isEqualTo(new Counts(8L, "2025-01-01T00:00:00Z", null));
  }

  @Test
  void saysWhatMostMailWaitsForWhereItIsReady() {
    Deferral deferral = new Deferral(3L, "b.example", "auth", "4.7.8", "b.example said: 535 5.7.8");
    Counts shown = new Counts(4L, "2025-01-01T00:00:00Z", deferral);

    BridgeheadStatus status = report(pod(true, "current"), pod(true, "current")).status(shown, NOW);

    assertThat(condition(status, "Ready").status()).isEqualTo("True");
    assertThat(condition(status, "Ready").message())
        .isEqualTo(
            "2 of 2 pods are ready with the current configuration;"
                + " 3 of 4 queued messages wait for b.example: b.example said: 535 5.7.8");
    assertThat(status.commonestDeferral()).isEqualTo(deferral);
  }

  @Test
  void namesSelectorAndEndpoint() {
    BridgeheadStatus status = status(RESOLVED);

    assertThat(status.endpoint()).isEqualTo("internet-edge.mail.svc:2525");
    assertThat(status.selector())
        .isEqualTo(
            "app.kubernetes.io/component=relay,app.kubernetes.io/instance=internet,"
                + "app.kubernetes.io/name=bridgehead,bridgehead.dev/bridgehead=edge");
  }

  private BridgeheadStatus status(Resolution references, SeenPod... pods) {
    return new BridgeheadReport(
            bridgehead,
            Optional.empty(),
            references,
            Optional.of("current"),
            Optional.empty(),
            List.of(pods),
            List.of(),
            Optional.empty())
        .status(Counts.NONE, NOW);
  }

  private BridgeheadReport report(SeenPod... pods) {
    return new BridgeheadReport(
        bridgehead,
        Optional.empty(),
        RESOLVED,
        Optional.of("current"),
        Optional.empty(),
        List.of(pods),
        List.of(),
        Optional.empty());
  }

  private static Condition condition(BridgeheadStatus status, String type) {
    return Conditions.find(status.conditions(), type).orElseThrow();
  }

  private static SeenPod pod(boolean ready, @Nullable String hash, String... loops) {
    return new SeenPod(
        new PodBuilder()
            .withNewMetadata()
            .withName("internet-edge-0")
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("Ready")
            .withStatus(ready ? "True" : "False")
            .endCondition()
            .endStatus()
            .build(),
        Optional.ofNullable(hash)
            .map(
                h ->
                    new PodState(
                        h,
                        3,
                        true,
                        4,
                        "2025-01-01T00:00:00Z",
                        0,
                        List.of(loops),
                        List.of(),
                        List.of(),
                        null,
                        PodState.Draining.NONE)));
  }
}
