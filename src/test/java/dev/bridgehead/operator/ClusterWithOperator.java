package dev.bridgehead.operator;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.Condition;
import dev.bridgehead.api.Deferral;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.operator.model.PodState;
import dev.bridgehead.operator.model.RelayEnvironment;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real API server with Kubernetes' own controllers, and the operator with exactly the rights that
 * the chart gives it. There is no node: a test says what a kubelet and a relay would say.
 */
final class ClusterWithOperator implements AutoCloseable {
  static final String IMAGE = "bridgehead:test";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String USER = "system:serviceaccount:bridgehead:bridgehead";
  private static final Path RIGHTS = Path.of("helm/bridgehead/templates/_helpers.tpl");

  private final ApiServer server = ApiServer.shared().withCrds().startControllers();
  private final KubernetesClient admin = server.admin();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Map<String, PodState> relays = new ConcurrentHashMap<>();
  private final AtomicInteger addresses = new AtomicInteger();
  private final KubernetesClient client;
  private final BridgeheadOperator operator;

  ClusterWithOperator() throws IOException {
    grantRights();
    client =
        ApiServerClient.create(
            new ConfigBuilder(server.config()).withImpersonateUsername(USER).build());
    operator =
        BridgeheadOperator.start(
            client,
            new OperatorSettings(
                new RelayEnvironment(
                    IMAGE, List.of("registry"), Optional.of("bridgehead"), List.of("monitoring")),
                "cluster.local",
                Set.of(),
                "test"),
            (pod, ip, token) -> Optional.ofNullable(relays.get(ip)),
            metrics,
            Clock.systemUTC());
  }

  private void grantRights() throws IOException {
    String template = Files.readString(RIGHTS);
    String begin = "{{- define \"bridgehead.rules\" -}}";
    int from = template.indexOf(begin) + begin.length();
    String rules = template.substring(from, template.indexOf("{{- end }}", from));
    ClusterRole role =
        Serialization.unmarshal(
            """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: operator-under-test}
            rules:
            """
                + rules.strip().indent(2),
            ClusterRole.class);
    admin.resource(role).serverSideApply();
    admin
        .resource(
            new ClusterRoleBindingBuilder()
                .withNewMetadata()
                .withName("operator-under-test")
                .endMetadata()
                .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "operator-under-test")
                .addNewSubject("rbac.authorization.k8s.io", "User", USER, null)
                .build())
        .serverSideApply();
  }

  KubernetesClient admin() {
    return admin;
  }

  BridgeheadOperator operator() {
    return operator;
  }

  /** A fresh namespace. */
  String namespace(String name) {
    admin
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .serverSideApply();
    return name;
  }

  /** Applies YAML as a user would. */
  void apply(String namespace, String yaml) {
    admin
        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
        .items()
        .forEach(
            item ->
                admin
                    .resource(item)
                    .inNamespace(namespace)
                    .fieldManager("kubectl")
                    .forceConflicts()
                    .serverSideApply());
  }

  /** What the operator made in a namespace, by kind and name. */
  Map<String, HasMetadata> objects(String namespace) {
    Map<String, HasMetadata> objects = new TreeMap<>();
    for (List<? extends HasMetadata> list :
        List.of(
            admin.services().inNamespace(namespace).list().getItems(),
            admin.serviceAccounts().inNamespace(namespace).list().getItems(),
            admin.secrets().inNamespace(namespace).list().getItems(),
            admin.network().networkPolicies().inNamespace(namespace).list().getItems(),
            admin
                .autoscaling()
                .v2()
                .horizontalPodAutoscalers()
                .inNamespace(namespace)
                .list()
                .getItems(),
            admin.apps().statefulSets().inNamespace(namespace).list().getItems(),
            admin.resources(Bridgehead.class).inNamespace(namespace).list().getItems())) {
      for (HasMetadata object : list) {
        if (object.getMetadata().getName().startsWith("internet")) {
          objects.put(object.getKind() + " " + object.getMetadata().getName(), object);
        }
      }
    }
    return objects;
  }

  /** Whether everything is there that a connector always has: the StatefulSet is made last. */
  boolean complete(String namespace) {
    return objects(namespace).containsKey("StatefulSet internet-edge");
  }

  SmtpConnector connector(String namespace) {
    return admin.resources(SmtpConnector.class).inNamespace(namespace).withName("internet").get();
  }

  void deleteConnector(String namespace) {
    admin.resources(SmtpConnector.class).inNamespace(namespace).withName("internet").delete();
  }

  Bridgehead bridgehead(String namespace) {
    return admin.resources(Bridgehead.class).inNamespace(namespace).withName("internet-edge").get();
  }

  /** The condition once it has this status for the connector's generation. */
  Condition awaitCondition(String namespace, String type, String status) {
    await(type + "=" + status, () -> condition(namespace, type, status).isPresent());
    return condition(namespace, type, status).orElseThrow();
  }

  private Optional<Condition> condition(String namespace, String type, String status) {
    SmtpConnector connector = connector(namespace);
    return connector.getStatus() == null
            || !connector
                .getMetadata()
                .getGeneration()
                .equals(connector.getStatus().observedGeneration())
        ? Optional.empty()
        : Conditions.find(connector.getStatus().conditions(), type)
            .filter(condition -> condition.status().equals(status));
  }

  void await(String what, BooleanSupplier condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(condition::getAsBoolean);
  }

  /** How often the named controller has finished a reconciliation. */
  long reconciliations(String controller) {
    return metrics
        .find("bridgehead.operator.reconciliation")
        .tag("controller", controller)
        .timers()
        .stream()
        .mapToLong(timer -> timer.count())
        .sum();
  }

  /** How many connectors count as Ready, or as not. */
  double connectors(boolean ready) {
    return metrics
        .get("bridgehead.operator.connectors")
        .tag("ready", String.valueOf(ready))
        .gauge()
        .value();
  }

  /** Says what a kubelet would: bound, running and ready; and what its relay would. */
  void runPod(String namespace, String pod, long queued) {
    runPod(namespace, pod, queued, null);
  }

  /** The same, where most of it waits for this. */
  void runPod(String namespace, String pod, long queued, @Nullable Deferral deferral) {
    Pod found = admin.pods().inNamespace(namespace).withName(pod).get();
    String ip =
        found.getStatus().getPodIP() != null
            ? found.getStatus().getPodIP()
            : "10.1.0." + addresses.incrementAndGet();
    bind(namespace, "spool-" + pod);
    patchStatus(
        found,
        """
        {"status": {"phase": "Running", "podIP": "%s", "podIPs": [{"ip": "%s"}],
                    "conditions": [{"type": "Ready", "status": "True"}]}}
        """
            .formatted(ip, ip));
    relayRuns(ip, effective(namespace, "hash"), queued, deferral);
  }

  /** A volume for a claim, as a provisioner would make it. */
  void bind(String namespace, String claim) {
    if (isBound(namespace, claim)) {
      return;
    }
    PersistentVolumeClaim found =
        admin.persistentVolumeClaims().inNamespace(namespace).withName(claim).get();
    PersistentVolume volume =
        new PersistentVolumeBuilder()
            .withNewMetadata()
            .withName(namespace + "-" + claim)
            .endMetadata()
            .withNewSpec()
            .withAccessModes("ReadWriteOnce")
            .withCapacity(Map.of("storage", new Quantity("2Gi")))
            .withPersistentVolumeReclaimPolicy("Retain")
            .withStorageClassName(found.getSpec().getStorageClassName())
            .withNewClaimRef()
            .withNamespace(namespace)
            .withName(claim)
            .endClaimRef()
            .withNewHostPath("/nowhere", null)
            .endSpec()
            .build();
    admin.resource(volume).serverSideApply();
    await("the claim bound", () -> isBound(namespace, claim));
  }

  private boolean isBound(String namespace, String claim) {
    PersistentVolumeClaim found =
        admin.persistentVolumeClaims().inNamespace(namespace).withName(claim).get();
    return found != null && "Bound".equals(found.getStatus().getPhase());
  }

  /** The relay at an address answers with this configuration from now on. */
  void relayRuns(String ip, String hash, long queued) {
    relayRuns(ip, hash, queued, null);
  }

  private void relayRuns(String ip, String hash, long queued, @Nullable Deferral deferral) {
    relays.put(
        ip,
        new PodState(
            hash,
            1,
            true,
            queued,
            queued == 0 ? null : "2026-01-01T00:00:00Z",
            0,
            List.of(),
            List.of(),
            List.of(),
            deferral,
            queued == 0 ? PodState.Draining.EMPTY : PodState.Draining.DRAINING));
  }

  /** The relay at an address answers no more. */
  void relaySilent(String ip) {
    relays.remove(ip);
  }

  /** A key of the effective Secret. */
  String effective(String namespace, String key) {
    Secret secret =
        admin.secrets().inNamespace(namespace).withName("internet-edge-effective").get();
    return new String(
        Base64.getDecoder().decode(secret.getData().get(key)), StandardCharsets.UTF_8);
  }

  private void patchStatus(HasMetadata object, String patch) {
    admin
        .resource(object)
        .subresource("status")
        .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  @Override
  public void close() {
    operator.close();
    client.close();
  }
}
