package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Arrivals;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import dev.bridgehead.relay.spool.TransferForm;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages over from siblings; {@link SiblingServer} has made sure that it is they who ask.
 * Entered by its threads.
 *
 * <p>An offer is stored only in its relay's latest session. To begin one waits for what is being
 * stored in the one before; from then on whatever of the old one still comes out of a network or a
 * paused process is refused. So the list that a session begins with is the last word on what was
 * taken.
 */
final class TakeOver {
  static final int UNREADABLE = 400;
  static final int OTHER_SESSION = 409;

  /** The answer where no session of that name was begun here, or not in this process: not clear. */
  static final int NO_SESSION = 410;

  static final int CLOSED = 503;

  /** The answer where nobody knows whether it is on disk: not clear. */
  static final int UNCLEAR = 500;

  static final int NO_ROOM = 507;

  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

  private static final int BUFFER = 32 << 10;

  private final Place me;
  private final Spool spool;
  private final Arrivals arrivals;
  private final Consumer<StoredMessage> accepted;
  private final Clock clock;
  private final Counter taken;

  /** Read: stores, and answers by what is known. Write: nothing is being stored. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock(true);

  private final Sessions sessions; // begun with the lock
  private final Set<Key> storing = new HashSet<>(); // guarded by itself
  private boolean recovered; // guarded by the lock
  private boolean closed; // guarded by the lock

  /** One is stored that the queue does not know: no list is whole until a restart. */
  private volatile boolean unlisted;

  private record Key(UUID spool, QueueId id) {}

  /**
   * @param sessions in which messages are offered
   * @param accepted is handed every message once it is on disk
   */
  TakeOver(
      Place me,
      Sessions sessions,
      Spool spool,
      Arrivals arrivals,
      Consumer<StoredMessage> accepted,
      Clock clock,
      MeterRegistry metrics) {
    this.me = me;
    this.sessions = sessions;
    this.spool = spool;
    this.arrivals = arrivals;
    this.accepted = accepted;
    this.clock = clock;
    this.taken =
        Counter.builder("bridgehead.taken.over.messages")
            .description("Messages taken over from other pods that were drained")
            .register(metrics);
  }

  /** What the spool held is known: there are answers from now on. */
  void recovered() {
    locked(lock.writeLock(), () -> recovered = true);
  }

  /** Whether messages are taken. When this returns, none is being stored against it. */
  void closed(boolean now) {
    locked(lock.writeLock(), () -> closed = now);
  }

  private static void locked(Lock which, Runnable action) {
    which.lock();
    try {
      action.run();
    } finally {
      which.unlock();
    }
  }

  /** The message is not here, and will not be because of this request. */
  static final class Refused extends Exception {
    final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  /** The message may be here: a start would tell. */
  static final class UnclearException extends IOException {
    UnclearException(Throwable cause) {
      super("whether it is on disk is not known: " + cause.getMessage(), cause);
    }
  }

  /** With the lock. */
  private void requireRecovered() throws Refused {
    if (!recovered) {
      throw new Refused(CLOSED, "the spool is still being read");
    }
  }

  /**
   * What a list does not name its relay takes for not taken. So none is given while a message may
   * lie in the log of which nobody knows. With the lock.
   */
  private void requireWholeList() throws Refused {
    if (unlisted || !spool.failuresAreFinal()) {
      throw new Refused(CLOSED, "what is on disk here is not known since it failed");
    }
  }

  /**
   * Begins a session.
   *
   * @return their names to ours of all that is not confirmed
   * @throws Refused also where this session was begun before, or answers no challenge
   */
  Map<QueueId, QueueId> begin(UUID other, String session) throws Refused {
    lock.writeLock().lock();
    try {
      if (!sessions.begin(other, session)) {
        throw new Refused(NO_SESSION, "that challenge is over");
      }
      requireRecovered();
      requireWholeList();
      return arrivals.askedBy(other);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Forgets where these came from. */
  void confirm(UUID other, List<QueueId> ids) throws IOException, Refused {
    lock.readLock().lock();
    try {
      requireRecovered();
      arrivals.confirm(other, ids);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Where the message comes from, and how it is to be checked. */
  interface Body {
    /** Its envelope and state, as the sibling sent them. */
    byte[] form() throws IOException, Refused;

    /** Octets of the content. */
    long size();

    /** To be read after the form. */
    InputStream content();

    /** Whether the content is what the sibling sent: nothing of it counts before. */
    boolean proven() throws IOException;
  }

  /**
   * Stores a message, or finds that it was stored before.
   *
   * @return its name here
   */
  QueueId offer(UUID other, QueueId theirs, String session, Body body) throws IOException, Refused {
    Key key = new Key(other, theirs);
    Optional<QueueId> before = known(key, session);
    return before.isPresent() ? before.get() : store(key, session, body);
  }

  /** Asked before the message is read, and again before it is stored. */
  private Optional<QueueId> known(Key key, String session) throws Refused {
    lock.readLock().lock();
    try {
      requireRecovered();
      if (!sessions.isLatest(key.spool, session)) {
        throw new Refused(OTHER_SESSION, "that session is over");
      }
      Optional<QueueId> known = arrivals.known(key.spool, key.id);
      if (known.isEmpty() && closed) {
        throw new Refused(CLOSED, me + " is being drained itself");
      }
      return known;
    } finally {
      lock.readLock().unlock();
    }
  }

  private QueueId store(Key key, String session, Body body) throws IOException, Refused {
    TransferForm form;
    byte[] octets = body.form();
    try {
      form = TransferForm.decode(octets);
    } catch (IOException e) {
      throw new Refused(UNREADABLE, me + " can't read this message: " + e.getMessage());
    }
    try (Intake intake = spool.takeOver(body.size(), form.envelope().arrived())) {
      copy(body.content(), intake, body.size());
      if (!body.proven()) {
        throw new Refused(CLOSED, "the message came otherwise than it was sent");
      }
      return storeOnce(key, session, form, intake);
    }
  }

  /** The same message may come twice at a time. */
  private QueueId storeOnce(Key key, String session, TransferForm form, Intake intake)
      throws IOException, Refused {
    synchronized (storing) {
      if (!storing.add(key)) {
        throw new Refused(OTHER_SESSION, "it is being stored");
      }
    }
    lock.readLock().lock();
    try {
      Optional<QueueId> before = known(key, session);
      return before.isPresent() ? before.get() : commit(key, form, intake);
    } finally {
      lock.readLock().unlock();
      synchronized (storing) {
        storing.remove(key);
      }
    }
  }

  private static void copy(InputStream in, Intake intake, long size) throws IOException {
    byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, size))];
    long left = size;
    while (left > 0) {
      int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new EOFException("the message is not whole");
      }
      intake.write(buffer, 0, count);
      left -= count;
    }
  }

  /** With the lock. */
  private QueueId commit(Key key, TransferForm form, Intake intake) throws IOException {
    Origin origin = new Origin(key.spool, key.id, clock.instant());
    StoredMessage stored = stored(intake, form.envelope().from(origin), form.state());
    LOG.atInfo()
        .addKeyValue("id", stored.id())
        .addKeyValue("origin", key.id)
        .addKeyValue("spool", key.spool)
        .addKeyValue("size", stored.size())
        .log("taken over");
    taken.increment();
    try {
      accepted.accept(stored);
    } catch (RuntimeException | Error e) {
      unlisted = true;
      LOG.error("{}: taken over, but not queued: it waits for a restart", stored.id(), e);
      throw new UnclearException(e);
    }
    return stored.id();
  }

  private StoredMessage stored(Intake intake, Envelope envelope, MessageState state)
      throws IOException {
    try {
      return intake.commit(envelope, state.unconfirmed(true));
    } catch (IOException e) {
      if (spool.failuresAreFinal()) {
        throw e;
      }
      LOG.error("whether a message that was to be taken over is on disk is not known", e);
      throw new UnclearException(e);
    }
  }
}
