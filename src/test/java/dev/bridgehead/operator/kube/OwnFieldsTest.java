package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnFieldsTest {
  private final KubernetesSerialization serialization =
      new KubernetesSerialization(ApiServerClient.sparingMapper(), true);

  @Test
  void readsWhatIsAskedOfOurFieldsWhereverTheManagerIsNamedAndNobodyElses() {
    List<ManagedFieldsEntry> read =
        serialization
            .unmarshal(
                """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x", "managedFields": [
                  {"manager": "bridgehead-connector", "operation": "Apply", "apiVersion": "v1",
                   "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1",
                   "fieldsV1": {"f:spec": {"f:replicas": {}, "f:name": {}}, "f:status": {"f:x": {}}}},
                  {"apiVersion": "v1", "fieldsType": "FieldsV1",
                   "fieldsV1": {"f:metadata": {"f:annotations": {}}},
                   "manager": "bridgehead-switches", "operation": "Apply", "unheardOf": [1, {"a": 2}]},
                  {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:type": {}}}},
                  {"fieldsV1": {"f:status": {}}, "manager": "kubelet", "subresource": "status"},
                  {"fieldsV1": {"f:status": {}}}]},
                 "spec": {"type": "ClusterIP"}}
                """,
                Service.class)
            .getMetadata()
            .getManagedFields();

    assertThat(read).hasSize(5);
    assertThat(read.get(0).getManager()).isEqualTo("bridgehead-connector");
    assertThat(read.get(0).getOperation()).isEqualTo("Apply");
    assertThat(read.get(0).getFieldsV1().getAdditionalProperties())
        .isEqualTo(Map.of("f:spec", Map.of("f:replicas", Map.of())));
    assertThat(read.get(1).getManager()).isEqualTo("bridgehead-switches");
    assertThat(read.get(1).getFieldsV1().getAdditionalProperties())
        .isEqualTo(Map.of("f:metadata", Map.of("f:annotations", Map.of())));
    assertThat(read.subList(2, 5)).allMatch(entry -> entry.getFieldsV1() == null);
  }

  @Test
  void whatComesAfterManagedFieldsIsRead() {
    Service read =
        serialization.unmarshal(
            """
            {"apiVersion": "v1", "kind": "Service", "metadata": {"managedFields": [
              {"fieldsV1": {"f:a": [{}, []]}, "manager": "kubectl"}], "name": "x", "uid": "1"},
             "spec": {"type": "ClusterIP"}}
            """,
            Service.class);

    assertThat(read.getMetadata().getUid()).isEqualTo("1");
    assertThat(read.getSpec().getType()).isEqualTo("ClusterIP");
  }
}
