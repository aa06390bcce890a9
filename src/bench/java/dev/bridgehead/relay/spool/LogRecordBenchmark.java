package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.HotLoop;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Records of the log as they are made: envelope, checksums and all, but for the write itself. */
public class LogRecordBenchmark extends HotLoop {
  private static final QueueId ID = new QueueId("4XYZABCDEFGH0001");
  private static final long SEGMENT = 7;
  private static final int OFFSET = 1 << 20;

  /** Of the message. */
  @Param({"4096", "102400"})
  int octets;

  private final Checksum checksum = new Checksum();
  private final Envelope envelope =
      new Envelope(
          new MailAddress("sender", "shop.example.org"),
          List.of(new MailAddress("recipient", "one.example.com")),
          BodyType.SEVEN_BIT,
          false,
          Instant.parse("2026-03-01T10:00:00Z"),
          false);
  private byte[] content = {};
  private byte[] batch = {};
  private int filled;
  private byte[] state = {};
  private Entry written = entry(Entry.DONE, Entry.doneMeta(ID, SEGMENT), 0, 0);

  private static Entry entry(int type, byte[] meta, int inline, int crc) {
    return new Entry(OFFSET, type, 0, meta, inline, crc);
  }

  @Setup
  public void prepare() {
    content = new byte[octets];
    batch = new byte[octets + 1024];
    state = StateForm.encode(MessageState.fresh(envelope));
    written =
        entry(
            Entry.MESSAGE,
            Entry.messageMeta(ID, -1, null, EnvelopeForm.encode(envelope)),
            octets,
            0);
  }

  private int put(byte[] from, int at) {
    System.arraycopy(from, 0, batch, at, from.length);
    return at + from.length;
  }

  private int put(Entry entry) {
    return put(entry.meta(), put(entry.header(checksum, SEGMENT), 0));
  }

  /** A message, its content in blocks of 16 KiB as a session brings it. */
  @Benchmark
  public int message() {
    Chunks chunks = new Chunks(octets);
    for (int at = 0; at < octets; at += 16 << 10) {
      chunks.add(content, at, Math.min(16 << 10, octets - at));
    }
    byte[] meta = Entry.messageMeta(ID, -1, null, EnvelopeForm.encode(envelope));
    filled = put(entry(Entry.MESSAGE, meta, chunks.length(), chunks.crc()));
    chunks.writeTo(
        (from, offset, length) -> {
          System.arraycopy(from, offset, batch, filled, length);
          filled += length;
        });
    return filled;
  }

  /** That a message is gone. */
  @Benchmark
  public int done() {
    return put(entry(Entry.DONE, Entry.doneMeta(ID, SEGMENT), 0, 0));
  }

  /** That a message is deferred. */
  @Benchmark
  public int deferred() {
    return put(entry(Entry.STATE, Entry.stateMeta(ID, state), 0, 0));
  }

  /** What a start makes of a message's record. */
  @Benchmark
  public Object replayed() throws IOException {
    return written.told() instanceof Entry.Told.Message message
        ? EnvelopeForm.decode(message.envelope())
        : new DamagedFileException("not a message");
  }
}
