package dev.bridgehead.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("tier4")
class TestClusterIT {
  private static final String POD =
      """
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: spool}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
      ---
      apiVersion: v1
      kind: Pod
      metadata: {name: pause}
      spec:
        securityContext: {runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000, seccompProfile: {type: RuntimeDefault}}
        containers:
        - name: pause
          image: bridgehead.test/pause:1
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          volumeMounts: [{name: spool, mountPath: /spool}]
        volumes: [{name: spool, persistentVolumeClaim: {claimName: spool}}]
      """;

  private final TestCluster cluster = TestCluster.shared();

  @Test
  void runsARestrictedPodWithAVolumeAndUsesTheVolumeAgain() {
    String namespace = cluster.newNamespace("bed");
    cluster
        .kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
        .run();
    cluster.kubectl("apply", "-n", namespace, "-f", "-").withInput(POD).run();
    var pod = cluster.client().pods().inNamespace(namespace).withName("pause");
    pod.waitUntilReady(60, TimeUnit.SECONDS);
    String volume =
        cluster
            .client()
            .persistentVolumeClaims()
            .inNamespace(namespace)
            .withName("spool")
            .get()
            .getSpec()
            .getVolumeName();

    cluster.kubectl("delete", "namespace", namespace).run();

    PersistentVolume recycled =
        cluster
            .client()
            .persistentVolumes()
            .withName(volume)
            .waitUntilCondition(
                v -> v != null && v.getStatus().getPhase().equals("Available"),
                30,
                TimeUnit.SECONDS);
    assertThat(recycled.getSpec().getClaimRef()).isNull();
  }

  @Test
  void resolvesZonesOfATestAndChangesToThem() {
    cluster.zone("bed.test", "@ IN MX 10 mx1\nmx1 IN A 10.250.0.25");
    assertThat(cluster.lookUp("bed.test", "MX")).contains("10 mx1.bed.test");

    cluster.zone("bed.test", "@ IN MX 0 .");

    assertThat(cluster.lookUp("bed.test", "MX")).contains("0 .");
    assertThat(cluster.lookUp("elsewhere.test", "A")).contains("NXDOMAIN");
    assertThat(cluster.lookUp("kubernetes.default.svc.cluster.local", "A")).contains("10.96.0.1");
  }

  @Test
  void runsAPostfixAtAWellKnownPortOfItsNetwork() {
    String address = cluster.address(25);
    try (var postfix =
        PostfixServer.setup().by(cluster.insideNetwork()).listen(address, 25).start()) {
      MailPeers.smtpSource(address + ":25", "-t", "b@bed.test").by(cluster.insideNetwork()).run();

      assertThat(postfix.awaitMessage(m -> true)).contains("X-Original-To: b@bed.test");
    }
  }

  @Test
  void offersHelm() {
    assertThat(cluster.helm("list", "-A").run()).contains("NAMESPACE");
    assertThat(cluster.client().nodes().withName("node0").isReady()).isTrue();
  }
}
