package dev.bridgehead.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tier2")
class ApiServerIT {
  private final ApiServer server = ApiServer.shared();

  @Test
  void isTheVersionThatTheProjectIsTestedWith() {
    assertThat(server.admin().getKubernetesVersion().getGitVersion()).isEqualTo("v1.36.3");
    assertThat(server.kubectl("get", "namespaces", "-o", "name").run())
        .contains("namespace/default");
  }

  @Test
  void servesTheProjectsOwnKinds() {
    server.withCrds();

    assertThat(server.kubectl("api-resources", "--api-group=bridgehead.dev", "-o", "name").run())
        .contains("bridgeheads.bridgehead.dev", "smtpconnectors.bridgehead.dev");
    assertThat(server.kubectl("get", "smtpc,bh", "-n", "kube-public").attempt().err())
        .contains("No resources");
  }

  @Test
  void refusesWhatNoRoleAllows() {
    try (var client = server.as("somebody", "system:authenticated")) {
      var maps = client.configMaps().inNamespace("default");
      assertThatThrownBy(maps::list)
          .isInstanceOfSatisfying(
              KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(403));
    }
  }

  @Test
  void collectsGarbageWithControllers() {
    server.startControllers();
    var owner = server.admin().resource(configMap("owner").build()).serverSideApply();
    ConfigMap owned =
        configMap("owned")
            .editMetadata()
            .addNewOwnerReference()
            .withApiVersion("v1")
            .withKind("ConfigMap")
            .withName("owner")
            .withUid(owner.getMetadata().getUid())
            .endOwnerReference()
            .endMetadata()
            .build();
    server.admin().resource(owned).serverSideApply();

    server.admin().resource(owner).delete();

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.admin().resource(owned).get() == null);
  }

  private static ConfigMapBuilder configMap(String name) {
    return new ConfigMapBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata();
  }
}
