package dev.bridgehead.webhook;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.helidon.webserver.WebServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admission webhook: an HTTPS server with a certificate made at start, and the API server told
 * to trust it.
 *
 * <p>{@link #start} returns when both are done; from then on the API server's requests are
 * answered, each on a virtual thread.
 */
public final class WebhookServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookServer.class);

  /**
   * An AdmissionReview holds two objects of up to 1.5 MiB each, etcd's limit, and managed fields.
   */
  private static final long LARGEST_REVIEW = 8L << 20;

  private final WebServer server;
  private final CaBundle bundle;

  private WebhookServer(WebServer server, CaBundle bundle) {
    this.server = server;
    this.bundle = bundle;
  }

  /**
   * Where the webhook listens and what it is called.
   *
   * @param address where to listen
   * @param port 8443 in a pod; 0 takes a free one
   * @param names the server's DNS names or addresses, as the API server calls it
   * @param configuration name of the ValidatingWebhookConfiguration
   * @param clusterDomain the DNS domain of the cluster, such as {@code cluster.local}
   */
  public record Settings(
      InetAddress address,
      int port,
      List<String> names,
      String configuration,
      String clusterDomain) {
    public Settings {
      names = List.copyOf(names);
    }

    /** In a pod: behind the Service {@code service} of this namespace. */
    public static Settings behind(
        String service, String namespace, String configuration, String clusterDomain) {
      String name = service + "." + namespace + ".svc";
      return new Settings(
          new InetSocketAddress(0).getAddress(), // every address, IPv6 too where there is any
          8443,
          List.of(name, name + "." + clusterDomain),
          configuration,
          clusterDomain);
    }
  }

  /**
   * Starts to listen and puts the authority in place.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException where the API server can't be
   *     asked or refuses
   * @throws java.io.UncheckedIOException where the port is taken
   */
  public static WebhookServer start(Settings settings, KubernetesClient client, Clock clock) {
    ServerCertificate certificate =
        ServerCertificate.issue(settings.names(), clock.instant(), new SecureRandom());
    ConnectorAdmission admission =
        new ConnectorAdmission(settings.clusterDomain(), new ClusterServiceAddresses(client));
    WebServer server = listen(settings, certificate, new ReviewEndpoint(admission));
    CaBundle bundle = new CaBundle(client, settings.configuration(), certificate.authorityPem());
    try {
      bundle.start();
    } catch (RuntimeException e) {
      server.stop();
      throw e;
    }
    LOG.info("The webhook listens on port {} as {}", server.port(), settings.names().getFirst());
    return new WebhookServer(server, bundle);
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** The path that the ValidatingWebhookConfiguration has to name. */
  public static String path() {
    return ReviewEndpoint.PATH;
  }

  /** The authority stays in the configuration; requests in work are answered. */
  @Override
  public void close() {
    bundle.close();
    server.stop();
  }

  static WebServer listen(
      Settings settings, ServerCertificate certificate, ReviewEndpoint endpoint) {
    return WebServer.builder()
        .address(settings.address())
        .port(settings.port())
        .shutdownHook(false)
        .maxPayloadSize(LARGEST_REVIEW)
        .tls(
            tls ->
                tls.privateKey(certificate.key())
                    .privateKeyCertChain(List.of(certificate.certificate())))
        .routing(routing -> routing.post(ReviewEndpoint.PATH, endpoint))
        .build()
        .start();
  }
}
