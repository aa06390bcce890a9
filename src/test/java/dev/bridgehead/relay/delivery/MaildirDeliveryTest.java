package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaildirDeliveryTest {
  private final Path folder;

  MaildirDeliveryTest(@TempDir Path parent) {
    this.folder = parent.resolve("not/there/yet");
  }

  @Test
  void putsAFileForEachRecipientIntoNew() throws IOException {
    List<Outcome> outcomes =
        delivery().attempt(Deliveries.message("b@example.test", "c@example.test"));

    assertThat(outcomes).hasSize(2).hasOnlyElementsOfType(Delivered.class);
    assertThat(files("tmp")).isEmpty();
    assertThat(files("new"))
        .containsExactlyInAnyOrder(
            "Return-Path: <sender@example.test>\r\nDelivered-To: b@example.test\r\n"
                + Deliveries.MESSAGE,
            "Return-Path: <sender@example.test>\r\nDelivered-To: c@example.test\r\n"
                + Deliveries.MESSAGE);
  }

  @Test
  void keepsAMessageThatIsDeliveredTwice() throws IOException {
    Attempt attempt = Deliveries.message("b@example.test");
    delivery().attempt(attempt);
    delivery().attempt(attempt);

    assertThat(files("new")).hasSize(2);
  }

  @Test
  void defersWhereTheFolderCannotBeWritten() throws IOException {
    MaildirDelivery delivery = delivery();
    Files.delete(folder.resolve("tmp"));

    Outcome outcome = delivery.attempt(Deliveries.message("b@example.test")).getFirst();

    assertThat(((Deferred) outcome).why().reason()).isEqualTo(Reason.LOCAL);
    assertThat(((Deferred) outcome).why().text()).contains(folder.toString());
  }

  private MaildirDelivery delivery() throws IOException {
    return new MaildirDelivery(folder, InstantSource.system());
  }

  private List<String> files(String name) throws IOException {
    try (var all = Files.list(folder.resolve(name))) {
      return all.map(MaildirDeliveryTest::text).toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
