package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.TlsRequirement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a sender asks of TLS is on disk with the message. */
class TlsRequirementTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final Envelope USUAL =
      new Envelope(ANN, List.of(ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);

  @TempDir private Path folder = Path.of("");

  private LogSpool open() throws IOException {
    return LogSpool.open(folder, new LocalDisk(), Clock.systemUTC());
  }

  @ParameterizedTest
  @EnumSource
  void isKeptOverARestart(TlsRequirement asked) throws IOException {
    StoredMessage stored;
    try (LogSpool spool = open()) {
      stored = Spools.store(spool, USUAL.asking(asked), "x");
    }
    try (LogSpool spool = open()) {
      assertThat(Spools.recovered(spool)).containsExactly(stored);
      assertThat(stored.envelope().tls()).isEqualTo(asked);
    }
  }

  /** An earlier version passes over flags that it doesn't know: fine for a wish, not for a must. */
  @ParameterizedTest
  @CsvSource({"UNSPECIFIED, 1", "OPTIONAL, 1", "REQUIRED, 3"})
  void makesAFormThatNobodyMayMistakeWhereItIsAMust(TlsRequirement asked, byte version) {
    assertThat(EnvelopeForm.encode(USUAL.asking(asked))[0]).isEqualTo(version);
  }

  /** Written before there was REQUIRETLS: the corpus, and by hand. */
  @Test
  void isUnspecifiedInOlderRecords() throws IOException {
    byte[] corpus = Files.readAllBytes(Path.of("src/fuzz/corpus/Record/envelope"));
    byte[] older =
        HexFormat.of()
            .parseHex(
                "01" // version
                    + "010c"
                    + "00".repeat(12) // arrived
                    + "020100" // flags
                    + "030f03616e6e6578616d706c652e636f6d" // from
                    + "040f03616e6e6578616d706c652e636f6d"); // to
    assertThat(EnvelopeForm.decode(Arrays.copyOfRange(corpus, 1, corpus.length)).tls())
        .isEqualTo(TlsRequirement.UNSPECIFIED);
    assertThat(EnvelopeForm.decode(older)).isEqualTo(USUAL);
    assertThat(EnvelopeForm.encode(USUAL)).isEqualTo(older);
  }
}
