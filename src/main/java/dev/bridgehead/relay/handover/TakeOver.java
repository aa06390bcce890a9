package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Origin;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Arrivals;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.SpoolFullException;
import dev.bridgehead.relay.spool.StoredMessage;
import dev.bridgehead.relay.spool.TransferForm;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
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
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/handover}: takes messages over from siblings, for who has the token. Handlers run on
 * Helidon's virtual threads.
 *
 * <p>An offer is stored only in its relay's latest session. To begin one waits for what is being
 * stored in the one before; from then on whatever of the old one still comes out of a network or a
 * paused process is refused. So the list that a session begins with is the last word on what was
 * taken.
 */
final class TakeOver implements HttpService {
  /** Octets before the form: its length (4), that of the content (8). */
  static final int HEAD = 12;

  /** The answer to what another pod was meant for. */
  static final int MISDIRECTED = 421;

  static final int UNREADABLE = 400;
  static final int OTHER_SESSION = 409;
  static final int CLOSED = 503;

  /** The answer where nobody knows whether it is on disk: the only one that is not clear. */
  static final int UNCLEAR = 500;

  static final int NO_ROOM = 507;

  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

  /** Octets of an envelope with its state: ten thousand recipients with all they can have. */
  private static final int LONGEST_FORM = 16 << 20;

  private static final int LONGEST_LIST = 1 << 20;
  private static final int BUFFER = 32 << 10;

  private final Place me;
  private final Spool spool;
  private final Arrivals arrivals;
  private final Consumer<StoredMessage> accepted;
  private final Clock clock;
  private final Counter taken;

  /** Read: stores, and answers by what is known. Write: nothing is being stored. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock(true);

  private final Map<UUID, String> sessions = new HashMap<>(); // guarded by the lock
  private final Set<Key> storing = new HashSet<>(); // guarded by itself
  private boolean recovered; // guarded by the lock
  private boolean closed; // guarded by the lock

  /** One is stored that the queue does not know: no list is whole until a restart. */
  private volatile boolean unlisted;

  private record Key(UUID spool, QueueId id) {}

  /**
   * @param accepted is handed every message once it is on disk
   */
  TakeOver(
      Place me,
      Spool spool,
      Arrivals arrivals,
      Consumer<StoredMessage> accepted,
      Clock clock,
      MeterRegistry metrics) {
    this.me = me;
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

  @Override
  public void routing(HttpRules rules) {
    rules
        .post("/{to}/{spool}", answering(this::confirm))
        .post("/{to}/{spool}/{session}", answering(this::begin))
        .put("/{to}/{spool}/{session}/{id}", answering(this::offer));
  }

  private interface Answer {
    String to(ServerRequest request) throws IOException, Refused;
  }

  /** The message is not here, and will not be because of this request. */
  private static final class Refused extends Exception {
    final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  /** The message may be here: a start would tell. */
  private static final class UnclearException extends IOException {
    UnclearException(Throwable cause) {
      super("whether it is on disk is not known: " + cause.getMessage(), cause);
    }
  }

  private Handler answering(Answer answer) {
    return (request, response) -> {
      try {
        requireMeant(request);
        response.send(answer.to(request));
      } catch (Refused e) {
        refuse(response, e.status, e.getMessage());
      } catch (UnclearException e) {
        refuse(response, UNCLEAR, e.getMessage());
      } catch (SpoolFullException e) {
        refuse(response, NO_ROOM, e.getMessage());
      } catch (IOException e) {
        refuse(response, CLOSED, e.getMessage());
      }
    };
  }

  private static void refuse(ServerResponse response, int status, @Nullable String why) {
    response.status(Status.create(status)).send(why + "\n");
  }

  /** An address may belong to another pod by now. */
  private void requireMeant(ServerRequest request) throws Refused {
    String to = request.path().pathParameters().get("to");
    if (!to.equals(me.toString())) {
      throw new Refused(MISDIRECTED, "this is " + me);
    }
  }

  private static UUID spool(ServerRequest request) throws Refused {
    try {
      return UUID.fromString(request.path().pathParameters().get("spool"));
    } catch (IllegalArgumentException e) {
      throw new Refused(UNREADABLE, "that is no spool");
    }
  }

  private static QueueId id(String text) throws Refused {
    if (!QueueId.isOne(text)) {
      throw new Refused(UNREADABLE, "that is no queue id");
    }
    return new QueueId(text);
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

  private String begin(ServerRequest request) throws Refused {
    UUID other = spool(request);
    String session = request.path().pathParameters().get("session");
    lock.writeLock().lock();
    try {
      requireRecovered();
      requireWholeList();
      sessions.put(other, session);
      return arrivals.askedBy(other).entrySet().stream()
          .map(names -> names.getKey() + " " + names.getValue() + "\n")
          .collect(Collectors.joining());
    } finally {
      lock.writeLock().unlock();
    }
  }

  private String confirm(ServerRequest request) throws IOException, Refused {
    UUID other = spool(request);
    byte[] list = request.content().inputStream().readNBytes(LONGEST_LIST);
    List<QueueId> ids = new ArrayList<>();
    for (String line : new String(list, StandardCharsets.UTF_8).lines().toList()) {
      ids.add(id(line));
    }
    lock.readLock().lock();
    try {
      requireRecovered();
      arrivals.confirm(other, ids);
      return "";
    } finally {
      lock.readLock().unlock();
    }
  }

  private String offer(ServerRequest request) throws IOException, Refused {
    Key key = new Key(spool(request), id(request.path().pathParameters().get("id")));
    String session = request.path().pathParameters().get("session");
    Optional<QueueId> before = known(key, session);
    if (before.isPresent()) {
      return before.get() + "\n";
    }
    try (InputStream in = request.content().inputStream()) {
      return store(key, session, new DataInputStream(in)) + "\n";
    } catch (EOFException e) {
      throw new Refused(UNREADABLE, "the message is not whole");
    }
  }

  /** Asked before the message is read, and again before it is stored. */
  private Optional<QueueId> known(Key key, String session) throws Refused {
    lock.readLock().lock();
    try {
      requireRecovered();
      if (!session.equals(sessions.get(key.spool))) {
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

  private QueueId store(Key key, String session, DataInputStream in) throws IOException, Refused {
    int length = in.readInt();
    long size = in.readLong();
    if (length < 0 || length > LONGEST_FORM || size < 0) {
      throw new Refused(UNREADABLE, "the message is none");
    }
    TransferForm form;
    try {
      byte[] octets = in.readNBytes(length);
      form = TransferForm.decode(octets);
    } catch (EOFException e) {
      throw e;
    } catch (IOException e) {
      throw new Refused(UNREADABLE, me + " can't read this message: " + e.getMessage());
    }
    try (Intake intake = spool.takeOver(size, form.envelope().arrived())) {
      copy(in, intake, size);
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
