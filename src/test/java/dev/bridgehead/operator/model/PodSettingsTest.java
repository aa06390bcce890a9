package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnectorSpec;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code spec.pod} makes of the template, and what it can't. */
class PodSettingsTest {
  private static final RelayEnvironment ENVIRONMENT =
      new RelayEnvironment(
          "registry.example/bridgehead:1", List.of("registry"), Optional.empty(), List.of());

  private static PodTemplateSpec template(String pod) throws JsonProcessingException {
    Bridgehead bridgehead = bridgehead(pod);
    return RelayStatefulSet.of(
            BridgeheadKey.of(bridgehead), bridgehead.getSpec(), 1, ENVIRONMENT, Optional.empty())
        .getSpec()
        .getTemplate();
  }

  private static Bridgehead bridgehead(String pod) throws JsonProcessingException {
    return Samples.bridgehead(
        new YAMLMapper()
            .readValue(
                """
                routing: {mode: DNS}
                bridgeheads: [{name: edge, hostname: mail.example.com}]
                pod: %s
                """
                    .formatted(pod),
                SmtpConnectorSpec.class));
  }

  @Test
  void podsKeepApartAsFarAsThatIsPossible() throws JsonProcessingException {
    PodSpec pod = template("null").getSpec();

    assertThat(pod.getTopologySpreadConstraints())
        .extracting(TopologySpreadConstraint::getTopologyKey)
        .containsExactly("topology.kubernetes.io/zone", "kubernetes.io/hostname");
    assertThat(pod.getTopologySpreadConstraints())
        .allSatisfy(
            constraint -> {
              assertThat(constraint.getWhenUnsatisfiable()).isEqualTo("ScheduleAnyway");
              assertThat(constraint.getLabelSelector().getMatchLabels())
                  .containsEntry("bridgehead.dev/bridgehead", "edge")
                  .containsEntry("app.kubernetes.io/instance", "internet");
            });
    assertThat(
            pod.getAffinity()
                .getPodAntiAffinity()
                .getPreferredDuringSchedulingIgnoredDuringExecution())
        .singleElement()
        .satisfies(
            wish ->
                assertThat(wish.getPodAffinityTerm().getTopologyKey())
                    .isEqualTo("kubernetes.io/hostname"));
    assertThat(
            pod.getAffinity()
                .getPodAntiAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution())
        .isEmpty();
  }

  @Test
  void anAffinityToNodesLeavesPodsApart() throws JsonProcessingException {
    var affinity =
        template(
                """
                {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution:
                  {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: Exists}]}]}}}}
                """)
            .getSpec()
            .getAffinity();

    assertThat(
            affinity
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms())
        .hasSize(1);
    assertThat(affinity.getPodAntiAffinity()).isNotNull();
  }

  @Test
  void whatIsSaidAboutSpreadingReplacesTheDefault() throws JsonProcessingException {
    assertThat(template("{topologySpreadConstraints: []}").getSpec().getTopologySpreadConstraints())
        .isEmpty();
    assertThat(template("{affinity: {podAntiAffinity: {}}}").getSpec().getAffinity())
        .satisfies(
            affinity ->
                assertThat(
                        affinity
                            .getPodAntiAffinity()
                            .getPreferredDuringSchedulingIgnoredDuringExecution())
                    .isEmpty());
  }

  @Test
  void aConstraintWithoutASelectorCountsThePodsOfTheBridgehead() throws JsonProcessingException {
    assertThat(
            template(
                    """
                    {topologySpreadConstraints: [
                      {maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule},
                      {maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule,
                       labelSelector: {matchLabels: {team: mail}}}]}
                    """)
                .getSpec()
                .getTopologySpreadConstraints())
        .extracting(constraint -> constraint.getLabelSelector().getMatchLabels())
        .containsExactly(BridgeheadKey.of(bridgehead("null")).selector(), Map.of("team", "mail"));
  }

  @Test
  void labelsAndAnnotationsJoinOursAndNeverReplaceThem() throws JsonProcessingException {
    // The rules refuse such a key; what came past them must do no harm.
    PodTemplateSpec template =
        template(
            """
            {labels: {team: mail, bridgehead.dev/bridgehead: other}, annotations: {seen: "yes"}}
            """);

    assertThat(template.getMetadata().getLabels())
        .containsEntry("team", "mail")
        .containsEntry("bridgehead.dev/bridgehead", "edge");
    assertThat(template.getMetadata().getAnnotations()).containsEntry("seen", "yes");
  }

  @Test
  void carriesTheRestAsItIs() throws JsonProcessingException {
    PodSpec pod =
        template(
                """
                {nodeSelector: {disk: fast}, priorityClassName: high,
                 tolerations: [{key: mail, operator: Exists, effect: NoSchedule}],
                 imagePullSecrets: [{name: registry}, {name: mine}],
                 resources: {limits: {memory: 1Gi, cpu: "2"}}}
                """)
            .getSpec();

    assertThat(pod.getNodeSelector()).containsExactly(Map.entry("disk", "fast"));
    assertThat(pod.getPriorityClassName()).isEqualTo("high");
    assertThat(pod.getTolerations())
        .singleElement()
        .satisfies(toleration -> assertThat(toleration.getKey()).isEqualTo("mail"));
    assertThat(pod.getImagePullSecrets())
        .extracting(LocalObjectReference::getName)
        .containsExactly("registry", "mine");
    assertThat(pod.getContainers().getFirst().getResources().getLimits())
        .containsEntry("memory", new Quantity("1Gi"))
        .containsEntry("cpu", new Quantity("2"));
    assertThat(pod.getContainers().getFirst().getResources().getRequests())
        .containsEntry("memory", new Quantity("256Mi"));
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
  }

  @Test
  void changesNothingOfWhatTheRelayRuns() throws JsonProcessingException {
    assertThat(config("{priorityClassName: high}")).isEqualTo(config("null"));
  }

  private static EffectiveConfig config(String pod) throws JsonProcessingException {
    return EffectiveConfig.of(
        bridgehead(pod), List.of(), "cluster.local", List.of(), Optional.empty());
  }
}
