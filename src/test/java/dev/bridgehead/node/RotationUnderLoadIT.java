package dev.bridgehead.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * What relays and webhook prove themselves by is replaced while mail flows: by a smart host, a real
 * Postfix, which sends all of it on to the next hop of the load. Each time the smart host changes
 * first, so that nothing can be delivered until the relays have what is new.
 */
class RotationUnderLoadIT extends NodeTestBase {
  private static final String HOST = "relay.partner.test";
  private static final String USER = "bridgehead";

  private static LoadedConnector busy;
  private static PostfixServer smartHost;
  private static PostfixServer.Setup setup;
  private static Path folder;
  private static int passwords;

  private List<String> pods = List.of();
  private List<String> restarts = List.of();
  private long failedBefore;

  @BeforeAll
  static void connectorUnderLoad(@TempDir Path temporary) throws IOException {
    folder = temporary;
    TestCa ca = TestCa.in(folder, "first-ca");
    String address = LoadedConnector.nextAddress(installation);
    String hop = LoadedConnector.nextAddress(installation);
    cluster.zone("partner.test", "relay IN A " + address);
    setup =
        PostfixServer.setup()
            .listen(address, 587)
            .hostname(HOST)
            .tlsOnly(ca.issue(HOST))
            .user(USER, "first")
            .by(cluster.insideNetwork());
    smartHost = setup.start();
    smartHost.sendOnTo(hop);
    String manifests =
        String.join(
            "---\n",
            Connectors.authority(ca),
            Connectors.credentials(USER, "first"),
            Connectors.scalableBySmartHost(LoadedConnector.NAME, HOST));
    busy = LoadedConnector.start(installation, hop, manifests, 2);
  }

  @AfterAll
  static void endLoad() {
    try {
      if (busy != null) {
        busy.close();
      }
    } finally {
      if (smartHost != null) {
        smartHost.close();
      }
    }
  }

  @BeforeEach
  void noted() {
    pods = busy.podUids();
    restarts = busy.restarts();
    failedBefore = busy.load().report().failedSubmissions();
  }

  /** Every promise kept, every submission taken, no pod restarted. */
  @AfterEach
  void nothingFailed(TestInfo test, TestReporter reporter) {
    SteadyLoad.Report report = busy.settle(test.getDisplayName(), reporter);

    assertThat(report.duplicates()).isZero();
    assertThat(report.failedSubmissions()).as(report.text()).isEqualTo(failedBefore);
    assertThat(busy.podUids()).isEqualTo(pods);
    assertThat(busy.restarts()).isEqualTo(restarts);
  }

  @Test
  void anotherPasswordIsUsedAtOnce(TestReporter reporter) {
    String password = "password " + ++passwords;
    change(setup.user(USER, password), "SASL PLAIN authentication failed");

    measure(
        "relay credentials",
        () -> installation.apply(busy.namespace(), Connectors.credentials(USER, password)),
        reporter);
  }

  @Test
  void anotherAuthorityIsTrustedAtOnce(TestReporter reporter) throws IOException {
    TestCa ca = TestCa.in(Files.createTempDirectory(folder, "ca"), "next-ca");
    String bundle = Connectors.authority(ca);
    change(setup.tlsOnly(ca.issue(HOST)), "SSL_accept error");

    measure("CA bundle", () -> installation.apply(busy.namespace(), bundle), reporter);
  }

  // The certificate that clients are shown is rotated here, too, once a relay offers one under
  // load.

  /** In steps of which each waits for minutes; here it is told that they are over. */
  @Test
  void anotherAuthorityOfTheWebhookRefusesNobody(TestReporter reporter) {
    String manifest = Connectors.scalableBySmartHost(LoadedConnector.NAME, HOST);
    WebhookSecret secret = new WebhookSecret(cluster);
    String before = secret.caBundle();
    List<String> operator = operatorPods();
    busy.load().send();
    try (var admission = AdmissionLoad.on(installation, busy.namespace(), manifest)) {
      admission.awaitMore(2);
      secret.delete();
      long deleted = System.nanoTime();
      await("both are trusted")
          .pollInterval(Duration.ofMillis(50))
          .atMost(Duration.ofMinutes(1))
          .until(() -> !secret.caBundle().equals(before));
      tell("webhook CA deleted until the next is trusted", deleted, reporter);
      admission.awaitMore(2);

      String next = secret.certificate("next");
      secret.due("next-signs-from");
      long due = System.nanoTime();
      await("the next one signs")
          .pollInterval(Duration.ofMillis(50))
          .atMost(Duration.ofMinutes(1))
          .until(() -> secret.certificate("tls").equals(next));
      tell("webhook CA due until the next signs", due, reporter);
      admission.awaitMore(2);

      secret.due("previous-trusted-until");
      await("the first one is forgotten")
          .atMost(Duration.ofMinutes(1))
          .until(() -> secret.caBundle().equals(next));
      admission.awaitMore(5);

      assertThat(admission.refusals()).isEmpty();
    }
    String wrong = manifest.replace(HOST, "nodots");
    assertThat(installation.applyRefused(busy.namespace(), wrong)).contains("\"nodots\"");
    assertThat(operatorPods()).isEqualTo(operator);
  }

  private static List<String> operatorPods() {
    return cluster
        .kubectl("get", "pods", "-n", "bridgehead", "-l", "app.kubernetes.io/component=operator")
        .with(
            "-o",
            "jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount}"
                + "{\"\\n\"}{end}")
        .run()
        .lines()
        .toList();
  }

  /**
   * The smart host becomes another one, and relays that come anew fail as its log says. Sessions
   * that they keep would go on; they are ended by having nothing to send for a while.
   */
  private static void change(PostfixServer.Setup changed, String failure) {
    busy.load().pause();
    busy.awaitNothingOwed();
    await("no session kept").atMost(Duration.ofMinutes(1)).until(() -> sessions().isEmpty());
    int seen = smartHost.log().length();
    setup = changed;
    smartHost.become(changed);
    busy.load().send();
    await(failure)
        .atMost(Duration.ofMinutes(1))
        .until(() -> smartHost.log().substring(seen).contains(failure));
    busy.awaitMessages(100);
  }

  /** Of clients that are connected: the process that serves each. */
  private static Set<String> sessions() {
    Set<String> open = new HashSet<>();
    Matcher lines =
        Pattern.compile("smtpd\\[([0-9]+)]: (disconnect|connect) from unknown\\[10\\.251\\.")
            .matcher(smartHost.log());
    while (lines.find()) {
      if (lines.group(2).equals("connect")) {
        open.add(lines.group(1));
      } else {
        open.remove(lines.group(1));
      }
    }
    return open;
  }

  /** From the end of an apply to the first message that the smart host took of each pod. */
  private static void measure(String what, Runnable apply, TestReporter reporter) {
    int seen = smartHost.log().length();
    apply.run();
    long applied = System.nanoTime();
    await("mail of both pods")
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> authenticated(smartHost.log().substring(seen)).size() == 2);
    tell(what + " applied until mail goes by it", applied, reporter);
  }

  private static void tell(String what, long since, TestReporter reporter) {
    long millis = Duration.ofNanos(System.nanoTime() - since).toMillis();
    LoadedConnector.tell("%s: %d ms".formatted(what, millis), reporter);
  }

  /** Addresses of pods that logged in. */
  private static Set<String> authenticated(String log) {
    Set<String> addresses = new HashSet<>();
    Matcher lines =
        Pattern.compile("client=unknown\\[(10\\.251\\.[0-9.]+)], sasl_method=").matcher(log);
    while (lines.find()) {
      addresses.add(lines.group(1));
    }
    return addresses;
  }
}
