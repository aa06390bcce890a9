package dev.bridgehead.webhook;

/** Keeps the webhook's certificate good while the server runs. */
sealed interface CertificateKeeper extends AutoCloseable
    permits AuthorityKeeper, MountedCertificate {
  /**
   * Returns when there is a certificate to show, and goes on by itself.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException where the API server can't be
   *     asked or refuses
   */
  void start();

  @Override
  void close();
}
