package dev.bridgehead.relay.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.RecordedDisk.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A start on a spool that holds anything at all. It fails with a reason or opens; what it found, a
 * second start finds too, with the same contents; and what is stored then is there as well. The
 * first octet of the input says whether checksums are made right before, the others are files as
 * {@link SpoolFolder} has them.
 */
public final class SpoolFuzz {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final String UNREADABLE = "unreadable";
  private static final Envelope ENVELOPE =
      new Envelope(ANN, List.of(ANN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false);

  private SpoolFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    Map<Path, File> files = SpoolFolder.unpacked(input, 1);
    if ((input[0] & 1) != 0) {
      SpoolFolder.mend(files);
    }
    RecordedDisk disk = new RecordedDisk(files);
    Map<QueueId, String> found;
    try (LogSpool spool = CrashWorkload.open(disk, 1)) {
      found = messages(spool);
    } catch (IOException refused) {
      assertThat(refused.getMessage()).isNotBlank().doesNotContainPattern("\\p{Cntrl}");
      return;
    }
    try {
      again(disk, found);
    } catch (IOException e) {
      throw new AssertionError("the first start was good, a later one was not", e);
    }
  }

  private static void again(RecordedDisk disk, Map<QueueId, String> found) throws IOException {
    Map<QueueId, String> more = new TreeMap<>(found);
    try (LogSpool spool = CrashWorkload.open(disk, 2)) {
      assertThat(messages(spool)).isEqualTo(found);
      StoredMessage stored = Spools.store(spool, ENVELOPE, "hello");
      spool.housekeeper().round(0);
      more.put(stored.id(), Spools.settled(stored) + " " + content(spool, stored.id()));
    }
    try (LogSpool spool = CrashWorkload.open(disk, 3)) {
      Map<QueueId, String> last = messages(spool);
      assertThat(last.keySet()).isEqualTo(more.keySet());
      more.values().removeIf(it -> it.endsWith(UNREADABLE));
      assertThat(last).containsAllEntriesOf(more);
    }
  }

  /** By id, what is left to do, and the content. */
  private static Map<QueueId, String> messages(LogSpool spool) throws IOException {
    Map<QueueId, String> messages = new TreeMap<>();
    for (StoredMessage each : Spools.recovered(spool)) {
      messages.put(each.id(), Spools.settled(each) + " " + content(spool, each.id()));
    }
    return messages;
  }

  private static String content(LogSpool spool, QueueId id) {
    try (InputStream in = spool.content(id)) {
      return Base64.getEncoder().encodeToString(in.readAllBytes());
    } catch (IOException damaged) {
      return UNREADABLE;
    }
  }
}
