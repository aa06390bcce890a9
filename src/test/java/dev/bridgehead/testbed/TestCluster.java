package dev.bridgehead.testbed;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A real Kubernetes node: {@code src/testbed/up}, in a network namespace of its own. One for all
 * tests of a JVM, ended with it.
 *
 * <ul>
 *   <li>{@code BRIDGEHEAD_TESTBED=FOLDER}: uses the running bed with that state folder, and leaves
 *       it running.
 *   <li>{@code BRIDGEHEAD_TESTBED_KEEP=1}: uses, or starts, the bed with the default name, and
 *       leaves it running; {@code src/testbed/down} ends it.
 * </ul>
 */
public final class TestCluster {
  /** The node's own address; the API server, the name server and node ports listen there. */
  public static final String NODE_ADDRESS = "10.250.0.1";

  /** As containerd names the project's image; a tag follows. */
  private static final String IMAGE = "docker.io/library/bridgehead:";

  private static @Nullable TestCluster shared;

  private final Path state;
  private final KubernetesClient client;

  private TestCluster(Path state) {
    this.state = state;
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig().toFile()))
            .build();
  }

  /** The one of this JVM, started when first asked for: ten seconds where it is built. */
  public static synchronized TestCluster shared() {
    if (shared == null) {
      Tier.requireRoot("a Kubernetes node");
      shared = new TestCluster(start());
    }
    return shared;
  }

  private static Path start() {
    @Nullable String running = System.getenv("BRIDGEHEAD_TESTBED");
    if (running != null) {
      return Path.of(running).toAbsolutePath();
    }
    if ("1".equals(System.getenv("BRIDGEHEAD_TESTBED_KEEP"))) {
      return Script.run("up");
    }
    return startOwn();
  }

  private static Path startOwn() {
    String name = "test-" + ProcessHandle.current().pid();
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> Script.run("down", "--name", name), "testbed-down"));
    Path state = Script.run("up", "--name", name);
    endAbandoned(state.resolveSibling(""));
    return state;
  }

  /** Beds of test runs that were killed before they could end theirs. */
  private static void endAbandoned(Path beds) {
    try (var states = Files.list(beds)) {
      states
          .map(s -> s.getFileName().toString())
          .filter(n -> n.matches("test-\\d+"))
          .filter(n -> ProcessHandle.of(Long.parseLong(n.substring(5))).isEmpty())
          .forEach(n -> Script.run("down", "--name", n));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An administrator's client. */
  public KubernetesClient client() {
    return client;
  }

  /** An administrator's kubeconfig. */
  public Path kubeconfig() {
    return state.resolve("kubeconfig");
  }

  /** {@code kubectl} as administrator. */
  public Command kubectl(String... arguments) {
    return program("kubectl").with(arguments);
  }

  /** {@code helm} as administrator. */
  public Command helm(String... arguments) {
    return program("helm").with(arguments).within(Duration.ofMinutes(5));
  }

  private Command program(String name) {
    return Command.of(state.resolve("bin").resolve(name).toString())
        .withVariable("KUBECONFIG", kubeconfig().toString());
  }

  private String name() {
    try {
      return Files.readString(state.resolve("name")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * SIGKILL to the Java process of a pod, as the kernel does when memory is short: nothing is
   * flushed, closed or said.
   *
   * @param uid of the pod
   */
  public void kill9(String uid) {
    List<ProcessHandle> relays = processes(uid);
    if (relays.isEmpty()) {
      throw new AssertionError("no Java process in pod " + uid);
    }
    relays.forEach(ProcessHandle::destroyForcibly);
  }

  private static List<ProcessHandle> processes(String uid) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().command().filter(c -> c.endsWith("java")).isPresent())
        .filter(process -> inPod(process.pid(), uid))
        .toList();
  }

  private static boolean inPod(long pid, String uid) {
    try {
      String groups = Files.readString(Path.of("/proc/" + pid + "/cgroup"));
      return groups.contains("pod" + uid) || groups.contains("pod" + uid.replace('-', '_'));
    } catch (IOException e) {
      return false; // it has ended meanwhile
    }
  }

  /** Whether a Java process of a pod runs at this moment. */
  public boolean runs(String uid) {
    return !processes(uid).isEmpty();
  }

  /**
   * Takes a program of the node away, or brings it back; its pods run on.
   *
   * @param action {@code stop}, {@code kill} or {@code start}
   * @param program such as {@code kubelet} or {@code containerd}
   */
  public void program(String action, String program) {
    Script.run("program", "--state", state.toString(), "--name", name(), action, program);
  }

  /** Takes the power from the node and gives it back: {@code src/testbed/reboot}. */
  public void reboot() {
    Script.run("reboot", "--state", state.toString(), "--name", name());
  }

  /** Gives an image that the node knows another tag: {@code bridgehead:TAG}. */
  public void tagProjectImage(String tag) {
    ctr("images", "tag", "--force", IMAGE + "dev", IMAGE + tag).run();
  }

  /** What to put before a program so that it runs in the node's network. */
  public List<String> insideNetwork() {
    return List.of("nsenter", "--net=/run/netns/" + name());
  }

  /**
   * A further address in the node's network, for a server that pods are to reach at a well-known
   * port.
   *
   * @param last 2 to 254
   * @return {@code 10.250.0.LAST}
   */
  public String address(int last) {
    String address = "10.250.0." + last;
    Command.of("ip", "addr", "replace", address + "/24", "dev", "node0").by(insideNetwork()).run();
    return address;
  }

  /** Makes an image of a tar file, docker or OCI, known to the node. */
  public void importImage(Path tar) {
    ctr("images", "import", tar.toString()).within(Duration.ofMinutes(5)).run();
  }

  private Command ctr(String... words) {
    return Command.of(state.resolve("bin/ctr").toString())
        .with("-a", state.resolve("containerd/sock").toString(), "-n", "k8s.io")
        .with(words);
  }

  /** The project's own image, as the build left it. */
  public void importProjectImage() {
    Path tar = Script.project().resolve("target/bridgehead-image.tar");
    if (!Files.exists(tar)) {
      throw Tier.skip("no image at " + tar + "; ./mvnw package -Pimage makes it");
    }
    importImage(tar);
  }

  /** A new namespace whose name begins as given. */
  public String newNamespace(String prefix) {
    Namespace namespace =
        new NamespaceBuilder()
            .withNewMetadata()
            .withGenerateName(prefix + "-")
            .endMetadata()
            .build();
    return client.resource(namespace).create().getMetadata().getName();
  }

  /**
   * Makes a domain known to the cluster's DNS, or changes it, and waits until it is.
   *
   * @param origin such as {@code example.test}
   * @param records in the format of a zone file, without SOA: {@code "@ IN MX 10 mx1"}
   */
  public void zone(String origin, String records) {
    String text = DnsServer.zoneFile(records);
    String serial = text.lines().filter(l -> l.contains(" SOA ")).findFirst().orElseThrow();
    try {
      Path zones = state.resolve("zones");
      Path unfinished = Files.writeString(zones.resolve("." + origin), text);
      Files.move(unfinished, zones.resolve("db." + origin), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await(origin + " in the cluster's DNS")
        .atMost(Duration.ofSeconds(30))
        .until(() -> lookUp(origin, "SOA").contains(serial.split(" ")[5]));
  }

  /** Asks the cluster's name server, as a pod would. The answer in the format of {@code dig}. */
  public String lookUp(String name, String type) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return Command.of(java, "-cp", System.getProperty("java.class.path"))
        .with("org.xbill.DNS.tools.dig", "@" + NODE_ADDRESS, name, type)
        .by(insideNetwork())
        .run();
  }
}
