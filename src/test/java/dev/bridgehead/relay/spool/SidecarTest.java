package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A segment's sidecar has a bound, whatever is written to the segment. */
class SidecarTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope ENVELOPE =
      new Envelope(ANN, List.of(ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);

  private final Path folder;

  SidecarTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void goesOnInAnotherSegmentBeforeWhatItRemembersOfOneFillsTheHeap() throws IOException {
    try (LogSpool spool = open()) {
      StoredMessage stuck = Spools.store(spool, ENVELOPE, "hello");
      for (int i = 0; i < 120_000; i++) {
        spool.record(stuck.id(), Spools.state(1, Set.of(), i, Instant.EPOCH));
        if (i % 1000 == 0) {
          spool.writer().tick();
        }
      }
      assertThat(spool.index().segments()).hasSizeGreaterThan(1);
    }
    assertThat(sidecars()).isNotEmpty().allMatch(size -> size < 4 << 20);
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool).getFirst().state().open().getFirst().attempts())
          .isEqualTo(119_999);
    }
  }

  @Test
  void doesWithoutASidecarThatWouldBeTooLarge() throws IOException {
    StoredMessage stuck;
    try (LogSpool spool = open()) {
      stuck = Spools.store(spool, ENVELOPE, "hello");
      for (int i = 0; i < 150_000; i++) { // and no time for the writing thread in between
        spool.record(stuck.id(), Spools.state(1, Set.of(), i, Instant.EPOCH));
      }
    }
    for (int start = 0; start < 2; start++) {
      try (LogSpool spool = open()) {
        assertThat(sidecars()).as("start %d", start).allMatch(size -> size < 4 << 20);
        assertThat(Spools.recovered(spool).getFirst().state().open().getFirst().attempts())
            .isEqualTo(149_999);
        assertThat(spool.content(stuck.id())).hasContent("hello");
      }
    }
  }

  private LogSpool open() throws IOException {
    return Spools.byHand(folder, new LocalDisk(), 64 << 20);
  }

  private List<Long> sidecars() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("segments"))) {
      return files
          .filter(file -> file.toString().endsWith(Layout.SIDECAR))
          .map(file -> file.toFile().length())
          .toList();
    }
  }
}
