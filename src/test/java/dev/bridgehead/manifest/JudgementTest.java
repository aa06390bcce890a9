package dev.bridgehead.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.validation.FieldError;
import dev.bridgehead.validation.FieldWarning;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults of shape and of meaning stand side by side, and none stands there twice. */
class JudgementTest {
  private static Judgement judge(String manifest) {
    ManifestFile file = ManifestFile.of("file", manifest.getBytes(UTF_8));
    assertThat(file.faults()).isEmpty();
    return Judgement.of(file.documents().getFirst(), "cluster.local");
  }

  private static Judgement spec(String spec) {
    return judge(
        "apiVersion: bridgehead.dev/v1\nkind: SmtpConnector\nmetadata: {name: internet}\nspec: "
            + spec);
  }

  private static List<String> fields(Judgement judgement) {
    return judgement.errors().stream().map(FieldError::field).toList();
  }

  @Test
  void anUnknownFieldHidesNoFaultOfMeaning() {
    Judgement judgement =
        judge(
            """
            apiVersion: bridgehead.dev/v1
            kind: SmtpConnector
            metadata: {name: internet, a: 1}
            a: 1
            spec:
              s: 1
              routing: {mode: DNS, m: 1}
              bridgeheads: [{name: edge, hostname: mail}]
            """);

    assertThat(fields(judgement))
        .containsExactly(
            "a", "metadata.a", "spec.s", "spec.routing.m", "spec.bridgeheads[0].hostname");
  }

  @Test
  void aMisshapenFieldIsNotJudgedAgainNorBlamedElsewhere() {
    assertThat(
            fields(
                spec(
                    """
                    {routing: {mode: SmartHost,
                       smartHosts: [{host: smtp.example.net, credentialsRef: {name: relay}}, {host: smtp}]},
                     bridgeheads: [{name: edge, hostname: 1}],
                     outbound: {tls: {mode: verified}}, postmaster: ''}
                    """)))
        .containsExactly(
            "spec.bridgeheads[0].hostname",
            "spec.outbound.tls.mode",
            "spec.postmaster",
            "spec.routing.smartHosts[1].host");
    assertThat(
            fields(
                spec(
                    "{routing: {mode: SmartHost, smartHosts: x},"
                        + " bridgeheads: [{name: edge, hostname: a.example.com}]}")))
        .containsExactly("spec.routing.smartHosts");
  }

  @Test
  void oneWrongItemLeavesTheOthersTheirPlaces() {
    assertThat(
            fields(
                spec(
                    """
                    {routing: {mode: SmartHost, smartHosts: [1, {host: smtp}, null, {host: a.b, port: x}, {host: A.B.}]},
                     bridgeheads: [7, {name: edge, hostname: mail}],
                     access: {allowedClients: [{}, 10.0.0.1/8]},
                     delivery: {retryIntervals: [1, 2w]}}
                    """)))
        .containsExactly(
            "spec.routing.smartHosts[0]",
            "spec.routing.smartHosts[2]",
            "spec.routing.smartHosts[3].port",
            "spec.bridgeheads[0]",
            "spec.access.allowedClients[0]",
            "spec.delivery.retryIntervals[0]",
            "spec.delivery.retryIntervals[1]",
            "spec.routing.smartHosts[1].host",
            "spec.routing.smartHosts[4]",
            "spec.bridgeheads[1].hostname",
            "spec.access.allowedClients[1]");
  }

  @Test
  void noWarningIsGivenOfAMisshapenField() {
    Judgement judgement =
        spec(
            """
            {routing: {mode: DNS}, bridgeheads: [{name: edge, hostname: a.example.com, replicas: two}],
             access: {allowedClients: 10.0.0.0/8}, postmaster: 1}
            """);

    assertThat(judgement.warnings().stream().map(FieldWarning::field)).isEmpty();
    assertThat(judgement.errors()).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "x", "1", "null", "{}", "{routing: [], bridgeheads: {}}"})
  void aSpecThatIsNothingIsRefusedForThatOnly(String spec) {
    assertThat(spec(spec).errors())
        .isNotEmpty()
        .allSatisfy(error -> assertThat(error.field()).doesNotContain("["));
  }

  @Test
  void metadataIsJudgedToo() {
    assertThat(
            fields(
                judge(
                    """
                    apiVersion: bridgehead.dev/v1
                    kind: SmtpConnector
                    metadata: {name: 7, namespace: Mail Server, labels: [], annotations: {a: 1, b: 'true'}}
                    spec: {routing: {mode: DNS}, bridgeheads: [{name: edge, hostname: a.example.com}]}
                    """)))
        .containsExactly(
            "metadata.name", "metadata.namespace", "metadata.labels", "metadata.annotations.a");
  }

  @Test
  void hundredsOfMisfitsAreAllNamed() {
    String hosts = "{port: x}, ".repeat(16);
    String spaces = "{domain: 1}, ".repeat(250);

    Judgement judgement =
        spec(
            "{routing: {mode: SmartHost, smartHosts: [%s]}, addressSpaces: [%s], bridgeheads: [{name: edge, hostname: mail}]}"
                .formatted(hosts, spaces));

    assertThat(judgement.errors()).hasSizeGreaterThan(16 + 250);
  }
}
