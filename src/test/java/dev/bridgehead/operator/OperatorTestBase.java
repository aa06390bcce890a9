package dev.bridgehead.operator;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** An API server and an operator for all tests of a class. */
abstract class OperatorTestBase {
  static final String DNS =
      """
      apiVersion: bridgehead.dev/v1
      kind: SmtpConnector
      metadata: {name: internet}
      spec:
        routing: {mode: DNS}
        bridgeheads: [{name: edge, hostname: mail.example.com}]
        access: {allowedClients: [10.0.0.0/8]}
        postmaster: postmaster@example.com
      """;

  @SuppressWarnings("NullAway.Init") // set before all tests
  static ClusterWithOperator cluster;

  @SuppressWarnings("NullAway.Init") // set before all tests
  static KubernetesClient admin;

  @BeforeAll
  static void startOperator() throws IOException {
    cluster = new ClusterWithOperator();
    admin = cluster.admin();
  }

  @AfterAll
  static void stopOperator() {
    cluster.close();
  }

  static StatefulSet set(String namespace) {
    return admin.apps().statefulSets().inNamespace(namespace).withName("internet-edge").get();
  }

  static Service service(String namespace, String name) {
    return admin.services().inNamespace(namespace).withName(name).get();
  }
}
