package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.DsnParameters.ForRecipient;
import dev.bridgehead.relay.mail.DsnParameters.Notify;
import dev.bridgehead.relay.mail.DsnParameters.Return;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The corpus of the spool's fuzz targets is made of spools and records as this version has them;
 * after a change of the format {@code -Dbridgehead.fuzz.write} makes it anew.
 */
class SpoolCorpusTest {
  private static final Path CORPUS = Path.of("src/fuzz/corpus");
  private static final int STEPS = 10;

  @BeforeAll
  static void writeTheCorpusAnewWhereAsked() throws IOException {
    if (System.getProperty("bridgehead.fuzz.write") != null) {
      writeAll();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void aSpoolOfTheCorpusHoldsMessages(int seed) throws IOException {
    byte[] input = Files.readAllBytes(CORPUS.resolve("Spool/life-" + seed));
    RecordedDisk disk = new RecordedDisk(SpoolFolder.unpacked(input, 1));
    try (LogSpool spool = CrashWorkload.open(disk, 1)) {
      assertThat(Spools.recovered(spool)).isNotEmpty();
      assertThat(spool.quarantined()).isZero();
    }
  }

  private static void writeAll() throws IOException {
    for (int seed = 1; seed <= 4; seed++) {
      RecordedDisk disk = new RecordedDisk(Map.of());
      CrashWorkload.run(disk, new CrashLedger(), new Random(seed), STEPS, false);
      write("Spool/life-" + seed, seed % 2, SpoolFolder.packed(disk.names));
    }
    MailAddress ann = new MailAddress("ann", "example.com");
    MailAddress ben = new MailAddress("\"b c\"", "[IPv6:2001:db8::1]");
    DsnParameters dsn =
        new DsnParameters(
            Return.HDRS,
            "QQ+2B1",
            List.of(
                new ForRecipient(Set.of(Notify.SUCCESS, Notify.DELAY), "rfc822;a+2Bb@example.com"),
                ForRecipient.NONE));
    Envelope envelope =
        new Envelope(
            ann, List.of(ann, ben), BodyType.EIGHT_BIT_MIME, true, Instant.EPOCH, false, dsn);
    MessageState state = Spools.state(2, Set.of(1), 7, Instant.EPOCH);
    write("Record/envelope", 0, EnvelopeForm.encode(envelope));
    write("Record/transfer", 1, new TransferForm(envelope, state).encode());
    write("Record/state", 2, StateForm.encode(state));
    byte[] id = "012345ABCDEF".getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.write(id.length);
    message.writeBytes(id);
    message.writeBytes(EnvelopeForm.encode(envelope));
    write("Record/message", 3, message.toByteArray());
  }

  private static void write(String name, int first, byte[] rest) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(first);
    out.writeBytes(rest);
    Files.createDirectories(CORPUS.resolve(name).getParent());
    Files.write(CORPUS.resolve(name), out.toByteArray());
  }
}
