package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.SpoolFullException;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A spool that fails where a test says so. */
final class FailingSpool implements Spool {
  private final Spool spool;
  volatile boolean noNotices;
  volatile boolean defect;
  volatile int noticesLeft = Integer.MAX_VALUE;
  volatile boolean noRecords;
  volatile @Nullable MessageState recorded;
  int records;

  FailingSpool(Spool spool) {
    this.spool = spool;
  }

  @Override
  public Intake open(long declared) throws IOException {
    return spool.open(declared);
  }

  @Override
  public Intake takeOver(long size, Instant arrived) throws IOException {
    return spool.takeOver(size, arrived);
  }

  @Override
  public Intake openNotice() throws IOException {
    if (defect) {
      throw new IllegalStateException("a defect");
    }
    if (noNotices || noticesLeft-- <= 0) {
      throw new SpoolFullException("full");
    }
    return spool.openNotice();
  }

  @Override
  public void recover(Consumer<StoredMessage> each) throws IOException {
    spool.recover(each);
  }

  @Override
  public Envelope envelope(QueueId id) throws IOException {
    return spool.envelope(id);
  }

  @Override
  public InputStream content(QueueId id) throws IOException {
    return spool.content(id);
  }

  @Override
  public void record(QueueId id, MessageState state) throws IOException {
    if (noRecords) {
      throw new IOException("Input/output error");
    }
    spool.record(id, state);
    recorded = state;
    records++;
  }

  @Override
  public boolean failuresAreFinal() {
    return spool.failuresAreFinal();
  }

  @Override
  public void sync() throws IOException {
    spool.sync();
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
