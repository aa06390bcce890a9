package dev.bridgehead.webhook;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The {@code caBundle} of every webhook of one ValidatingWebhookConfiguration: what the API server
 * trusts. Server-side apply of that one field, so that the chart, which never renders it, owns all
 * others.
 */
final class CaBundle implements AutoCloseable {
  static final String FIELD_MANAGER = "bridgehead-webhook";

  private static final Logger LOG = LoggerFactory.getLogger(CaBundle.class);

  private final KubernetesClient client;
  private final String configuration;
  private volatile @Nullable SharedIndexInformer<ValidatingWebhookConfiguration> watch;
  private @Nullable Listener listener;
  private volatile boolean missing; // said once, by whichever thread sees it first

  CaBundle(KubernetesClient client, String configuration) {
    this.client = client;
    this.configuration = configuration;
  }

  /**
   * Begins to watch the configuration.
   *
   * @param changed told on the watch's thread; must return at once
   * @throws io.fabric8.kubernetes.client.KubernetesClientException where the API server can't be
   *     asked or refuses
   */
  void start(Runnable changed) {
    listener = new Listener(changed);
    watch = resource().inform(listener);
  }

  /**
   * Begins to watch again where the watch has ended for good, as on an answer that the client can't
   * read: nobody else would notice, until the certificate could not be renewed.
   */
  void attend() {
    if (listener != null && !watches()) {
      LOG.warn("The watch of ValidatingWebhookConfiguration {} had ended", configuration);
      close();
      watch = resource().inform(listener);
    }
  }

  boolean watches() {
    return watch != null && watch.isRunning();
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }

  private Resource<ValidatingWebhookConfiguration> resource() {
    return client
        .admissionRegistration()
        .v1()
        .validatingWebhookConfigurations()
        .withName(configuration);
  }

  private Optional<ValidatingWebhookConfiguration> seen() {
    return watch == null
        ? Optional.empty()
        : watch.getStore().list().stream()
            .filter(c -> c.getMetadata().getName().equals(configuration))
            .findFirst();
  }

  /**
   * Whether the configuration, as last seen, tells the API server to trust all of these. Without a
   * configuration nobody asks, and nobody has to be told.
   */
  boolean holds(List<X509Certificate> authorities) {
    return seen().stream()
        .flatMap(c -> c.getWebhooks().stream())
        .allMatch(webhook -> trusted(webhook).containsAll(authorities));
  }

  private static List<X509Certificate> trusted(ValidatingWebhook webhook) {
    String bundle = webhook.getClientConfig().getCaBundle();
    if (bundle == null || bundle.isEmpty()) {
      return List.of();
    }
    try {
      return Pem.certificates(Base64.getDecoder().decode(bundle));
    } catch (CertificateException | IllegalArgumentException e) {
      return List.of(); // somebody's mistake, about to be mended
    }
  }

  /**
   * Puts a bundle in place, where there is a configuration and it has another.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException where the API server can't be
   *     asked or refuses
   */
  void put(byte[] pem) {
    Optional<ValidatingWebhookConfiguration> current = seen();
    if (current.isEmpty()) {
      if (!missing) {
        missing = true;
        LOG.warn(
            "There is no ValidatingWebhookConfiguration {}: connectors are judged by the controller only",
            configuration);
      }
      return;
    }
    missing = false;
    String expected = Base64.getEncoder().encodeToString(pem);
    List<ValidatingWebhook> webhooks = current.get().getWebhooks();
    if (webhooks.stream().allMatch(w -> expected.equals(w.getClientConfig().getCaBundle()))) {
      return;
    }
    client
        .resource(
            new ValidatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(configuration)
                .endMetadata()
                .withWebhooks(webhooks.stream().map(w -> bundleOnly(w, expected)).toList())
                .build())
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FIELD_MANAGER)
                .withForce(true)
                .build());
    LOG.info("Told the API server whom to trust: ValidatingWebhookConfiguration {}", configuration);
  }

  private static ValidatingWebhook bundleOnly(ValidatingWebhook webhook, String bundle) {
    return new ValidatingWebhookBuilder()
        .withName(webhook.getName())
        .withNewClientConfig()
        .withCaBundle(bundle)
        .endClientConfig()
        .build();
  }

  private record Listener(Runnable changed)
      implements ResourceEventHandler<ValidatingWebhookConfiguration> {
    @Override
    public void onAdd(ValidatingWebhookConfiguration added) {
      changed.run();
    }

    @Override
    public void onUpdate(
        ValidatingWebhookConfiguration before, ValidatingWebhookConfiguration now) {
      changed.run();
    }

    @Override
    public void onDelete(ValidatingWebhookConfiguration deleted, boolean unknownState) {
      changed.run();
    }
  }
}
