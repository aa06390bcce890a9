package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadStatus;
import dev.bridgehead.api.Condition;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorStatus;
import dev.bridgehead.operator.model.ConnectorReport.Accepted;
import dev.bridgehead.operator.model.ConnectorReport.Judgement;
import dev.bridgehead.operator.model.ConnectorReport.Refused;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectorReportTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Judgement ACCEPTED = new Accepted("the spec is valid");

  private final SmtpConnector connector = Samples.connector(Samples.dns(1, null));

  @Test
  void isReadyWhenEveryBridgeheadIsReadyWithThisGeneration() {
    SmtpConnectorStatus status = status(ACCEPTED, ready(7));

    assertThat(condition(status, "Ready").status()).isEqualTo("True");
    assertThat(condition(status, "ResolvedRefs").status()).isEqualTo("True");
    assertThat(status.bridgeheadsReady()).isEqualTo("1/1");
    assertThat(status.conditions())
        .extracting(Condition::type)
        .containsExactly("Ready", "Accepted", "ResolvedRefs", "NamesResolved", "Draining");
  }

  @Test
  void isNotReadyOnTheWordOfAnOlderStatus() {
    SmtpConnectorStatus status = status(ACCEPTED, ready(6));

    assertThat(condition(status, "Ready").status()).isEqualTo("False");
    assertThat(condition(status, "Reconciling").status()).isEqualTo("True");
    assertThat(condition(status, "ResolvedRefs").status()).isEqualTo("Unknown");
    assertThat(status.bridgeheadsReady()).isEqualTo("0/1");
  }

  @Test
  void isNotReadyWhileABridgeheadIsMissing() {
    SmtpConnectorStatus status =
        new ConnectorReport(connector, ACCEPTED, List.of("edge"), List.of(), List.of())
            .status(Counts.NONE, NOW);

    assertThat(condition(status, "Ready").status()).isEqualTo("False");
    assertThat(status.bridgeheadsReady()).isEqualTo("0/1");
  }

  @Test
  void stallsWhenRefusedAndSaysWhatRunsOn() {
    SmtpConnectorStatus status =
        status(
            new Refused(Reason.INVALID, "spec.routing.smartHosts[0].host: Invalid value"),
            ready(7));

    assertThat(condition(status, "Ready").status()).isEqualTo("False");
    assertThat(condition(status, "Stalled").status()).isEqualTo("True");
    assertThat(condition(status, "Accepted").message())
        .isEqualTo("spec.routing.smartHosts[0].host: Invalid value");
    assertThat(status.bridgeheadsReady()).isEqualTo("1/1");
    assertThat(status.observedGeneration()).isEqualTo(3);
    assertThat(status.conditions()).extracting(Condition::type).doesNotContain("Reconciling");
  }

  @Test
  void takesAcceptanceBackWhereABridgeheadMetAStranger() {
    Bridgehead stopped =
        withConditions(
            new Conditions(7L)
                .no("Ready", Reason.NAME_CONFLICT, "Service internet-edge exists")
                .no("Accepted", Reason.NAME_CONFLICT, "Service internet-edge exists"),
            7);
    SmtpConnectorStatus status = status(ACCEPTED, stopped);

    assertThat(condition(status, "Accepted").status()).isEqualTo("False");
    assertThat(condition(status, "Accepted").reason()).isEqualTo("NameConflict");
    assertThat(condition(status, "Stalled").message()).isEqualTo("Service internet-edge exists");
  }

  @Test
  void passesOnWhichReferenceIsMissing() {
    Bridgehead waiting =
        withConditions(
            new Conditions(7L)
                .no("Ready", Reason.REF_NOT_FOUND, "Secret relay does not exist")
                .no("ResolvedRefs", Reason.REF_NOT_FOUND, "Secret relay does not exist"),
            7);
    SmtpConnectorStatus status = status(ACCEPTED, waiting);

    assertThat(condition(status, "ResolvedRefs").status()).isEqualTo("False");
    assertThat(condition(status, "ResolvedRefs").message())
        .isEqualTo("Secret relay does not exist");
    assertThat(condition(status, "Ready").message()).isEqualTo("edge: Secret relay does not exist");
  }

  @Test
  void passesOnThatANextHopLeadsBack() {
    Bridgehead looping =
        withConditions(
            new Conditions(7L)
                .yes("Ready", Reason.PODS_READY, "")
                .no("NamesResolved", Reason.LOOP_DETECTED, "smtp.example.net leads back here"),
            7);
    SmtpConnectorStatus status = status(ACCEPTED, looping);

    assertThat(condition(status, "NamesResolved").status()).isEqualTo("False");
    assertThat(condition(status, "NamesResolved").message())
        .isEqualTo("smtp.example.net leads back here");
    assertThat(condition(status, "Ready").status()).isEqualTo("True");
  }

  @Test
  void passesOnWhatABridgeheadCannotGetPast() {
    SmtpConnectorStatus status =
        status(
            ACCEPTED,
            withConditions(
                new Conditions(7L)
                    .yes("Ready", Reason.PODS_READY, "")
                    .yes("Stalled", Reason.VOLUME_NOT_EXPANDED, "claims that stay smaller"),
                7));

    assertThat(condition(status, "Ready").status()).isEqualTo("True");
    assertThat(condition(status, "Stalled").reason()).isEqualTo("VolumeNotExpanded");
    assertThat(condition(status, "Stalled").message()).isEqualTo("edge: claims that stay smaller");
  }

  @Test
  void saysWhatMostMailWaitsForInAllBridgeheads() {
    Deferral deferral = new Deferral(3L, "b.example", "auth", "4.7.8", "b.example said: 535 5.7.8");
    Bridgehead edge = ready(7);
    BridgeheadStatus own = edge.getStatus();
    edge.setStatus(
        new BridgeheadStatus(
            7L, own.conditions(), 1, 1, null, null, 4L, "2025-01-01T00:00:00Z", deferral, null));
    ConnectorReport report =
        new ConnectorReport(connector, ACCEPTED, List.of("edge"), List.of(edge), List.of());

    SmtpConnectorStatus status = report.status(report.counts(), NOW);

    assertThat(condition(status, "Ready").status()).isEqualTo("True");
    assertThat(condition(status, "Ready").message())
        .isEqualTo(
            "every bridgehead runs this generation;"
                + " 3 of 4 queued messages wait for b.example: b.example said: 535 5.7.8");
    assertThat(status.commonestDeferral()).isEqualTo(deferral);
    assertThat(status.bridgeheads())
        .singleElement()
        .satisfies(summary -> assertThat(summary.commonestDeferral()).isEqualTo(deferral));
  }

  private SmtpConnectorStatus status(Judgement judgement, Bridgehead bridgehead) {
    return new ConnectorReport(
            connector, judgement, List.of("edge"), List.of(bridgehead), List.of())
        .status(Counts.NONE, NOW);
  }

  private static Bridgehead ready(long observed) {
    return withConditions(
        new Conditions(observed)
            .yes("Ready", Reason.PODS_READY, "")
            .yes("ResolvedRefs", Reason.REFS_RESOLVED, ""),
        observed);
  }

  private static Bridgehead withConditions(Conditions conditions, long observed) {
    Bridgehead bridgehead = Samples.bridgehead(Samples.dns(1, null));
    bridgehead.setStatus(
        new BridgeheadStatus(
            observed, conditions.after(null, NOW), 1, 1, null, null, 0L, null, null, null));
    return bridgehead;
  }

  private static Condition condition(SmtpConnectorStatus status, String type) {
    return Conditions.find(status.conditions(), type).orElseThrow();
  }
}
