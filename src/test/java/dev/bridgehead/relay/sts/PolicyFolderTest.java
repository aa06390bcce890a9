package dev.bridgehead.relay.sts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bridgehead.relay.spool.FaultyDisk;
import dev.bridgehead.relay.spool.FaultyDisk.Call;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.sts.StsPolicy.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PolicyFolderTest {
  private static final Instant NOW = Instant.parse("2026-11-29T20:00:00Z");

  private static final Kept KEPT = kept("example.test", Mode.ENFORCE);

  private final Path folder;

  PolicyFolderTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void givesBackWhatItTook() {
    Kept other = kept("b.xn--bcher-kva.test", Mode.NONE);
    PolicyFolder files = open();
    files.store(KEPT);
    files.store(other);

    assertThat(open().load()).containsExactly(other, KEPT);
  }

  @Test
  void isReadableForPeople() throws IOException {
    open().store(KEPT);

    assertThat(Files.readString(folder.resolve("example.test")))
        .matches(
            """
            bridgehead mta-sts 1 [0-9a-f]{8}
            domain: example.test
            id: 20261129
            fetched: 2026-11-29T20:00:00Z

            version: STSv1
            mode: enforce
            mx: mx.example.test
            mx: \\*.example.test
            max_age: 86400
            """);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("example.test"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aNewOneTakesTheOldOnesPlace() throws IOException {
    PolicyFolder files = open();
    files.store(KEPT);
    files.store(kept("example.test", Mode.TESTING));

    assertThat(open().load()).containsExactly(kept("example.test", Mode.TESTING));
    assertThat(names()).containsExactly("example.test");
  }

  @Test
  void everyChangedOctetIsFoundOut() {
    byte[] good = PolicyFolder.write(KEPT);
    Random random = new Random(18);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << random.nextInt(8));
      assertThatIllegalArgumentException()
          .as("octet %d", i)
          .isThrownBy(() -> PolicyFolder.read("example.test", bad));
      byte[] cut = Arrays.copyOf(good, i);
      assertThatIllegalArgumentException()
          .as("%d octets", i)
          .isThrownBy(() -> PolicyFolder.read("example.test", cut));
    }
    assertThat(PolicyFolder.read("example.test", good)).isEqualTo(KEPT);
  }

  @Test
  void anotherDomainsFileIsNotTaken() throws IOException {
    Files.write(folder.resolve("other.test"), PolicyFolder.write(KEPT));

    assertThat(open().load()).isEmpty();
    assertThat(names()).isEmpty();
  }

  @Test
  void whatIsDamagedIsRemovedAndTheOthersStay() throws IOException {
    PolicyFolder files = open();
    files.store(KEPT);
    files.store(kept("other.test", Mode.ENFORCE));
    Files.write(folder.resolve("other.test"), new byte[1 << 20]);
    Files.createFile(folder.resolve("empty.test"));
    Files.writeString(folder.resolve("#unfinished"), "bridgehead mta-s", StandardCharsets.UTF_8);

    assertThat(open().load()).containsExactly(KEPT);
    assertThat(names()).containsExactly("example.test");
  }

  @Test
  void whereThereIsNoFolderThereIsNothing() {
    PolicyFolder files = new PolicyFolder(new LocalDisk(), folder.resolve("none"));

    assertThat(files.load()).isEmpty();
    assertThat(folder.resolve("none")).doesNotExist();
  }

  /** A crash at any step leaves the old policy or the new one. */
  @ParameterizedTest
  @EnumSource(names = {"CREATE", "WRITE", "SYNC", "RENAME", "SYNC_FOLDER"})
  void aStepThatFailsLeavesTheOldOneOrTheNewOne(Call failing) {
    open().store(KEPT);
    FaultyDisk disk = new FaultyDisk();
    disk.failing(
        (call, file) -> {
          if (call == failing) {
            throw new IOException("no space left");
          }
        });
    Kept next = kept("example.test", Mode.TESTING);
    new PolicyFolder(disk, folder).store(next);

    assertThat(open().load()).containsExactly(failing == Call.SYNC_FOLDER ? next : KEPT);

    disk.failing((call, file) -> {});
    new PolicyFolder(disk, folder).store(next);
    assertThat(open().load()).containsExactly(next);
  }

  @Test
  void aClockThatWentBackMakesNoPolicyLast() {
    Kept kept = kept("example.test", Mode.ENFORCE);

    assertThat(kept.notAfter(NOW.minusSeconds(60)).expires())
        .isEqualTo(NOW.minusSeconds(60).plus(Duration.ofDays(1)));
    assertThat(kept.notAfter(NOW.plusSeconds(60))).isEqualTo(kept);
  }

  private PolicyFolder open() {
    return new PolicyFolder(new LocalDisk(), folder);
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  private static Kept kept(String domain, Mode mode) {
    List<String> mx = mode == Mode.NONE ? List.of() : List.of("mx.example.test", "*.example.test");
    return new Kept(domain, "20261129", NOW, new StsPolicy(mode, mx, Duration.ofDays(1)));
  }
}
