package dev.bridgehead.webhook;

import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhook;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps our authority in the {@code caBundle} of every webhook of one
 * ValidatingWebhookConfiguration: put there at start, and again whenever someone changes it.
 * Server-side apply of that one field, so that the chart, which never renders it, owns all others.
 */
final class CaBundle implements AutoCloseable {
  static final String FIELD_MANAGER = "bridgehead-webhook";

  private static final Logger LOG = LoggerFactory.getLogger(CaBundle.class);

  /** For a change that the watch missed. */
  private static final Duration RECHECK = Duration.ofMinutes(1);

  private final KubernetesClient client;
  private final String configuration;
  private final String expected;
  private @Nullable SharedIndexInformer<ValidatingWebhookConfiguration> watch;

  CaBundle(KubernetesClient client, String configuration, byte[] authorityPem) {
    this.client = client;
    this.configuration = configuration;
    this.expected = Base64.getEncoder().encodeToString(authorityPem);
  }

  /**
   * Puts the bundle in place before it returns, where the configuration exists, and keeps it there
   * until {@link #close}.
   *
   * @throws KubernetesClientException where the API server can't be asked or refuses
   */
  void start() {
    ValidatingWebhookConfiguration current = resource().get();
    if (current == null) {
      LOG.warn(
          "There is no ValidatingWebhookConfiguration {}: connectors are judged by the controller only",
          configuration);
    } else {
      put(current);
    }
    watch = resource().inform(new Restorer(), RECHECK.toMillis());
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

  private void put(ValidatingWebhookConfiguration current) {
    List<ValidatingWebhook> webhooks = current.getWebhooks();
    if (webhooks.stream().allMatch(w -> expected.equals(w.getClientConfig().getCaBundle()))) {
      return;
    }
    client
        .resource(
            new ValidatingWebhookConfigurationBuilder()
                .withNewMetadata()
                .withName(configuration)
                .endMetadata()
                .withWebhooks(webhooks.stream().map(this::bundleOnly).toList())
                .build())
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(FIELD_MANAGER)
                .withForce(true)
                .build());
    LOG.info(
        "Put this process's authority into the ValidatingWebhookConfiguration {}", configuration);
  }

  private ValidatingWebhook bundleOnly(ValidatingWebhook webhook) {
    return new ValidatingWebhookBuilder()
        .withName(webhook.getName())
        .withNewClientConfig()
        .withCaBundle(expected)
        .endClientConfig()
        .build();
  }

  private final class Restorer implements ResourceEventHandler<ValidatingWebhookConfiguration> {
    @Override
    public void onAdd(ValidatingWebhookConfiguration added) {
      restore(added);
    }

    @Override
    public void onUpdate(
        ValidatingWebhookConfiguration before, ValidatingWebhookConfiguration now) {
      restore(now);
    }

    @Override
    public void onDelete(ValidatingWebhookConfiguration deleted, boolean unknownState) {
      LOG.warn(
          "The ValidatingWebhookConfiguration {} is gone: connectors are judged by the controller only",
          configuration);
    }

    /** On the informer's thread; the next recheck tries again. */
    private void restore(ValidatingWebhookConfiguration current) {
      try {
        put(current);
      } catch (KubernetesClientException e) {
        LOG.warn(
            "The caBundle of the ValidatingWebhookConfiguration {} can't be put back: {}",
            configuration,
            e.getMessage());
      }
    }
  }
}
