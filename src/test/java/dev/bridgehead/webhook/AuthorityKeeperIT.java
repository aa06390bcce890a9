package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.webhook.Authorities.Lifetimes;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Replicas that keep one authority on a real API server, each asked for a round when the test says
 * so, by a clock that the test moves.
 */
@Tag("tier2")
class AuthorityKeeperIT {
  private static final String NAMESPACE = "authority-it";
  private static final String SECRET = "ca";
  private static final String CONFIGURATION = "authority-it";

  /** Rounds of their own would come never. */
  private static final Lifetimes LIFETIMES =
      new Lifetimes(
          Duration.ofDays(365), Duration.ofDays(7), Duration.ofMinutes(5), Duration.ofDays(999));

  private final KubernetesClient admin = ApiServer.shared().admin();
  private final List<Replica> replicas = new ArrayList<>();
  private Instant now = Instant.parse("2026-03-01T12:00:00Z");

  @BeforeEach
  void configure() {
    admin
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(NAMESPACE).endMetadata().build())
        .serverSideApply();
    admin
        .resource(
            new ValidatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(CONFIGURATION)
                .endMetadata()
                .addNewWebhook()
                .withName("authority.it.example")
                .withAdmissionReviewVersions("v1")
                .withSideEffects("None")
                .withFailurePolicy("Ignore")
                .withNewClientConfig()
                .withUrl("https://127.0.0.1:1/")
                .endClientConfig()
                .endWebhook()
                .build())
        .create();
  }

  @AfterEach
  void forget() {
    replicas.forEach(Replica::close);
    admin.secrets().inNamespace(NAMESPACE).withName(SECRET).delete();
    configuration().delete();
  }

  /**
   * Two replicas, in any order, from the announcement to the end of a change: at no moment does one
   * of them show what the API server is not told to trust.
   */
  @Test
  void showNothingThatIsNotTrustedThroughAWholeChange() throws CertificateException {
    Replica first = replica(admin);
    Replica second = replica(admin);
    X509Certificate before = signing(first);
    now = now.plus(Duration.ofDays(250));
    long seed = System.nanoTime();
    Random random = new Random(seed);

    for (int minute = 0; minute < 20; minute++) {
      for (int turn = 0; turn < 4; turn++) {
        Replica next = random.nextBoolean() ? first : second;
        next.round();
        for (Replica replica : replicas) {
          assertThat(trusted())
              .as("seed %d, minute %d", seed, minute)
              .anyMatch(replica::showsOneOf);
        }
      }
      now = now.plus(Duration.ofMinutes(1));
    }

    assertThat(trusted()).hasSize(1).doesNotContain(before);
    assertThat(signing(first)).isEqualTo(signing(second)).isNotEqualTo(before);
  }

  @Test
  void renewWhatTheyShowAlsoWhereTheSecretCannotBeWritten() {
    Replica replica = replica(admin);
    admin
        .secrets()
        .inNamespace(NAMESPACE)
        .withName(SECRET)
        .edit(
            secret -> {
              secret.setImmutable(true);
              return secret;
            });
    now = now.plus(Duration.ofDays(250)); // a successor is due, which can't be stored

    assertThatThrownBy(replica::round).isInstanceOf(KubernetesClientException.class);

    assertThat(replica.shown.current().orElseThrow().validAt(now)).isTrue();
  }

  @Test
  void showAnotherCertificateWhereTheirClockWasSetBack() {
    now = now.plus(Duration.ofDays(2));
    Replica replica = replica(admin);
    now = now.minus(Duration.ofDays(2));

    replica.round();
    replica.round(); // the first one had to tell the API server of another authority

    assertThat(replica.shown.current().orElseThrow().validAt(now)).isTrue();
  }

  @Test
  void mendWhatSomebodySpoiledWhileTheyRun() throws CertificateException {
    Replica replica = replica(admin);
    X509Certificate before = signing(replica);
    admin
        .secrets()
        .inNamespace(NAMESPACE)
        .withName(SECRET)
        .edit(
            secret -> {
              secret
                  .getData()
                  .put(
                      "tls.key",
                      Base64.getEncoder()
                          .encodeToString(
                              "-----BEGIN PRIVATE KEY-----\n!!!\n-----END PRIVATE KEY-----\n"
                                  .getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
              return secret;
            });

    replica.round();

    assertThat(trusted()).hasSize(2).contains(before);
    assertThat(trusted()).anyMatch(replica::showsOneOf);
  }

  /** What an API server, or something on the way, says that the client can't read. */
  @Test
  void watchAgainWhereTheWatchEndedForGood() {
    Unreadable unreadable = new Unreadable();
    try (KubernetesClient client = client(unreadable)) {
      Replica replica = replica(client);
      unreadable.on = true;
      // The watch reads this, and ends.
      configuration().edit(AuthorityKeeperIT::touched);
      Awaitility.await().untilAsserted(() -> assertThat(replica.watches()).isFalse());
      unreadable.on = false;
      configuration()
          .edit(
              c -> {
                c.getWebhooks().getFirst().getClientConfig().setCaBundle(null);
                return c;
              });

      replica.round();

      assertThat(replica.watches()).isTrue();
      assertThat(configuration().get().getWebhooks().getFirst().getClientConfig().getCaBundle())
          .isNotEmpty();
    }
  }

  private static ValidatingWebhookConfiguration touched(ValidatingWebhookConfiguration before) {
    return new ValidatingWebhookConfigurationBuilder(before)
        .editMetadata()
        .addToAnnotations("somebody", "was here")
        .endMetadata()
        .build();
  }

  private io.fabric8.kubernetes.client.dsl.Resource<ValidatingWebhookConfiguration>
      configuration() {
    return admin
        .admissionRegistration()
        .v1()
        .validatingWebhookConfigurations()
        .withName(CONFIGURATION);
  }

  private List<X509Certificate> trusted() {
    String bundle = configuration().get().getWebhooks().getFirst().getClientConfig().getCaBundle();
    try {
      return Pem.certificates(Base64.getDecoder().decode(bundle));
    } catch (CertificateException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate signing(Replica replica) throws CertificateException {
    return trusted().stream().filter(replica::showsOneOf).findFirst().orElseThrow();
  }

  private Replica replica(KubernetesClient client) {
    Replica replica = new Replica(client);
    replicas.add(replica);
    replica.keeper.start();
    replica.seesWhatIsThere();
    return replica;
  }

  private final class Replica {
    private final CurrentCertificate shown = new CurrentCertificate();
    private final CaBundle bundle;
    private final AuthorityKeeper keeper;

    private Replica(KubernetesClient client) {
      bundle = new CaBundle(client, CONFIGURATION);
      keeper =
          new AuthorityKeeper(
              new AuthoritySecret(client, NAMESPACE, SECRET),
              bundle,
              shown,
              List.of("127.0.0.1"),
              LIFETIMES,
              new MovedClock());
    }

    private void round() {
      keeper.round();
      replicas.forEach(Replica::seesWhatIsThere);
    }

    /** What a watch takes some milliseconds to tell. */
    private void seesWhatIsThere() {
      if (bundle.watches()) {
        Awaitility.await().pollInterval(Duration.ofMillis(5)).until(() -> bundle.holds(trusted()));
      }
    }

    private boolean watches() {
      return bundle.watches();
    }

    private boolean showsOneOf(X509Certificate authority) {
      try {
        shown.current().orElseThrow().certificate().verify(authority.getPublicKey());
        return true;
      } catch (java.security.GeneralSecurityException e) {
        return false;
      }
    }

    private void close() {
      keeper.close();
    }
  }

  private final class MovedClock extends Clock {
    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneId.of("UTC");
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }
  }

  private static KubernetesClient client(Unreadable unreadable) {
    ObjectMapper mapper =
        new ObjectMapper()
            .registerModule(
                new SimpleModule().addDeserializer(ValidatingWebhook.class, unreadable));
    return new KubernetesClientBuilder()
        .withConfig(ApiServer.shared().config())
        .withKubernetesSerialization(new KubernetesSerialization(mapper, true))
        .build();
  }

  private static final class Unreadable extends StdDeserializer<ValidatingWebhook> {
    private static final long serialVersionUID = 1;
    private static final ObjectMapper PLAIN = new ObjectMapper();
    private volatile boolean on;

    Unreadable() {
      super(ValidatingWebhook.class);
    }

    @Override
    public ValidatingWebhook deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      ValidatingWebhook read = PLAIN.treeToValue(parser.readValueAsTree(), ValidatingWebhook.class);
      if (on) {
        throw new IOException("unreadable, as a test wants it");
      }
      return new ValidatingWebhookBuilder(read).build();
    }
  }
}
