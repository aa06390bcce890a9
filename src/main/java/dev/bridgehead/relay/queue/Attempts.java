package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.bounce.Concerned;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig.Retry;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.spool.Spool;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes attempts and reads their outcomes. Runs on the attempt's virtual thread. */
final class Attempts {
  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  /** The host itself could not be spoken to, so that the next message would fare no better. */
  private static final Set<Reason> HOST_FAULTS =
      EnumSet.of(
          Reason.CONNECT,
          Reason.GREETING,
          Reason.TLS,
          Reason.AUTH,
          Reason.DNS,
          Reason.CONNECTION_LOST,
          Reason.TIMEOUT);

  private final CurrentConfig config;
  private final Spool spool;
  private final Delivery delivery;
  private final Notices notices;
  private final Clock clock;
  private final QueueMetrics metrics;

  Attempts(
      CurrentConfig config,
      Spool spool,
      Delivery delivery,
      Notices notices,
      Clock clock,
      QueueMetrics metrics) {
    this.config = config;
    this.spool = spool;
    this.delivery = delivery;
    this.notices = notices;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Blocks until every recipient has an outcome, and what must not be lost of them is on disk.
   *
   * @param delivered is told, while others are still open, who has the message: indexes into the
   *     envelope's recipients
   * @param stopping whether attempts are being broken off by this relay itself
   */
  Results run(Parcel parcel, Consumer<Set<Integer>> delivered, BooleanSupplier stopping) {
    List<MailAddress> addresses = parcel.addresses();
    List<Outcome> outcomes = outcomes(parcel, addresses, delivered);
    List<Integer> settled = new ArrayList<>();
    List<Integer> deferred = new ArrayList<>();
    List<Integer> failed = new ArrayList<>();
    List<Concerned> undelivered = new ArrayList<>();
    boolean unreachable = false;
    for (int i = 0; i < addresses.size(); i++) {
      unreachable |= hostFault(outcomes.get(i));
      // What our own end broke off was no last attempt: the next process makes it.
      Outcome outcome =
          stopping.getAsBoolean() ? outcomes.get(i) : expireIfDue(parcel, outcomes.get(i));
      OutcomeLog.write(parcel, addresses.get(i), outcome, clock.instant());
      int recipient = parcel.recipients().get(i);
      switch (outcome) {
        case Outcome.Delivered _ -> {
          metrics.delivered();
          settled.add(recipient);
        }
        case Outcome.Deferred(Diagnostic why) -> {
          metrics.deferred(why.reason());
          deferred.add(recipient);
        }
        case Outcome.Failed(Diagnostic why) -> {
          metrics.failed(why.reason());
          failed.add(recipient);
          undelivered.add(new Concerned(recipient, outcome));
        }
      }
    }
    Lane.HostState host = unreachable ? Lane.HostState.UNREACHABLE : Lane.HostState.ANSWERED;
    return failed.isEmpty()
        ? new Results(settled, deferred, List.of(), Optional.empty(), host)
        : returned(
            parcel, new Results(settled, deferred, failed, Optional.empty(), host), undelivered);
  }

  private List<Outcome> outcomes(
      Parcel parcel, List<MailAddress> addresses, Consumer<Set<Integer>> delivered) {
    QueuedMessage message = parcel.message();
    Attempt attempt =
        new Attempt(
            message.id(),
            message.envelope(),
            parcel.destination(),
            addresses,
            message.size(),
            () -> spool.content(message.id()),
            some ->
                delivered.accept(
                    some.stream().map(parcel.recipients()::get).collect(Collectors.toSet())));
    try {
      List<Outcome> outcomes = delivery.attempt(attempt);
      if (outcomes.size() == addresses.size()) {
        return outcomes;
      }
      LOG.error(
          "{}: {} outcomes for {} recipients", message.id(), outcomes.size(), addresses.size());
    } catch (RuntimeException e) { // a defect of ours must not lose mail, nor stop the others'
      LOG.error("{}: the attempt broke off", message.id(), e);
    }
    Outcome putOff =
        new Outcome.Deferred(
            new Diagnostic(
                Reason.LOCAL,
                new EnhancedStatus(4, 3, 0),
                "the attempt broke off inside this server",
                null,
                null));
    return addresses.stream().map(_ -> putOff).toList();
  }

  /** Of what really happened: giving a recipient up says nothing about the host. */
  private static boolean hostFault(Outcome outcome) {
    return outcome instanceof Outcome.Deferred(Diagnostic why)
        && HOST_FAULTS.contains(why.reason());
  }

  private Outcome expireIfDue(Parcel parcel, Outcome outcome) {
    Retry retry = config.get().retry();
    Instant arrived = parcel.message().envelope().arrived();
    if (!(outcome instanceof Outcome.Deferred(Diagnostic last))
        || !RetrySchedule.expired(retry, arrived, clock.instant())) {
      return outcome;
    }
    return new Outcome.Failed(
        new Diagnostic(
            Reason.EXPIRED,
            new EnhancedStatus(4, 4, 7), // RFC 3463: delivery time expired
            "given up after " + spoken(retry.expireAfter()) + "; at last: " + last.text(),
            last.remoteMta(),
            last.reply()));
  }

  private static String spoken(Duration duration) {
    if (duration.toSeconds() % 86_400 == 0) {
      return count(duration.toDays(), "day");
    }
    return duration.toSeconds() % 3600 == 0
        ? count(duration.toHours(), "hour")
        : count(duration.toSeconds(), "second");
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s");
  }

  /**
   * The notice is on disk before its recipients count as settled: a crash between the two may tell
   * the sender twice, never not at all. Without room for a notice the failure stays deferred.
   */
  private Results returned(Parcel parcel, Results results, List<Concerned> undelivered) {
    List<Integer> failed = results.held();
    try {
      Optional<StoredMessage> notice = notices.store(parcel.message(), undelivered);
      if (notice.isEmpty()) {
        LOG.warn(
            "{}: held: it can't be delivered, has no return address, and no postmaster takes it",
            parcel.message().id());
        return results;
      }
      return new Results(
          joined(results.settled(), failed), results.deferred(), List.of(), notice, results.host());
    } catch (IOException e) {
      LOG.error(
          "{}: its sender can't be told now, since the notice can't be stored: {}",
          parcel.message().id(),
          e.toString());
      return new Results(
          results.settled(),
          joined(results.deferred(), failed),
          List.of(),
          Optional.empty(),
          results.host());
    }
  }

  private static List<Integer> joined(List<Integer> some, List<Integer> others) {
    List<Integer> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }
}
