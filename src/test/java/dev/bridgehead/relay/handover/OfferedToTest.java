package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bridgehead.relay.spool.LocalDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of siblings that may have a message. */
class OfferedToTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void isFoundByTheNextProcess() throws IOException {
    new OfferedTo(new LocalDisk(), folder).add("test-edge-0");

    assertThat(new OfferedTo(new LocalDisk(), folder).names()).containsExactly("test-edge-0");
  }

  @Test
  void stopsAStartThatCouldNotAskOneOfThem() throws IOException {
    Files.writeString(folder.resolve(OfferedTo.FILE), "test-edge-0\nsomebody\n");

    assertThatThrownBy(() -> new OfferedTo(new LocalDisk(), folder))
        .isInstanceOf(OfferedElsewhereException.class)
        .hasMessageContainingAll("somebody", "remove that file", "docs/draining.md");
  }

  @Test
  void stopsAStartThatIsNoPodOnlyWhereThereIsAName() throws IOException {
    SiblingExchange.requireNothingOffered(new LocalDisk(), folder);
    Files.writeString(folder.resolve(OfferedTo.FILE), "\n");
    SiblingExchange.requireNothingOffered(new LocalDisk(), folder);
    Files.writeString(folder.resolve(OfferedTo.FILE), "test-edge-0\n");

    assertThatThrownBy(() -> SiblingExchange.requireNothingOffered(new LocalDisk(), folder))
        .isInstanceOf(OfferedElsewhereException.class)
        .hasMessageContainingAll("test-edge-0", "POD_NAME", "remove that file");
  }
}
