package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.SmtpConnectorSpec;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BridgeheadResourceTest {
  @Test
  void standsAloneWithTheConnectorsSpecAndTheEntrysFields() {
    SmtpConnectorSpec spec = Samples.smartHost();

    Bridgehead bridgehead = BridgeheadResource.allOf(Samples.connector(spec)).getFirst();

    assertThat(bridgehead.getMetadata().getName()).isEqualTo("internet-edge");
    assertThat(bridgehead.getMetadata().getLabels())
        .containsEntry("bridgehead.dev/connector-uid", "connector-uid")
        .containsEntry("app.kubernetes.io/managed-by", "bridgehead-operator");
    assertThat(bridgehead.getSpec().hostname()).isEqualTo("mail.example.com");
    assertThat(bridgehead.getSpec().routing()).isEqualTo(spec.routing());
    assertThat(bridgehead.getSpec().outbound()).isEqualTo(spec.outbound());
    assertThat(bridgehead.getSpec().connector().generation()).isEqualTo(3);
  }

  @Test
  void isOwnedByItsConnector() {
    Bridgehead bridgehead = Samples.bridgehead(Samples.dns(2, null));

    assertThat(bridgehead.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(
            owner -> {
              assertThat(owner.getKind()).isEqualTo("SmtpConnector");
              assertThat(owner.getUid()).isEqualTo("connector-uid");
            });
  }

  @Test
  void leavesReplicasOutWhereTheConnectorDoes() {
    assertThat(Samples.bridgehead(Samples.dns(null, null)).getSpec().replicas()).isNull();
    assertThat(Samples.bridgehead(Samples.dns(2, null)).getSpec().replicas()).isEqualTo(2);
  }

  @Test
  void givesUpReplicasOnlyWhereItSetThemBefore() {
    Bridgehead silent = Samples.bridgehead(Samples.dns(null, null));
    Bridgehead stated = Samples.bridgehead(Samples.dns(2, null));

    assertThat(BridgeheadResource.givesUpReplicas(silent, appliedBy("us", stated), "us")).isTrue();
    assertThat(BridgeheadResource.givesUpReplicas(stated, appliedBy("us", stated), "us")).isFalse();
    assertThat(BridgeheadResource.givesUpReplicas(silent, appliedBy("hpa", stated), "us"))
        .isFalse();
    assertThat(BridgeheadResource.givesUpReplicas(silent, appliedBy("us", silent), "us")).isFalse();
  }

  private static Bridgehead appliedBy(String manager, Bridgehead bridgehead) {
    FieldsV1 fields = new FieldsV1();
    fields.setAdditionalProperty("f:spec", Map.of("f:replicas", Map.of()));
    bridgehead
        .getMetadata()
        .setManagedFields(
            List.of(
                new ManagedFieldsEntryBuilder()
                    .withManager(manager)
                    .withOperation("Apply")
                    .withFieldsV1(fields)
                    .build()));
    return bridgehead;
  }
}
