package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.SpoolFullException;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A spool that keeps messages in memory and fails where a test says so. */
final class MemorySpool implements Spool {
  /** A committed message. */
  record Kept(StoredMessage message, byte[] content) {
    /** One character an octet. */
    String text() {
      return new String(content, StandardCharsets.ISO_8859_1);
    }
  }

  /** Where the disk fails. */
  enum Fault {
    NONE,
    FULL_AT_OPEN,
    BROKEN_AT_OPEN,
    BROKEN_AT_WRITE,
    FULL_AT_COMMIT,
    BROKEN_AT_COMMIT
  }

  final List<Kept> kept = new CopyOnWriteArrayList<>();
  final AtomicInteger openIntakes = new AtomicInteger();
  volatile Fault fault = Fault.NONE;

  /** Where set, commits wait for it. */
  volatile @Nullable CountDownLatch gate;

  final CountDownLatch committing = new CountDownLatch(1);
  private final AtomicInteger number = new AtomicInteger();

  @Override
  public Intake open(long declared) throws IOException {
    fail(Fault.BROKEN_AT_OPEN);
    if (fault == Fault.FULL_AT_OPEN) {
      throw new SpoolFullException("full");
    }
    openIntakes.incrementAndGet();
    return new MemoryIntake(new QueueId("TEST%08d".formatted(number.incrementAndGet())));
  }

  @Override
  public Intake takeOver(long size, Instant arrived) {
    throw new UnsupportedOperationException("the server takes nothing over");
  }

  @Override
  public Intake openNotice() throws IOException {
    return open(0);
  }

  private void fail(Fault at) throws IOException {
    if (fault == at) {
      throw new IOException("disk is broken");
    }
  }

  /** The only message. */
  Kept only() {
    if (kept.size() != 1) {
      throw new AssertionError(kept.size() + " messages are kept, not one");
    }
    return kept.getFirst();
  }

  private final class MemoryIntake implements Intake {
    private final QueueId id;
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();

    MemoryIntake(QueueId id) {
      this.id = id;
    }

    @Override
    public QueueId id() {
      return id;
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      fail(Fault.BROKEN_AT_WRITE);
      content.write(octets, offset, length);
    }

    @Override
    public long size() {
      return content.size();
    }

    @Override
    public StoredMessage commit(Envelope envelope) throws IOException {
      committing.countDown();
      CountDownLatch wait = gate;
      if (wait != null) {
        try {
          wait.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      fail(Fault.BROKEN_AT_COMMIT);
      if (fault == Fault.FULL_AT_COMMIT) {
        throw new SpoolFullException("full");
      }
      StoredMessage message =
          new StoredMessage(id, envelope, content.size(), MessageState.fresh(envelope));
      kept.add(new Kept(message, content.toByteArray()));
      return message;
    }

    @Override
    public StoredMessage commit(Envelope envelope, MessageState state) {
      throw new UnsupportedOperationException("the server takes nothing over");
    }

    @Override
    public StoredMessage commit(Envelope envelope, QueueId about, MessageState state) {
      throw new UnsupportedOperationException("the server sends no notices");
    }

    @Override
    public void close() {
      openIntakes.decrementAndGet();
    }
  }

  @Override
  public void recover(Consumer<StoredMessage> each) {}

  @Override
  public Envelope envelope(QueueId id) throws IOException {
    throw new UnsupportedOperationException("the server reads no envelopes");
  }

  @Override
  public InputStream content(QueueId id) throws IOException {
    return kept.stream()
        .filter(each -> each.message().id().equals(id))
        .map(each -> new ByteArrayInputStream(each.content()))
        .findFirst()
        .orElseThrow(() -> new IOException("no message " + id));
  }

  @Override
  public void record(QueueId id, MessageState state) {
    throw new UnsupportedOperationException("the server records no outcomes");
  }

  @Override
  public boolean failuresAreFinal() {
    return true;
  }

  @Override
  public void sync() {}

  @Override
  public void close() {
    kept.clear();
  }
}
