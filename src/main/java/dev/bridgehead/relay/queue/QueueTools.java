package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Spool;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a postmaster can see and do. Any thread may enter; nothing here needs memory for the whole
 * queue at once.
 */
public final class QueueTools {
  private static final int MOST_NAMED = 100;

  /** What was counted serves so many times as long as counting took: a hundredth of a core. */
  private static final long TOTALS_SERVE = 100;

  private static final Duration TOTALS_SERVE_AT_MOST = Duration.ofSeconds(10);

  private final Ledger ledger;
  private final Spool spool;
  private final Listing listing;
  private final Commands commands;
  private @Nullable Totals totals;
  private long totalsAt;
  private long totalsServe; // milliseconds from then on

  QueueTools(Ledger ledger, Spool spool, Commands commands) {
    this.ledger = ledger;
    this.spool = spool;
    this.listing = new Listing(ledger, spool);
    this.commands = commands;
  }

  /** Gauges of the whole queue, by a label that is bounded. */
  void register(MeterRegistry metrics) {
    for (Standing standing : Standing.values()) {
      Gauge.builder("bridgehead.queue.messages", () -> recent().standings().get(standing))
          .tag("class", standing.name().toLowerCase(Locale.ROOT))
          .description("Messages in the queue, each in the liveliest class of its recipients")
          .register(metrics);
    }
  }

  /** One count serves all gauges of a scrape. */
  private synchronized Totals recent() {
    Totals known = totals;
    long age = ledger.now() - totalsAt;
    if (known == null || age < 0 || age >= totalsServe) {
      long start = System.nanoTime();
      known = listing.totals();
      totals = known;
      totalsAt = ledger.now();
      long took = TimeUnit.NANOSECONDS.toMillis(TOTALS_SERVE * (System.nanoTime() - start));
      totalsServe = Math.min(took, TOTALS_SERVE_AT_MOST.toMillis());
    }
    return known;
  }

  /** Why most of what was put off is still here, some seconds ago; empty where nothing was. */
  public Optional<Deferral> commonestDeferral() {
    return recent().commonest();
  }

  /** The queue in figures, as they are now. */
  public Census census() {
    return Census.of(listing);
  }

  /**
   * Hands over what is selected, the oldest first, with its envelope, until there are enough.
   *
   * @param limit entries handed over
   * @return how many more are selected; where envelopes decide, 1 stands for one or more
   */
  public long list(Selection selection, long limit, BiConsumer<QueueEntry, Envelope> each) {
    Enough enough = new Enough(limit);
    try {
      listing.each(
          selection,
          entry -> {
            if (enough.reached() && !selection.needsEnvelope()) {
              enough.more++;
              return;
            }
            Optional<Envelope> envelope = listing.envelope(entry.id());
            if (envelope.isEmpty() || !selection.matches(entry, envelope.get())) {
              return;
            }
            if (enough.reached()) {
              enough.more = 1;
              throw new StopListing();
            }
            enough.given++;
            each.accept(entry, envelope.get());
          });
    } catch (StopListing e) {
      return enough.more;
    }
    return enough.more;
  }

  /** Ends a walk through the queue whose rest nobody wants. */
  private static final class StopListing extends RuntimeException {
    StopListing() {
      super("enough", null, false, false);
    }
  }

  private static final class Enough {
    private final long limit;
    private long given;
    private long more;

    Enough(long limit) {
      this.limit = limit;
    }

    boolean reached() {
      return given >= limit;
    }
  }

  /**
   * One message.
   *
   * @param entries what is still open of it
   */
  public record Shown(Envelope envelope, List<QueueEntry> entries) {}

  /** Empty where it is not in the queue. */
  public Optional<Shown> show(QueueId id) {
    List<QueueEntry> entries = listing.of(id);
    return entries.isEmpty()
        ? Optional.empty()
        : listing.envelope(id).map(envelope -> new Shown(envelope, entries));
  }

  /** A message's content; the caller closes it. */
  public InputStream content(QueueId id) throws IOException {
    return spool.content(id);
  }

  /**
   * What became of a command.
   *
   * @param done messages it was carried out on; on disk
   * @param active messages that are being delivered right now, and were left as they are: some of
   *     them
   * @param actives how many of those there are
   * @param missing of the messages named, those not in the queue, or with nothing in them that the
   *     command is for
   * @param failed messages for which it failed: on disk they are as they were
   * @param partly messages for some of whose recipients it failed
   */
  public record Result(
      long done,
      List<QueueId> active,
      long actives,
      List<QueueId> missing,
      long failed,
      long partly) {}

  /**
   * Carries out a command on the messages named. When this returns, it is on disk; but for that of
   * a flush, which a restart forgets.
   *
   * @throws IOException where the disk does not say so
   * @throws StoppingException where this relay stops
   */
  public Result carryOut(Command command, List<QueueId> ids) throws IOException {
    if (command == Command.FLUSH) {
      ledger.destinations().forgetDeadHosts();
      ids.forEach(commands::forgive);
    }
    Tally tally = new Tally();
    for (QueueId id : new HashSet<>(ids)) {
      tally.add(id, commands.carryOut(command, id, null), true);
    }
    return synced(command, tally);
  }

  /**
   * The same on what is selected: of each message, only on the groups that match.
   *
   * @throws IOException where the disk does not say that it is done
   * @throws StoppingException where this relay stops
   */
  public Result carryOut(Command command, Selection selection) throws IOException {
    if (command == Command.FLUSH) {
      ledger.destinations().forgetDeadHosts();
    }
    Tally tally = new Tally();
    Set<String> flushed = new HashSet<>();
    Map<QueueId, Set<List<Integer>>> some = new HashMap<>();
    listing.each(
        selection,
        entry -> {
          if (!selection.needsEnvelope()
              || listing
                  .envelope(entry.id())
                  .filter(envelope -> selection.matches(entry, envelope))
                  .isPresent()) {
            if (!some.containsKey(entry.id())) {
              carryOut(command, some, selection.standing(), tally);
            }
            some.computeIfAbsent(entry.id(), _ -> new HashSet<>()).add(entry.recipients());
            if (command == Command.FLUSH && entry.standing() != Standing.HELD) {
              flushed.add(entry.destination());
            }
          }
        });
    carryOut(command, some, selection.standing(), tally);
    // Only now: what waits for a host would stand otherwise, and not be selected by its state.
    commands.forgiveAll(flushed);
    return synced(command, tally);
  }

  /** The groups of one message come one after another. */
  private void carryOut(
      Command command,
      Map<QueueId, Set<List<Integer>>> some,
      @Nullable Standing standing,
      Tally tally) {
    some.forEach(
        (id, groups) -> {
          Commands.Chosen chosen = new Commands.Chosen(groups, standing);
          tally.add(id, commands.carryOut(command, id, chosen), false);
        });
    some.clear();
  }

  private Result synced(Command command, Tally tally) throws IOException {
    if (command != Command.FLUSH && tally.done + tally.partly > 0) {
      spool.sync();
    }
    if (tally.stopping) {
      throw new StoppingException(tally.done);
    }
    return new Result(
        tally.done, tally.active, tally.actives, tally.missing, tally.failed, tally.partly);
  }

  private static final class Tally {
    private final List<QueueId> active = new ArrayList<>();
    private final List<QueueId> missing = new ArrayList<>();
    private long done;
    private long actives;
    private long failed;
    private long partly;
    private boolean stopping;

    void add(QueueId id, Commands.Done outcome, boolean named) {
      switch (outcome) {
        case DONE -> done++;
        case FAILED -> failed++;
        case PARTLY -> partly++;
        case STOPPING -> stopping = true;
        case NOTHING -> {
          if (named) {
            missing.add(id);
          }
        }
        case ACTIVE -> {
          actives++;
          if (active.size() < MOST_NAMED) {
            active.add(id);
          }
        }
      }
    }
  }
}
