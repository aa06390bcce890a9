package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCluster;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A workload that sends one message with {@code bridgehead send}, in a namespace of its own, under
 * the restricted profile.
 */
final class SenderPod {
  private final TestCluster cluster;
  private final String namespace;

  private SenderPod(TestCluster cluster, String namespace) {
    this.cluster = cluster;
    this.namespace = namespace;
  }

  static SenderPod in(TestCluster cluster, String namespace) {
    return new SenderPod(cluster, namespace);
  }

  /**
   * Sends a message, again where it can't be sent, and waits until the pod has succeeded.
   *
   * @param server {@code host:port} as a workload would write it
   * @param message header section, empty line, body
   * @return what it printed the last time: the dialogue
   */
  String send(String server, String from, String to, String message) {
    var map =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withGenerateName("message-")
            .endMetadata()
            .withBinaryData(Map.of("message.eml", Octets.base64(message)))
            .build();
    String name =
        cluster
            .client()
            .configMaps()
            .inNamespace(namespace)
            .resource(map)
            .create()
            .getMetadata()
            .getName();
    cluster.client().pods().inNamespace(namespace).resource(pod(name, server, from, to)).create();
    var sender = cluster.client().pods().inNamespace(namespace).withName(name);
    try {
      sender.waitUntilCondition(SenderPod::succeeded, 90, TimeUnit.SECONDS);
    } catch (KubernetesClientTimeoutException e) {
      throw new AssertionError("sending failed: " + sender.getLog(), e);
    }
    return sender.getLog();
  }

  private static boolean succeeded(Pod pod) {
    return pod != null && pod.getStatus() != null && "Succeeded".equals(pod.getStatus().getPhase());
  }

  private static Pod pod(String name, String server, String from, String to) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        // As every workload it tries again: nodes know a Service's new pod a moment after it is
        // ready.
        .withRestartPolicy("OnFailure")
        .withNewSecurityContext()
        .withRunAsNonRoot(true)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext()
        .addNewContainer()
        .withName("send")
        .withImage("bridgehead:dev")
        .withImagePullPolicy("Never")
        .withArgs(
            "send",
            "--server",
            server,
            "--from",
            from,
            "--to",
            to,
            "--message",
            "/message/message.eml")
        .withNewSecurityContext()
        .withAllowPrivilegeEscalation(false)
        .withNewCapabilities()
        .withDrop("ALL")
        .endCapabilities()
        .endSecurityContext()
        .addNewVolumeMount()
        .withName("message")
        .withMountPath("/message")
        .endVolumeMount()
        .endContainer()
        .addNewVolume()
        .withName("message")
        .withNewConfigMap()
        .withName(name)
        .endConfigMap()
        .endVolume()
        .endSpec()
        .build();
  }
}
