package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.kube.Applier.Change;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tier2")
class ApplierIT {
  private static final String NAMESPACE = "applier";

  private final KubernetesClient client = ApiServer.shared().admin();
  private final Applier applier = new Applier(client, "test");

  @Test
  void remembersWhatItAppliedUntilItsOwnerIsGone() throws NameConflictException {
    client
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .serverSideApply();
    ServiceAccount shared = account("shared", "one", null);
    ServiceAccount edge = account("edge", "one", "edge");
    ServiceAccount inner = account("inner", "one", "inner");
    ServiceAccount other = account("other", "two", "edge");
    for (ServiceAccount each : new ServiceAccount[] {shared, edge, inner, other}) {
      assertThat(applier.apply(each, Optional.empty()).change()).isEqualTo(Change.CREATED);
      assertThat(applier.apply(each, Optional.empty()).change()).isEqualTo(Change.NONE);
    }
    assertThat(applier.remembered()).isEqualTo(4);

    applier.forget("one", "edge");
    assertThat(applier.remembered()).as("but for edge").isEqualTo(3);
    applier.forget("one");
    assertThat(applier.remembered()).as("what is of two").isEqualTo(1);
    applier.forget("three");
    assertThat(applier.delete(other)).isTrue();
    assertThat(applier.remembered()).isZero();
  }

  private static ServiceAccount account(
      String name, String connectorUid, @Nullable String bridgehead) {
    ServiceAccount account =
        new ServiceAccountBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName(name)
            .addToLabels(Labels.CONNECTOR_UID, connectorUid)
            .endMetadata()
            .build();
    if (bridgehead != null) {
      account.getMetadata().getLabels().put(Labels.BRIDGEHEAD, bridgehead);
    }
    return account;
  }
}
