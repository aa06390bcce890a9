package dev.bridgehead.webhook;

import dev.bridgehead.webhook.Authorities.Lifetimes;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.helidon.webserver.WebServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admission webhook: an HTTPS server, its certificate, and the API server told to trust that.
 * Every replica serves it, whoever leads.
 *
 * <p>{@link #start} returns when all is in place; from then on the API server's requests are
 * answered, each on a virtual thread.
 */
public final class WebhookServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookServer.class);

  /** An AdmissionReview holds two objects of up to 1.5 MiB each, etcd's limit. */
  private static final long LARGEST_REVIEW = 4L << 20;

  /** More than API servers open, and no more than the heap bears. */
  private static final int MOST_CONNECTIONS = 256;

  /**
   * Longer than an API server keeps an idle connection (90 s): it would find it closed at the very
   * moment when it has something to ask.
   */
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private final WebServer server;
  private final CertificateKeeper keeper;
  private final CurrentCertificate shown;
  private final ReviewEndpoint endpoint;
  private final Clock clock;
  private volatile boolean expired; // said once, by whichever probe sees it first

  private WebhookServer(
      WebServer server,
      CertificateKeeper keeper,
      CurrentCertificate shown,
      ReviewEndpoint endpoint,
      Clock clock) {
    this.server = server;
    this.keeper = keeper;
    this.shown = shown;
    this.endpoint = endpoint;
    this.clock = clock;
  }

  /** Where the certificate comes from. */
  public sealed interface CertificateSource {}

  /** An authority of our own, which all replicas find in this Secret, or make. */
  public record OwnAuthority(String namespace, String secret, Lifetimes lifetimes)
      implements CertificateSource {
    public OwnAuthority(String namespace, String secret) {
      this(namespace, secret, Lifetimes.DEFAULT);
    }
  }

  /** Files that somebody else keeps, and tells the API server whom to trust. */
  public record Mounted(Path folder) implements CertificateSource {}

  /**
   * Where the webhook listens and what it is called.
   *
   * @param address where to listen
   * @param port 8443 in a pod; 0 takes a free one
   * @param names the server's DNS names or addresses, as the API server calls it
   * @param configuration name of the ValidatingWebhookConfiguration
   * @param clusterDomain the DNS domain of the cluster, such as {@code cluster.local}
   * @param certificate where it comes from
   */
  public record Settings(
      InetAddress address,
      int port,
      List<String> names,
      String configuration,
      String clusterDomain,
      CertificateSource certificate) {
    public Settings {
      names = List.copyOf(names);
    }

    /** In a pod: behind the Service {@code service} of this namespace. */
    public static Settings behind(
        String service,
        String namespace,
        int port,
        String configuration,
        String clusterDomain,
        CertificateSource certificate) {
      String name = service + "." + namespace + ".svc";
      return new Settings(
          new InetSocketAddress(0).getAddress(), // every address, IPv6 too where there is any
          port,
          List.of(name, name + "." + clusterDomain),
          configuration,
          clusterDomain,
          certificate);
    }
  }

  /**
   * Has a certificate, puts the authority in place and listens.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException where the API server can't be
   *     asked or refuses
   * @throws java.io.UncheckedIOException where the port is taken
   */
  public static WebhookServer start(Settings settings, KubernetesClient client, Clock clock) {
    CurrentCertificate shown = new CurrentCertificate();
    CertificateKeeper keeper = keeper(settings, client, shown, clock);
    ReviewEndpoint endpoint =
        new ReviewEndpoint(
            new ConnectorAdmission(settings.clusterDomain(), new ClusterServiceAddresses(client)));
    try {
      keeper.start();
      WebServer server = listen(settings, shown, endpoint);
      LOG.info("The webhook listens on port {} as {}", server.port(), settings.names().getFirst());
      return new WebhookServer(server, keeper, shown, endpoint, clock);
    } catch (RuntimeException e) {
      keeper.close();
      throw e;
    }
  }

  private static CertificateKeeper keeper(
      Settings settings, KubernetesClient client, CurrentCertificate shown, Clock clock) {
    return switch (settings.certificate()) {
      case OwnAuthority own ->
          new AuthorityKeeper(
              new AuthoritySecret(client, own.namespace(), own.secret()),
              new CaBundle(client, settings.configuration()),
              shown,
              settings.names(),
              own.lifetimes(),
              clock);
      case Mounted(Path folder) ->
          new MountedCertificate(folder, shown, Lifetimes.DEFAULT.interval());
    };
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** The path that the ValidatingWebhookConfiguration has to name. */
  public static String path() {
    return ReviewEndpoint.PATH;
  }

  /** Whether it answers, with a certificate that an API server can accept. */
  public boolean serves() {
    Optional<ServerCertificate> current = shown.current();
    boolean valid = current.filter(c -> c.validAt(clock.instant())).isPresent();
    if (!valid && !expired) {
      LOG.warn(
          "Not ready: the webhook's certificate was valid until {}",
          current.map(c -> c.certificate().getNotAfter().toInstant()).orElse(null));
    }
    expired = !valid;
    return valid && server.isRunning();
  }

  /**
   * Goes on answering, and asks for each connection to be closed after its next answer: whoever
   * comes again is sent to another replica.
   */
  public void turnAway() {
    endpoint.closeConnections();
  }

  /** The authority stays in the configuration; requests in work are answered. */
  @Override
  public void close() {
    keeper.close();
    server.stop();
  }

  static WebServer listen(
      Settings settings, CurrentCertificate certificate, ReviewEndpoint endpoint) {
    return listen(settings, certificate, endpoint, SILENCE);
  }

  /**
   * @param silence after which a connection that says nothing is closed
   */
  static WebServer listen(
      Settings settings,
      CurrentCertificate certificate,
      ReviewEndpoint endpoint,
      Duration silence) {
    return WebServer.builder()
        .address(settings.address())
        .port(settings.port())
        .shutdownHook(false)
        .maxPayloadSize(LARGEST_REVIEW)
        .maxTcpConnections(MOST_CONNECTIONS)
        .idleConnectionTimeout(silence)
        .idleConnectionPeriod(silence.dividedBy(4))
        .tls(tls -> tls.sslContext(certificate.context()))
        .routing(routing -> routing.post(ReviewEndpoint.PATH, endpoint))
        .build()
        .start();
  }
}
