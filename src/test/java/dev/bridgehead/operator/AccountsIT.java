package dev.bridgehead.operator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.ManifestReader;
import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.auth.Authenticator;
import dev.bridgehead.relay.auth.Mechanism;
import dev.bridgehead.relay.auth.PasswordChecks;
import dev.bridgehead.relay.auth.Turn;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.testbed.SelfSigned;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.security.SecureRandom;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who may log in: users of a Secret, and tokens that a real API server signs. */
@Tag("tier2")
class AccountsIT extends OperatorTestBase {
  private static final String HASH =
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
          + ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

  private static String connector(String access) {
    return """
        apiVersion: bridgehead.dev/v1
        kind: SmtpConnector
        metadata: {name: internet}
        spec:
          routing: {mode: DNS}
          bridgeheads:
            - {name: edge, hostname: mail.example.com, virtualServer: {tls: {secretRef: {name: edge-tls}}}}
          access: {%s}
        """
        .formatted(access);
  }

  private static String namespaceWithCertificate(String name) {
    String namespace = cluster.namespace(name);
    admin
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("edge-tls")
                .endMetadata()
                .withType("kubernetes.io/tls")
                .withData(SelfSigned.of("mail.example.com").encoded())
                .build())
        .inNamespace(namespace)
        .serverSideApply();
    return namespace;
  }

  private static void users(String namespace, String list) {
    cluster.apply(
        namespace,
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: users}
        stringData: {users: "%s"}
        """
            .formatted(list));
  }

  @Test
  void usersAreReadAndTheirFaultsToldByLine() {
    String namespace = namespaceWithCertificate("users");
    cluster.apply(namespace, connector("usersSecretRef: {name: users}"));

    assertThat(cluster.awaitCondition(namespace, "ResolvedRefs", "False").message())
        .contains("Secret users does not exist (spec.access.usersSecretRef)");
    users(namespace, "shop:" + HASH + "\\nweb:hunter2");
    cluster.await(
        "the fault",
        () ->
            String.valueOf(cluster.awaitCondition(namespace, "ResolvedRefs", "False").message())
                .contains("Secret users: users: line 2 has no hash"));
    assertThat(String.valueOf(cluster.connector(namespace).getStatus())).doesNotContain("hunter2");
    users(namespace, "shop:" + HASH);
    cluster.awaitCondition(namespace, "ResolvedRefs", "True");

    assertThat(login(namespace, "shop", "pencil")).isEqualTo(new Turn.Accepted("shop"));
    assertThat(login(namespace, "shop", "pen")).isInstanceOf(Turn.Rejected.class);
  }

  @Test
  void tokensOfTheClusterAreBelievedForTheirAudienceAndAnHour() {
    String namespace = namespaceWithCertificate("tokens");
    for (String account : new String[] {"web", "other"}) {
      admin
          .resource(
              new ServiceAccountBuilder().withNewMetadata().withName(account).endMetadata().build())
          .inNamespace(namespace)
          .serverSideApply();
    }
    cluster.apply(
        namespace, connector("serviceAccounts: [{namespace: " + namespace + ", name: web}]"));
    cluster.await("the StatefulSet", () -> cluster.complete(namespace));
    assertThat(cluster.effective(namespace, "connector.yaml"))
        .contains("bridgehead.dev/token-issuer", "https://kubernetes.default.svc");
    String audience = "internet." + namespace + ".svc";

    assertThat(login(namespace, "any", token(namespace, "web", audience, 3600)))
        .isEqualTo(new Turn.Accepted("system:serviceaccount:" + namespace + ":web"));
    assertThat(login(namespace, "any", token(namespace, "web", audience, 600)))
        .isInstanceOf(Turn.Accepted.class);
    assertThat(refusal(namespace, token(namespace, "web", audience, 7200)))
        .contains("more than an hour");
    assertThat(refusal(namespace, token(namespace, "web", null, 3600)))
        .contains("another audience");
    assertThat(refusal(namespace, token(namespace, "web", "internet.mail.svc", 3600)))
        .contains("another audience");
    assertThat(refusal(namespace, token(namespace, "other", audience, 3600)))
        .contains("is not in access.serviceAccounts");
  }

  /** What a kubelet asks for a pod with a projected token. */
  private static String token(
      String namespace, String account, @Nullable String audience, long seconds) {
    var spec = new TokenRequestBuilder().withNewSpec().withExpirationSeconds(seconds);
    if (audience != null) {
      spec.withAudiences(audience);
    }
    return admin
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(account)
        .tokenRequest(spec.endSpec().build())
        .getStatus()
        .getToken();
  }

  private static String refusal(String namespace, String token) {
    return login(namespace, "any", token) instanceof Turn.Rejected rejected
        ? rejected.detail()
        : "none";
  }

  /** As a relay that runs this configuration would answer. */
  private static Turn login(String namespace, String name, String password) {
    String manifest = cluster.effective(namespace, "connector.yaml");
    try {
      Accounts accounts =
          RelayConfig.of(
                  ManifestReader.connector(manifest.getBytes(UTF_8)),
                  "",
                  null,
                  "cluster.local",
                  false)
              .access()
              .accounts();
      return new Authenticator(
              PasswordChecks.forThisMachine(), Clock.systemUTC(), new SecureRandom())
          .start(Mechanism.PLAIN, accounts)
          .respond(("\0" + name + "\0" + password).getBytes(UTF_8));
    } catch (ManifestException e) {
      throw new AssertionError(e);
    }
  }
}
