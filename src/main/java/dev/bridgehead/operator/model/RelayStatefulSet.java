package dev.bridgehead.operator.model;

import dev.bridgehead.api.BridgeheadSpec;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.PodResources;
import dev.bridgehead.api.PodSettings;
import dev.bridgehead.api.VirtualServer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The relay pods of one bridgehead. The template follows from the image, the virtual server's ports
 * and {@code spec.pod}, and from nothing else: configuration comes in through the mounted effective
 * Secret, so that a change of routing, credentials or certificates restarts nothing.
 */
public final class RelayStatefulSet {
  /** Port of the relay's management API. */
  public static final int MANAGEMENT_PORT = 8080;

  /** Name of the claim template. */
  static final String SPOOL = "spool";

  private static final String CONFIG_PATH = "/etc/bridgehead";
  private static final String SPOOL_PATH = "/var/lib/bridgehead";
  private static final long RELAY_ID = 10001;

  /**
   * A relay that is told to stop refuses new work at once; the rest is for transactions and
   * deliveries that are under way, whose longest single wait is the reply to the final dot.
   */
  private static final long TERMINATION_GRACE_SECONDS = 75;

  /**
   * Clients must have heard that a pod goes before it refuses them; its port stays open so long.
   */
  private static final long FAREWELL_SECONDS = 5;

  private RelayStatefulSet() {}

  /**
   * @param replicas pods that it keeps: more than the spec's while some drain
   * @param environment what all relays have in common
   * @param existing the StatefulSet as it is, where there is one: claim templates are immutable, so
   *     its size is kept there
   */
  public static StatefulSet of(
      BridgeheadKey key,
      BridgeheadSpec spec,
      int replicas,
      RelayEnvironment environment,
      Optional<StatefulSet> existing) {
    return new StatefulSetBuilder()
        .withMetadata(key.metadata(key.name()))
        .withNewSpec()
        .withReplicas(replicas)
        .withServiceName(key.podsServiceName())
        .withNewSelector()
        .withMatchLabels(key.selector())
        .endSelector()
        .withPodManagementPolicy("Parallel")
        // The operator replaces pods itself, one at a time: Rollout.
        .withNewUpdateStrategy()
        .withType("OnDelete")
        .endUpdateStrategy()
        .withNewPersistentVolumeClaimRetentionPolicy()
        .withWhenDeleted("Retain")
        .withWhenScaled("Retain")
        .endPersistentVolumeClaimRetentionPolicy()
        .withTemplate(template(key, spec, environment))
        .withVolumeClaimTemplates(
            claim(key, spec, existing.flatMap(RelayStatefulSet::claimTemplateSize)))
        .endSpec()
        .build();
  }

  /** What it asks for where it makes a claim. */
  public static Optional<Quantity> claimTemplateSize(StatefulSet existing) {
    return existing.getSpec().getVolumeClaimTemplates().stream()
        .filter(claim -> SPOOL.equals(claim.getMetadata().getName()))
        .map(claim -> claim.getSpec().getResources().getRequests().get("storage"))
        .findFirst();
  }

  private static PodTemplateSpec template(
      BridgeheadKey key, BridgeheadSpec spec, RelayEnvironment environment) {
    PodSettings pod = spec.podOrDefault();
    Map<String, String> labels = new TreeMap<>(pod.labelsOrNone());
    labels.putAll(key.labels());
    return new PodTemplateSpecBuilder()
        .withMetadata(
            new ObjectMetaBuilder()
                .withLabels(labels)
                .withAnnotations(pod.annotationsOrNone())
                .build())
        .withNewSpec()
        .withServiceAccountName(key.name())
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withTerminationGracePeriodSeconds(TERMINATION_GRACE_SECONDS)
        .withSecurityContext(podSecurity())
        .withNodeSelector(pod.nodeSelector())
        .withAffinity(PodPlacement.affinity(key, pod))
        .withTopologySpreadConstraints(PodPlacement.spread(key, pod))
        .withTolerations(pod.tolerations())
        .withPriorityClassName(pod.priorityClassName())
        .withImagePullSecrets(pullSecrets(pod, environment))
        .withContainers(relay(spec, environment))
        .withVolumes(config(key), temporary())
        .endSpec()
        .build();
  }

  /**
   * The restricted Pod Security profile. The sysctl is one of its safe ones, counts in the pod's
   * own network namespace only, and lets a process without capabilities listen on port 25.
   */
  private static PodSecurityContext podSecurity() {
    return new PodSecurityContextBuilder()
        .withRunAsNonRoot(true)
        .withRunAsUser(RELAY_ID)
        .withRunAsGroup(RELAY_ID)
        .withFsGroup(RELAY_ID)
        // A spool may hold many files: change ownership only where the root of it is wrong.
        .withFsGroupChangePolicy("OnRootMismatch")
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .addNewSysctl("net.ipv4.ip_unprivileged_port_start", "0")
        .build();
  }

  private static SecurityContext containerSecurity() {
    return new SecurityContextBuilder()
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .build();
  }

  private static Container relay(BridgeheadSpec spec, RelayEnvironment environment) {
    return new ContainerBuilder()
        .withName("relay")
        .withImage(environment.image())
        .withImagePullPolicy("IfNotPresent")
        .withArgs("relay", "--config", CONFIG_PATH, "--data", SPOOL_PATH)
        .addAllToArgs(environment.arguments())
        .withEnv(podName())
        .withPorts(ports(spec.virtualServerOrDefault()))
        .withNewLifecycle()
        .withNewPreStop()
        .withNewSleep(FAREWELL_SECONDS)
        .endPreStop()
        .endLifecycle()
        .withResources(resources(spec.podOrDefault().resourcesOrDefault()))
        .withSecurityContext(containerSecurity())
        // Reading back a long queue takes time: five minutes before the kubelet gives up.
        .withStartupProbe(probe("/livez", 2, 150))
        .withLivenessProbe(probe("/livez", 10, 3))
        .withReadinessProbe(probe("/readyz", 2, 2))
        .addNewVolumeMount()
        .withName("config")
        .withMountPath(CONFIG_PATH)
        .withReadOnly(true)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName(SPOOL)
        .withMountPath(SPOOL_PATH)
        .endVolumeMount()
        .addNewVolumeMount()
        .withName("tmp")
        .withMountPath("/tmp")
        .endVolumeMount()
        .build();
  }

  private static List<ContainerPort> ports(VirtualServer server) {
    List<ContainerPort> ports = new ArrayList<>();
    ports.add(port(RelayServices.SMTP, server.portOrDefault()));
    ports.add(port(RelayServices.MANAGEMENT, MANAGEMENT_PORT));
    if (server.implicitTlsPort() != null) {
      ports.add(port(RelayServices.SMTPS, server.implicitTlsPort()));
    }
    return ports;
  }

  private static ContainerPort port(String name, int port) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(port)
        .withProtocol("TCP")
        .build();
  }

  /** By its ordinal a relay knows whether it drains, and who its siblings are. */
  private static EnvVar podName() {
    return new EnvVarBuilder()
        .withName("POD_NAME")
        .withNewValueFrom()
        .withNewFieldRef()
        .withApiVersion("v1")
        .withFieldPath("metadata.name")
        .endFieldRef()
        .endValueFrom()
        .build();
  }

  private static ResourceRequirements resources(PodResources resources) {
    return new ResourceRequirementsBuilder()
        .withRequests(resources.requestsOrDefault())
        .withLimits(resources.limitsOrDefault())
        .build();
  }

  /** The operator's first; a map list of the API server, which takes no name twice. */
  private static List<LocalObjectReference> pullSecrets(
      PodSettings pod, RelayEnvironment environment) {
    return Stream.concat(
            environment.pullSecrets().stream(),
            pod.imagePullSecretsOrNone().stream().map(LocalRef::name))
        .distinct()
        .map(LocalObjectReference::new)
        .toList();
  }

  private static Probe probe(String path, int periodSeconds, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withPort(new IntOrString(RelayServices.MANAGEMENT))
        .endHttpGet()
        .withPeriodSeconds(periodSeconds)
        .withTimeoutSeconds(2)
        .withFailureThreshold(failures)
        .build();
  }

  private static Volume config(BridgeheadKey key) {
    return new VolumeBuilder()
        .withName("config")
        .withNewSecret()
        .withSecretName(key.effectiveSecretName())
        .withDefaultMode(0440)
        .endSecret()
        .build();
  }

  private static Volume temporary() {
    return new VolumeBuilder()
        .withName("tmp")
        .withNewEmptyDir()
        .withSizeLimit(new Quantity("64Mi"))
        .endEmptyDir()
        .build();
  }

  /**
   * Labels are the selectors only: a claim outlives connector and uid, and may be taken up again.
   */
  private static PersistentVolumeClaim claim(
      BridgeheadKey key, BridgeheadSpec spec, Optional<Quantity> fixedSize) {
    return new PersistentVolumeClaimBuilder()
        .withMetadata(new ObjectMetaBuilder().withName(SPOOL).withLabels(key.selector()).build())
        .withNewSpec()
        .withAccessModes(List.of("ReadWriteOnce"))
        .withStorageClassName(spec.storageOrDefault().storageClassName())
        .withNewResources()
        .withRequests(Map.of("storage", fixedSize.orElse(spec.storageOrDefault().sizeOrDefault())))
        .endResources()
        .endSpec()
        .build();
  }
}
