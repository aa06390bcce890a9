package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.sts.KeptPolicies.Finding;
import dev.bridgehead.relay.sts.StsPolicy.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a domain announces, what is fetched, and what stays when somebody takes either away. */
class KeptPoliciesTest {
  private static final String DOMAIN = "example.test";
  private static final String ENFORCE = policy("enforce", 604_800);
  private static final String TESTING = policy("testing", 604_800);
  private static final Duration LATER = Duration.ofMinutes(10);

  private final Path folder;
  private final StsWorld world;

  KeptPoliciesTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    this.world = new StsWorld(folder).announce(DOMAIN, "1").policy(ENFORCE);
  }

  @AfterEach
  void tearDown() throws IOException {
    world.close();
  }

  @Test
  void fetchesOnceAndRemembers() throws IOException {
    KeptPolicies policies = world.policies();

    assertThat(policies.policyOf(DOMAIN)).contains(expected(Mode.ENFORCE));
    world.pass(Duration.ofHours(23));
    assertThat(policies.policyOf(DOMAIN)).contains(expected(Mode.ENFORCE));
    assertThat(world.web().connections()).isEqualTo(1);
    assertThat(world.count("bridgehead.sts.fetches", "result", "fetched")).isEqualTo(1);
    assertThat(world.registry.get("bridgehead.sts.policies").gauge().value()).isEqualTo(1);
  }

  @Test
  void asksNobodyForAPolicyThatIsNotAnnounced() throws IOException {
    world.withdraw(DOMAIN);

    Finding finding = world.policies().find(DOMAIN);

    assertThat(finding).isEqualTo(new Finding(null, "there is no TXT record"));
    assertThat(world.web().connections()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"[192.0.2.1]", "192.0.2.1", "''", "a..test", "../../etc", "Example Test", "."})
  void whatIsNoDomainHasNoPolicy(String domain) throws IOException {
    assertThat(world.policies().policyOf(domain)).isEmpty();
    assertThat(world.questions()).isEmpty();
  }

  @Test
  void fetchesAnewWhereTheIdIsAnother() throws IOException {
    KeptPolicies policies = world.policies();
    policies.policyOf(DOMAIN);
    ScriptedWeb first = world.web();

    try (first) {
      world.policy(TESTING).announce(DOMAIN, "2");
      world.pass(LATER);
      KeptPolicies restarted = world.policies();

      assertThat(restarted.policyOf(DOMAIN)).contains(expected(Mode.TESTING));
      assertThat(world.web().connections()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("case 18: whoever takes the TXT record away does not take the policy away")
  void keepsWhatIsNotAnnouncedAnyMoreUntilItExpires() throws IOException {
    KeptPolicies policies = world.policies();
    policies.policyOf(DOMAIN);
    world.withdraw(DOMAIN);
    world.pass(Duration.ofDays(7).minusSeconds(1));

    Finding finding = policies.find(DOMAIN);
    assertThat(finding.policy()).isEqualTo(expected(Mode.ENFORCE));
    assertThat(finding.remark()).startsWith("there is no TXT record, but the policy fetched ");
    assertThat(world.count("bridgehead.sts.unannounced")).isEqualTo(1);

    world.pass(Duration.ofSeconds(1));
    assertThat(policies.policyOf(DOMAIN)).isEmpty();
  }

  @Test
  @DisplayName("case 18: whoever breaks the DNS does not take the policy away, nor by a restart")
  void keepsItWhereTheDnsFailsAndOverARestart() throws IOException {
    world.policies().policyOf(DOMAIN);
    world.nobodyKnows();
    world.pass(LATER);

    Finding finding = world.policies().find(DOMAIN);

    assertThat(finding.policy()).isEqualTo(expected(Mode.ENFORCE));
    assertThat(finding.remark()).contains("SERVFAIL").contains("stays until");
  }

  @Test
  void keepsTheOldOneWhereTheNewOneCantBeFetched() throws IOException {
    world.policies().policyOf(DOMAIN);
    try (ScriptedWeb old = world.web()) {
      world.policy("<html>").announce(DOMAIN, "2");
      world.pass(LATER);
      KeptPolicies policies = world.policies();

      Finding finding = policies.find(DOMAIN);
      assertThat(finding.policy()).isEqualTo(expected(Mode.ENFORCE));
      assertThat(finding.remark()).startsWith("INVALID: line 1 is no field");
      assertThat(policies.policyOf(DOMAIN)).contains(expected(Mode.ENFORCE));
      assertThat(world.web().connections()).isEqualTo(1);
      assertThat(old.connections()).isEqualTo(1);
    }
  }

  @Test
  void aFailureIsNotRepeatedForFiveMinutesOrUntilTheIdIsAnother() throws IOException {
    world.policy("nonsense");
    KeptPolicies policies = world.policies();

    assertThat(policies.policyOf(DOMAIN)).isEmpty();
    world.pass(Failures.MEMORY.minusSeconds(1));
    assertThat(policies.policyOf(DOMAIN)).isEmpty();
    assertThat(world.web().connections()).isEqualTo(1);

    world.announce(DOMAIN, "2");
    world.pass(Duration.ofSeconds(1)); // id 1 would be tried again by now
    policies.policyOf(DOMAIN);
    policies.policyOf(DOMAIN);
    assertThat(world.web().connections()).isEqualTo(2);

    world.pass(Failures.MEMORY);
    policies.policyOf(DOMAIN);
    assertThat(world.web().connections()).isEqualTo(3);
    assertThat(world.count("bridgehead.sts.fetches", "result", "invalid")).isEqualTo(3);
  }

  @Test
  void equalFetchesAreMadeOnce() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    world.web().close();
    world.web(
        ScriptedWeb.over(
            world.authority.issue("mta-sts.example.test"),
            client -> {
              asked.countDown();
              answer.await();
              ScriptedWeb.write(client, ScriptedWeb.policy(ENFORCE));
            }));
    KeptPolicies policies = world.policies();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Optional<StsPolicy>>> all =
          IntStream.range(0, 20)
              .mapToObj(i -> callers.submit(() -> policies.policyOf(DOMAIN)))
              .toList();
      asked.await();
      answer.countDown();
      for (Future<Optional<StsPolicy>> each : all) {
        assertThat(each.get()).contains(expected(Mode.ENFORCE));
      }
    }
    assertThat(world.web().connections()).isEqualTo(1);
  }

  /** "No policy" would be a downgrade: who is interrupted gets the answer all the same. */
  @Test
  void anInterruptDoesNotChangeTheAnswer() throws Exception {
    KeptPolicies policies = world.policies();
    Thread.currentThread().interrupt();
    try {
      assertThat(policies.policyOf(DOMAIN)).contains(expected(Mode.ENFORCE));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void onePolicyOfZeroSecondsServesABurst() throws IOException {
    world.policy(policy("enforce", 0));
    KeptPolicies policies = world.policies();

    policies.policyOf(DOMAIN);
    policies.policyOf(DOMAIN);
    assertThat(world.web().connections()).isEqualTo(1);

    world.pass(Kept.SHORTEST);
    policies.policyOf(DOMAIN);
    assertThat(world.web().connections()).isEqualTo(2);
  }

  @Test
  void aWithdrawnPolicyIsOneInModeNone() throws IOException {
    world.policy("version: STSv1\nmode: none\nmax_age: 86400\n");

    assertThat(world.policies().policyOf(DOMAIN).map(StsPolicy::mode)).contains(Mode.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "A, 127.0.0.1, is an address of this server",
    "A, 0.0.0.0, is an unspecified address",
    "A, 169.254.169.254, is a link-local address",
    "A, 10.0.0.1, is a private address",
    "A, 192.168.1.1, is a private address",
    "A, 100.64.0.1, is a private address",
    "A, 224.0.0.1, is a multicast address",
    "A, 255.255.255.255, is the broadcast address",
    "AAAA, ::1, is an address of this server",
    "AAAA, fe80::1, is a link-local address",
    "AAAA, fd00::1, is a private address",
    "AAAA, 64:ff9b::a9fe:a9fe, 169.254.169.254 inside of it",
    "AAAA, ::ffff:127.0.0.1, is an address of this server"
  })
  @DisplayName("case 18: a policy's host never leads into this network")
  void connectsNoAddressThatMailMayNotGoTo(String type, String address, String why)
      throws IOException {
    world.connectTo().zone("mta-sts.example.test", type, address);

    Finding finding = world.policies().find(DOMAIN);

    assertThat(finding.policy()).isNull();
    assertThat(finding.remark()).startsWith("ADDRESS: ").contains(why);
    assertThat(world.count("bridgehead.sts.fetches", "result", "address")).isEqualTo(1);
  }

  @Test
  @DisplayName("case 18: the address is looked up once, so that no second answer can change it")
  void looksTheAddressUpOnce() throws IOException {
    world.connectTo().zone("mta-sts.example.test", "A", "127.0.0.1");

    world.policies().find(DOMAIN);

    assertThat(world.questions())
        .containsExactlyInAnyOrder(
            "_mta-sts.example.test TXT", "mta-sts.example.test A", "mta-sts.example.test AAAA");
  }

  @Test
  @DisplayName("case 18: allowPrivateAddresses opens private ranges and nothing else")
  void allowPrivateAddressesOpensPrivateRangesAlone() throws IOException {
    world
        .connectTo()
        .allowPrivateAddresses()
        .zone("mta-sts.example.test", "A", "127.0.0.1", "169.254.169.254");

    assertThat(world.policies().find(DOMAIN).remark())
        .startsWith("ADDRESS: ")
        .contains("127.0.0.1 is an address of this server")
        .contains("169.254.169.254 is a link-local address");
  }

  @Test
  void refreshesEachDayWhateverTheDnsSays() throws IOException {
    KeptPolicies policies = world.policies();
    policies.policyOf(DOMAIN);
    PolicyRefresh refresh = new PolicyRefresh(policies);
    world.nobodyKnows();

    world.pass(Duration.ofHours(23));
    refresh.sweep();
    assertThat(world.web().connections()).isEqualTo(1);

    world.pass(Duration.ofHours(1));
    refresh.sweep();
    assertThat(world.web().connections()).isEqualTo(2);

    world.pass(Duration.ofDays(7).minusHours(1));
    assertThat(policies.policyOf(DOMAIN)).contains(expected(Mode.ENFORCE));
  }

  @Test
  void aFailedRefreshIsTriedAgainAnHourLaterAndThePolicyStays() throws IOException {
    world.policies().policyOf(DOMAIN);
    try (ScriptedWeb old = world.web()) {
      world.policy("nonsense");
      KeptPolicies policies = world.policies();
      PolicyRefresh refresh = new PolicyRefresh(policies);

      world.pass(Duration.ofDays(1));
      refresh.sweep();
      world.pass(Duration.ofMinutes(59));
      refresh.sweep();
      assertThat(world.web().connections()).isEqualTo(1);

      world.pass(Duration.ofMinutes(1));
      refresh.sweep();
      assertThat(world.web().connections()).isEqualTo(2);
      assertThat(policies.policyOf(DOMAIN)).contains(expected(Mode.ENFORCE));
      assertThat(old.connections()).isEqualTo(1);
    }
  }

  @Test
  void leavesAPolicyThatNobodyNeedsToExpire() throws IOException {
    world.policy(policy("enforce", 31_557_600));
    KeptPolicies policies = world.policies();
    policies.policyOf(DOMAIN);
    world.pass(PolicyMemory.UNUSED);

    new PolicyRefresh(policies).sweep();

    assertThat(world.web().connections()).isEqualTo(1);
    assertThat(policies.policyOf(DOMAIN)).isPresent();
  }

  @Test
  void anExpiredPolicyLeavesTheDisk() throws IOException {
    KeptPolicies policies = world.policies();
    policies.policyOf(DOMAIN);
    assertThat(files()).containsExactly(DOMAIN);

    world.pass(Duration.ofDays(7));
    new PolicyRefresh(policies).sweep();

    assertThat(files()).isEmpty();
  }

  @Test
  void aDamagedFileCountsAsAbsent() throws IOException {
    world.policies().policyOf(DOMAIN);
    Path file = folder.resolve("mta-sts").resolve(DOMAIN);
    Files.writeString(file, Files.readString(file).replace("enforce", "testing"));
    world.withdraw(DOMAIN);
    world.pass(LATER);

    assertThat(world.policies().policyOf(DOMAIN)).isEmpty();
    assertThat(files()).isEmpty();
  }

  private List<String> files() throws IOException {
    try (var files = Files.list(folder.resolve("mta-sts"))) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  private static String policy(String mode, int maxAge) {
    return "version: STSv1\nmode: %s\nmx: mx.example.test\nmax_age: %d\n".formatted(mode, maxAge);
  }

  private static StsPolicy expected(Mode mode) {
    return new StsPolicy(mode, List.of("mx.example.test"), Duration.ofDays(7));
  }
}
