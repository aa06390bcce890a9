package dev.bridgehead.operator;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.operator.model.Conditions;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Connectors of one bridgehead each, as a user makes them and as they are found. */
record ConnectorsInNamespace(ApiServer server, String namespace) {
  /** In a namespace that is made. */
  ConnectorsInNamespace {
    server
        .admin()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .serverSideApply();
  }

  static List<String> names(String prefix, int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(prefix + i);
    }
    return names;
  }

  /**
   * @param clients who may relay
   */
  void apply(String name, String clients) {
    server
        .kubectl("-n", namespace, "apply", "-f", "-")
        .withInput(
            OperatorTestBase.DNS
                .replace("name: internet", "name: " + name)
                .replace("10.0.0.0/8", clients))
        .run();
  }

  void delete(String name) {
    server.admin().resources(SmtpConnector.class).inNamespace(namespace).withName(name).delete();
  }

  /** As {@link #made}, and Kubernetes' controllers have made what follows from it. */
  boolean converged(String name) {
    return made(name)
        && objects(name)
            .containsAll(
                List.of(
                    "Pod " + name + "-edge-0", "PersistentVolumeClaim spool-" + name + "-edge-0"));
  }

  /** Every object of the operator's is there, and both status speak of the current generation. */
  boolean made(String name) {
    SmtpConnector connector =
        server.admin().resources(SmtpConnector.class).inNamespace(namespace).withName(name).get();
    Bridgehead bridgehead =
        server
            .admin()
            .resources(Bridgehead.class)
            .inNamespace(namespace)
            .withName(name + "-edge")
            .get();
    return connector != null
        && connector.getStatus() != null
        && same(connector, connector.getStatus().observedGeneration())
        && Conditions.isTrue(connector.getStatus().conditions(), Conditions.ACCEPTED)
        && bridgehead != null
        && bridgehead.getStatus() != null
        && same(bridgehead, bridgehead.getStatus().observedGeneration())
        && Conditions.isTrue(bridgehead.getStatus().conditions(), Conditions.RESOLVED_REFS)
        && same(connector, bridgehead.getSpec().connector().generation())
        && objects(name).containsAll(expected(name));
  }

  private static boolean same(HasMetadata object, @Nullable Long generation) {
    return object.getMetadata().getGeneration().equals(generation);
  }

  private static List<String> expected(String name) {
    String own = name + "-edge";
    return List.of(
        "SmtpConnector " + name,
        "Bridgehead " + own,
        "Service " + name,
        "Service " + own,
        "Service " + own + "-pods",
        "ServiceAccount " + own,
        "Secret " + own + "-effective",
        "NetworkPolicy " + own,
        "PodDisruptionBudget " + own,
        "StatefulSet " + own);
  }

  /** All that a connector led to, with itself; events excepted. */
  Set<String> objects(String name) {
    KubernetesClient admin = server.admin();
    Set<String> objects = new TreeSet<>();
    List.of(
            admin.resources(SmtpConnector.class).inNamespace(namespace).list(),
            admin.resources(Bridgehead.class).inNamespace(namespace).list(),
            admin.services().inNamespace(namespace).list(),
            admin.serviceAccounts().inNamespace(namespace).list(),
            admin.secrets().inNamespace(namespace).list(),
            admin.network().networkPolicies().inNamespace(namespace).list(),
            admin.policy().v1().podDisruptionBudget().inNamespace(namespace).list(),
            admin.apps().statefulSets().inNamespace(namespace).list(),
            admin.pods().inNamespace(namespace).list(),
            admin.persistentVolumeClaims().inNamespace(namespace).list())
        .forEach(
            list ->
                list.getItems().stream()
                    .filter(object -> isOf(object, name))
                    .map(object -> object.getKind() + " " + object.getMetadata().getName())
                    .forEach(objects::add));
    return objects;
  }

  private static boolean isOf(HasMetadata object, String name) {
    String own = object.getMetadata().getName();
    return own.equals(name)
        || own.startsWith(name + "-edge")
        || own.startsWith("spool-" + name + "-edge");
  }

  /** What its relays are to run. */
  String effective(String name) {
    return new String(
        Base64.getDecoder()
            .decode(
                server
                    .admin()
                    .secrets()
                    .inNamespace(namespace)
                    .withName(name + "-edge-effective")
                    .get()
                    .getData()
                    .get("connector.yaml")),
        StandardCharsets.UTF_8);
  }

  /** Events that the operator wrote. */
  int events() {
    return server.admin().events().v1().events().inNamespace(namespace).list().getItems().stream()
        .filter(event -> "bridgehead.dev/operator".equals(event.getReportingController()))
        .toList()
        .size();
  }
}
