package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCluster;
import java.time.Instant;

/** The authority of the webhook on the node, and what the API server is told of it. */
record WebhookSecret(TestCluster cluster) {
  private static final String NAME = "bridgehead-webhook-ca";

  void delete() {
    cluster.kubectl("delete", "secret", NAME, "-n", "bridgehead").run();
  }

  /** The authority that signs, or the one that is to follow: {@code tls}, {@code next}. */
  String certificate(String which) {
    return field("secret/" + NAME, "{.data." + which + "\\.crt}");
  }

  /** All that the API server trusts. */
  String caBundle() {
    return field(
        "validatingwebhookconfiguration/bridgehead", "{.webhooks[0].clientConfig.caBundle}");
  }

  private String field(String object, String jsonPath) {
    return cluster
        .kubectl("get", object, "-n", "bridgehead", "--ignore-not-found")
        .with("-o", "jsonpath=" + jsonPath)
        .run();
  }

  /** Says that the minutes are over after which the next step of a rotation is taken. */
  void due(String annotation) {
    cluster
        .kubectl("annotate", "secret", NAME, "-n", "bridgehead", "--overwrite")
        .with("bridgehead.dev/" + annotation + "=" + Instant.now())
        .run();
  }
}
