package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.Storage;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RelayStatefulSetTest {
  private static final String IMAGE = "registry.example/bridgehead:1";
  private static final RelayEnvironment ENVIRONMENT = RelayEnvironment.of(IMAGE);

  private final StatefulSet set = of(Samples.dns(2, null), Optional.empty());
  private final PodSpec pod = set.getSpec().getTemplate().getSpec();
  private final Container relay = pod.getContainers().getFirst();

  @Test
  void belongsToTheConnectorByLabelAndHasNoOwner() {
    assertThat(set.getMetadata().getName()).isEqualTo("internet-edge");
    assertThat(set.getMetadata().getLabels())
        .containsEntry("bridgehead.dev/connector-uid", "connector-uid");
    assertThat(set.getMetadata().getOwnerReferences()).isEmpty();
  }

  @Test
  void leavesTheReplacementOfPodsToTheOperatorAndKeepsVolumes() {
    assertThat(set.getSpec().getUpdateStrategy().getType()).isEqualTo("OnDelete");
    assertThat(set.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
    assertThat(set.getSpec().getServiceName()).isEqualTo("internet-edge-pods");
    assertThat(set.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
        .isEqualTo("Retain");
    assertThat(set.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenScaled())
        .isEqualTo("Retain");
  }

  @Test
  void tellsARelayWhichPodItIs() {
    assertThat(relay.getEnv())
        .extracting(
            EnvVar::getName, variable -> variable.getValueFrom().getFieldRef().getFieldPath())
        .containsExactly(tuple("POD_NAME", "metadata.name"));
  }

  @Test
  void meetsTheRestrictedPodSecurityProfile() {
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10001);
    assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(10001);
    assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
    assertThat(relay.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
    assertThat(relay.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
    assertThat(relay.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
    assertThat(relay.getSecurityContext().getCapabilities().getAdd()).isEmpty();
  }

  @Test
  void listensOnPrivilegedPortsWithoutPrivileges() {
    assertThat(pod.getSecurityContext().getSysctls())
        .singleElement()
        .satisfies(
            sysctl -> {
              assertThat(sysctl.getName()).isEqualTo("net.ipv4.ip_unprivileged_port_start");
              assertThat(sysctl.getValue()).isEqualTo("0");
            });
  }

  @Test
  void hasNoWayToTheApiServer() {
    assertThat(pod.getServiceAccountName()).isEqualTo("internet-edge");
    assertThat(pod.getAutomountServiceAccountToken()).isFalse();
  }

  @Test
  void runsTheRelayOnTheSpecsPort() {
    assertThat(relay.getImage()).isEqualTo(IMAGE);
    assertThat(relay.getArgs())
        .containsExactly("relay", "--config", "/etc/bridgehead", "--data", "/var/lib/bridgehead");
    assertThat(relay.getPorts())
        .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
        .containsExactly(tuple("smtp", 2525), tuple("management", 8080));
  }

  @Test
  void isTheSameForAnotherConfiguration() {
    StatefulSet smartHost = of(Samples.smartHost(), Optional.empty());

    assertThat(smartHost.getSpec().getTemplate()).isEqualTo(set.getSpec().getTemplate());
  }

  @Test
  void opensAPortForImplicitTlsAndIsTheSameForAnotherCertificate() {
    StatefulSet one = of(Samples.tls("edge-tls", null), Optional.empty());
    StatefulSet other = of(Samples.tls("other-tls", null), Optional.empty());
    StatefulSet implicit = of(Samples.tls("edge-tls", 465), Optional.empty());

    assertThat(one.getSpec().getTemplate()).isEqualTo(set.getSpec().getTemplate());
    assertThat(other.getSpec().getTemplate()).isEqualTo(set.getSpec().getTemplate());
    assertThat(implicit.getSpec().getTemplate().getSpec().getContainers().getFirst().getPorts())
        .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
        .containsExactly(tuple("smtp", 2525), tuple("management", 8080), tuple("smtps", 465));
  }

  @Test
  void labelsClaimsWithTheSelectorsOnly() {
    PersistentVolumeClaim claim = set.getSpec().getVolumeClaimTemplates().getFirst();

    assertThat(claim.getMetadata().getName()).isEqualTo("spool");
    assertThat(claim.getMetadata().getLabels())
        .isEqualTo(set.getSpec().getSelector().getMatchLabels())
        .doesNotContainKey("bridgehead.dev/connector-uid");
    assertThat(claim.getSpec().getResources().getRequests().get("storage"))
        .isEqualTo(new Quantity("2Gi"));
  }

  @Test
  void keepsTheClaimTemplateOfAnExistingSetWhenTheSizeGrows() {
    Bridgehead bridgehead = Samples.bridgehead(Samples.dns(2, null));
    BridgeheadSpec grown = withSize(bridgehead.getSpec(), "8Gi");
    BridgeheadKey key = BridgeheadKey.of(bridgehead);

    assertThat(storage(RelayStatefulSet.of(key, grown, 1, ENVIRONMENT, Optional.of(set))))
        .isEqualTo(new Quantity("2Gi"));
    assertThat(storage(RelayStatefulSet.of(key, grown, 1, ENVIRONMENT, Optional.empty())))
        .isEqualTo(new Quantity("8Gi"));
  }

  private static @Nullable Quantity storage(StatefulSet set) {
    return set.getSpec()
        .getVolumeClaimTemplates()
        .getFirst()
        .getSpec()
        .getResources()
        .getRequests()
        .get("storage");
  }

  private static StatefulSet of(SmtpConnectorSpec spec, Optional<StatefulSet> existing) {
    Bridgehead bridgehead = Samples.bridgehead(spec);
    return RelayStatefulSet.of(
        BridgeheadKey.of(bridgehead),
        bridgehead.getSpec(),
        bridgehead.getSpec().replicasOrDefault(),
        ENVIRONMENT,
        existing);
  }

  private static BridgeheadSpec withSize(BridgeheadSpec spec, String size) {
    return new BridgeheadSpec(
        spec.connector(),
        spec.name(),
        spec.hostname(),
        spec.replicas(),
        spec.autoscaling(),
        spec.virtualServer(),
        spec.routing(),
        spec.addressSpaces(),
        spec.outbound(),
        spec.access(),
        spec.postmaster(),
        spec.delivery(),
        new Storage(new Quantity(size), null),
        spec.deletion(),
        spec.pod(),
        spec.service());
  }
}
