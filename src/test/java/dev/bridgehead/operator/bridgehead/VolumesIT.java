package dev.bridgehead.operator.bridgehead;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.operator.kube.ApiServerClient;
import dev.bridgehead.operator.model.Labels;
import dev.bridgehead.testbed.ApiServer;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Claims on a real API server. */
@Tag("tier2")
class VolumesIT {
  private static final Map<String, String> EMPTY =
      Map.of(Labels.QUEUED, "0", Labels.RELEASED_BY, "uid/scale-down");
  private static final Map<String, String> MAIL =
      Map.of(Labels.QUEUED, "12", Labels.RELEASED_BY, "uid/scale-down");

  @Test
  void aClaimThatHasMailAgainOutlivesACacheThatSaysOtherwise() {
    try (KubernetesClient client = ApiServerClient.create(ApiServer.shared().config())) {
      Volumes volumes = new Volumes(client);
      PersistentVolumeClaim seen = client.resource(claim(EMPTY)).create();
      PersistentVolumeClaim now =
          client
              .resource(seen)
              .edit(
                  claim ->
                      new PersistentVolumeClaimBuilder(claim)
                          .editMetadata()
                          .addToAnnotations(MAIL)
                          .endMetadata()
                          .build());

      volumes.delete(seen, "no-such-pod");
      assertThat(goes(client, seen)).isFalse();

      volumes.delete(now, "no-such-pod");
      assertThat(goes(client, seen)).isTrue();
    }
  }

  private static boolean goes(KubernetesClient client, PersistentVolumeClaim claim) {
    PersistentVolumeClaim there = client.resource(claim).get();
    return there == null || there.isMarkedForDeletion();
  }

  private static PersistentVolumeClaim claim(Map<String, String> annotations) {
    return new PersistentVolumeClaimBuilder()
        .withNewMetadata()
        .withNamespace("default")
        .withName("spool-unchanged-edge-2")
        .withAnnotations(annotations)
        .endMetadata()
        .withNewSpec()
        .withAccessModes("ReadWriteOnce")
        .withNewResources()
        .withRequests(Map.of("storage", new Quantity("1Gi")))
        .endResources()
        .endSpec()
        .build();
  }
}
