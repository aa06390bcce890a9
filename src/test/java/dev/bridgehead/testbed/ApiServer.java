package dev.bridgehead.testbed;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Kubernetes API server with its etcd, as plain processes on loopback, without root: schema,
 * admission, RBAC, server-side apply, watches are real. No node, so no pod ever runs; garbage
 * collection, namespace deletion and StatefulSet pods come with {@link #startControllers}.
 */
public final class ApiServer implements AutoCloseable {
  private static final Set<String> WRITING =
      Set.of("create", "update", "patch", "delete", "deletecollection");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static @Nullable ApiServer shared;

  private final Path bin;
  private final Path folder;
  private final String token = UUID.randomUUID().toString();
  private final Daemon etcd;
  private final boolean audited;
  private final int etcdPort;
  private final int port;
  private Daemon server;
  private final String url;
  private final KubernetesClient admin;
  private @Nullable Daemon controllers;

  private ApiServer(Path bin, boolean audited) {
    this.bin = bin;
    this.audited = audited;
    folder = Script.folder("api-server");
    writeKeys();
    etcdPort = Daemon.freePort();
    port = Daemon.freePort();
    url = "https://127.0.0.1:" + port;
    etcd = startEtcd(etcdPort);
    server = startServer();
    // The client reads the certificate when it is made; the server makes that as it starts.
    server.await(() -> Files.size(folder.resolve("certificates/apiserver.crt")) > 0);
    admin = clientOf(config());
    server.await(this::ready);
    writeKubeconfig(kubeconfig(), token);
  }

  /** The one of this JVM: started when first asked for, some four seconds. */
  public static synchronized ApiServer shared() {
    if (shared == null) {
      var started = start();
      Runtime.getRuntime().addShutdownHook(new Thread(started::close, "api-server-end"));
      shared = started;
    }
    return shared;
  }

  /** One of its own, for a test that stops it or fills it. */
  public static ApiServer start() {
    return new ApiServer(Script.built("build", "--api-server-only"), false);
  }

  /** One of its own that notes requests, for {@link #writes} and {@link #refusals}. */
  public static ApiServer startAudited() {
    return new ApiServer(Script.built("build", "--api-server-only"), true);
  }

  /** Ends the API server alone: what is stored stays, and whoever watches loses the connection. */
  public void stopServing() {
    server.close();
  }

  /** Starts it again on the same data and port. */
  public void serveAgain() {
    server = startServer();
    server.await(this::ready);
  }

  /** A write that somebody asked for, whatever came of it. */
  public record Write(String userAgent, String verb, String resource, String name, Instant time) {}

  /** Every write so far, dry runs excepted; of a server that {@link #startAudited} started. */
  public List<Write> writes() {
    return audited()
        .filter(event -> WRITING.contains(event.path("verb").asText()))
        .filter(event -> !event.path("requestURI").asText().contains("dryRun="))
        .map(ApiServer::write)
        .toList();
  }

  /**
   * What a ServiceAccount asked for and was forbidden, as verb and URI, reads too; of a server that
   * {@link #startAudited} started.
   */
  public List<String> refusals(String user) {
    return audited()
        .filter(event -> event.at("/responseStatus/code").asInt() == 403)
        .filter(event -> event.at("/user/username").asText().equals(user))
        .map(event -> event.path("verb").asText() + " " + event.path("requestURI").asText())
        .toList();
  }

  /**
   * What a ServiceAccount asked for, as {@code verb resource[/subresource][.group]}; of a server
   * that {@link #startAudited} started.
   */
  public Set<String> requests(String user) {
    return audited()
        .filter(event -> event.at("/user/username").asText().equals(user))
        .map(ApiServer::request)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String request(JsonNode event) {
    JsonNode object = event.path("objectRef");
    String part = object.path("subresource").asText();
    String group = object.path("apiGroup").asText();
    return event.path("verb").asText()
        + " "
        + object.path("resource").asText()
        + (part.isEmpty() ? "" : "/" + part)
        + (group.isEmpty() ? "" : "." + group);
  }

  private Stream<JsonNode> audited() {
    try {
      return Files.readAllLines(folder.resolve("audit.log")).stream()
          .map(ApiServer::event)
          .flatMap(Optional::stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<JsonNode> event(String line) {
    try {
      return Optional.of(JSON.readTree(line));
    } catch (JsonProcessingException e) {
      return Optional.empty(); // the last line, not yet written whole
    }
  }

  private static Write write(JsonNode event) {
    JsonNode object = event.path("objectRef");
    return new Write(
        event.path("userAgent").asText(),
        event.path("verb").asText(),
        object.path("resource").asText(),
        object.path("namespace").asText() + "/" + object.path("name").asText(),
        Instant.parse(event.path("requestReceivedTimestamp").asText()));
  }

  /** {@code https://127.0.0.1:PORT}. */
  public String url() {
    return url;
  }

  /** Member of {@code system:masters}: may do everything. */
  public KubernetesClient admin() {
    return admin;
  }

  /** Acts as somebody else, to show what RBAC allows them. The caller closes it. */
  public KubernetesClient as(String user, String... groups) {
    return clientOf(
        new ConfigBuilder(config())
            .withImpersonateUsername(user)
            .withImpersonateGroups(groups)
            .build());
  }

  /** The administrator's configuration, for a client of the caller's making. */
  public Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(url)
        .withCaCertFile(folder.resolve("certificates/apiserver.crt").toString())
        .withOauthToken(token)
        .build();
  }

  /** The administrator's kubeconfig. */
  public Path kubeconfig() {
    return folder.resolve("kubeconfig");
  }

  /** {@code kubectl} as administrator. */
  public Command kubectl(String... arguments) {
    return Command.of(bin.resolve("kubectl").toString(), "--kubeconfig", kubeconfig().toString())
        .with(arguments);
  }

  /**
   * Installs the project's own definitions, from {@code crds/}, and waits until they are served.
   */
  public ApiServer withCrds() {
    try (var files = Files.list(Script.project().resolve("crds"))) {
      for (Path file : files.filter(f -> f.toString().matches(".*\\.ya?ml")).sorted().toList()) {
        install(file);
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void install(Path file) throws IOException {
    try (var yaml = Files.newInputStream(file)) {
      for (var resource : admin.load(yaml).items()) {
        admin.resource(resource).serverSideApply();
        if (resource instanceof CustomResourceDefinition definition) {
          admin.resource(definition).waitUntilCondition(this::established, 30, TimeUnit.SECONDS);
        }
      }
    }
  }

  private boolean established(@Nullable CustomResourceDefinition definition) {
    return definition != null
        && definition.getStatus() != null
        && definition.getStatus().getConditions() != null
        && definition.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Established") && c.getStatus().equals("True"));
  }

  /** Kubernetes' own controllers too; pods that they make stay Pending, there is no node. */
  public synchronized ApiServer startControllers() {
    if (controllers == null) {
      controllers =
          Daemon.start(
              "controllers",
              folder,
              Command.of(
                  bin.resolve("kube-controller-manager").toString(),
                  "--kubeconfig=kubeconfig",
                  "--leader-elect=false",
                  "--bind-address=127.0.0.1",
                  "--secure-port=0",
                  // A claim that no pod schedules is bound by this timer alone, by default every 15
                  // s.
                  "--pvclaimbinder-sync-period=1s",
                  "--use-service-account-credentials",
                  "--service-account-private-key-file=service-accounts.key",
                  "--root-ca-file=certificates/apiserver.crt"));
    }
    return this;
  }

  private Daemon startEtcd(int port) {
    String clients = "http://127.0.0.1:" + port;
    String peers = "http://127.0.0.1:" + Daemon.freePort();
    return Daemon.start(
        "etcd",
        folder,
        Command.of(
            bin.resolve("etcd").toString(),
            "--data-dir=etcd",
            "--unsafe-no-fsync",
            "--listen-client-urls=" + clients,
            "--advertise-client-urls=" + clients,
            "--listen-peer-urls=" + peers,
            "--initial-advertise-peer-urls=" + peers,
            "--initial-cluster=default=" + peers));
  }

  private Daemon startServer() {
    Command command =
        Command.of(
            bin.resolve("kube-apiserver").toString(),
            "--etcd-servers=http://127.0.0.1:" + etcdPort,
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            "--secure-port=" + port,
            "--cert-dir=certificates",
            "--token-auth-file=tokens",
            "--authorization-mode=RBAC",
            "--allow-privileged",
            // No pod runs, so none needs the account that a controller would have to make first.
            "--disable-admission-plugins=ServiceAccount",
            "--service-cluster-ip-range=10.96.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=service-accounts.pub",
            "--service-account-signing-key-file=service-accounts.key");
    return Daemon.start("kube-apiserver", folder, audited ? auditing(command) : command);
  }

  private Command auditing(Command command) {
    String policy =
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
          - {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}
          - {level: Metadata, userGroups: [system:serviceaccounts]}
        """;
    try {
      Files.writeString(folder.resolve("audit-policy.yaml"), policy);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return command.with("--audit-policy-file=audit-policy.yaml", "--audit-log-path=audit.log");
  }

  private boolean ready() throws IOException {
    try {
      return "ok".equals(admin.raw("/readyz"));
    } catch (KubernetesClientException e) {
      throw new IOException(e);
    }
  }

  private void writeKeys() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      var pair = generator.generateKeyPair();
      writePem("service-accounts.key", "PRIVATE KEY", pair.getPrivate().getEncoded());
      writePem("service-accounts.pub", "PUBLIC KEY", pair.getPublic().getEncoded());
      Files.writeString(folder.resolve("tokens"), token + ",admin,admin,system:masters\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has RSA", e);
    }
  }

  private void writePem(String name, String type, byte[] der) throws IOException {
    Files.write(
        folder.resolve(name),
        List.of(
            "-----BEGIN " + type + "-----",
            Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der),
            "-----END " + type + "-----"));
  }

  /** A kubeconfig with a fresh token of a ServiceAccount. */
  public Path kubeconfigOf(String namespace, String account) {
    String fresh = kubectl("-n", namespace, "create", "token", account).run().strip();
    return writeKubeconfig(folder.resolve("kubeconfig-" + namespace + "-" + account), fresh);
  }

  private Path writeKubeconfig(Path file, String token) {
    String text =
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: tests, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: tester, user: {token: "%s"}}]
        contexts: [{name: tests, context: {cluster: tests, user: tester}}]
        current-context: tests
        """
            .formatted(url, folder.resolve("certificates/apiserver.crt"), token);
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static KubernetesClient clientOf(Config config) {
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  @Override
  public void close() {
    admin.close();
    if (controllers != null) {
      controllers.close();
    }
    server.close();
    etcd.close();
    Folders.delete(folder);
  }
}
