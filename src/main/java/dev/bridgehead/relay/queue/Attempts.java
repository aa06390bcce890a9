package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.bounce.Concerned;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig.Retry;
import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.spool.Spool;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes attempts and reads their outcomes. Runs on the attempt's virtual thread. */
final class Attempts {
  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  private final CurrentConfig config;
  private final Spool spool;
  private final Delivery delivery;
  private final Clock clock;
  private final QueueMetrics metrics;

  Attempts(
      CurrentConfig config, Spool spool, Delivery delivery, Clock clock, QueueMetrics metrics) {
    this.config = config;
    this.spool = spool;
    this.delivery = delivery;
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * What an attempt came to.
   *
   * @param outcomes one for each of the recipients attempted
   * @param why the last failure of the host, where it failed
   */
  record Verdict(List<Outcome> outcomes, Lane.Host host, @Nullable Diagnostic why) {}

  /**
   * Blocks until every recipient has an outcome.
   *
   * @param recipients indexes into the envelope's
   * @param delivered is told, while others are still open, who has the message
   * @param stopping whether attempts are being broken off by this relay itself
   */
  Verdict run(
      Parcel parcel,
      Envelope envelope,
      List<Integer> recipients,
      Consumer<List<Concerned>> delivered,
      BooleanSupplier stopping) {
    List<Outcome> real = outcomes(parcel, envelope, recipients, delivered);
    // What our own end broke off was no last attempt: the next process makes it.
    boolean last = expired(parcel) && !stopping.getAsBoolean();
    List<Outcome> outcomes = last ? real.stream().map(this::expire).toList() : real;
    // Of what really happened: giving a recipient up says nothing about the host.
    return new Verdict(outcomes, host(real), why(real));
  }

  /** What becomes of recipients whose time is over while their host is known not to answer. */
  List<Outcome> givenUp(Parcel parcel, Envelope envelope, List<Integer> recipients) {
    Diagnostic known = parcel.lane().last();
    Outcome deferred = new Outcome.Deferred(known == null ? brokenOff() : known);
    return recipients.stream().map(_ -> expire(deferred)).toList();
  }

  private boolean expired(Parcel parcel) {
    return RetrySchedule.expired(
        config.get().retry(), parcel.message().arrivedAt(), clock.instant());
  }

  /**
   * Logs and counts what was settled.
   *
   * @param open those still in the queue: a failure that its sender could not be told is none yet,
   *     nor one that nobody can be told of
   */
  void report(
      Parcel parcel,
      Envelope envelope,
      List<Integer> recipients,
      List<Outcome> outcomes,
      List<Integer> open) {
    Duration age = Duration.between(parcel.message().arrivedAt(), clock.instant());
    for (int i = 0; i < outcomes.size(); i++) {
      int recipient = recipients.get(i);
      Outcome outcome = outcomes.get(i);
      if (outcome instanceof Outcome.Failed(Diagnostic why) && open.contains(recipient)) {
        outcome = new Outcome.Deferred(why);
      }
      OutcomeLog.write(parcel, envelope.recipients().get(recipient), outcome, age);
      metrics.count(outcome, age);
    }
  }

  private List<Outcome> outcomes(
      Parcel parcel,
      Envelope envelope,
      List<Integer> recipients,
      Consumer<List<Concerned>> delivered) {
    QueuedMessage message = parcel.message();
    Attempt attempt =
        new Attempt(
            message.id(),
            envelope,
            parcel.lane().destination(),
            recipients.stream().map(envelope.recipients()::get).toList(),
            message.size(),
            () -> spool.content(message.id()),
            some ->
                delivered.accept(
                    some.entrySet().stream()
                        .map(each -> new Concerned(recipients.get(each.getKey()), each.getValue()))
                        .toList()));
    try {
      List<Outcome> outcomes = delivery.attempt(attempt);
      if (outcomes.size() == recipients.size()) {
        return outcomes;
      }
      LOG.error(
          "{}: {} outcomes for {} recipients", message.id(), outcomes.size(), recipients.size());
    } catch (RuntimeException e) { // a defect of ours must not lose mail, nor stop the others'
      LOG.error("{}: the attempt broke off", message.id(), e);
    }
    Outcome putOff = new Outcome.Deferred(brokenOff());
    return recipients.stream().map(_ -> putOff).toList();
  }

  private static Diagnostic brokenOff() {
    return new Diagnostic(
        Reason.LOCAL,
        new EnhancedStatus(4, 3, 0),
        "the attempt broke off inside this server",
        null,
        null);
  }

  private static Lane.Host host(List<Outcome> outcomes) {
    Lane.Host worst = Lane.Host.UNTRIED;
    for (Outcome outcome : outcomes) {
      Lane.Host seen =
          switch (outcome) {
            case Outcome.Delivered _ -> Lane.Host.ANSWERED;
            case Outcome.Deferred(Diagnostic why) -> host(why.reason());
            // Nobody is left waiting for this host: a domain that does not exist is not dead.
            case Outcome.Failed(Diagnostic why) ->
                why.reason() == Reason.REPLY ? Lane.Host.ANSWERED : Lane.Host.UNTRIED;
          };
      if (outcome instanceof Outcome.Delivered) {
        return seen;
      }
      worst = worse(worst, seen) ? seen : worst;
    }
    return worst;
  }

  private static boolean worse(Lane.Host before, Lane.Host now) {
    return before == Lane.Host.UNTRIED
        || now.ordinal() > before.ordinal() && now != Lane.Host.UNTRIED;
  }

  private static Lane.Host host(Reason reason) {
    return switch (reason) {
      case DEAD_HOST -> Lane.Host.REMEMBERED;
      case CONNECT, GREETING, TLS, AUTH, DNS -> Lane.Host.UNREACHABLE;
      case CONNECTION_LOST, TIMEOUT -> Lane.Host.FALTERED;
      case REPLY -> Lane.Host.ANSWERED;
      // What one sender requires says nothing of the host for the others' mail.
      case NULL_MX, LOOP, EXPIRED, UNSUPPORTED, REQUIRETLS, LOCAL -> Lane.Host.UNTRIED;
    };
  }

  private static @Nullable Diagnostic why(List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Deferred(Diagnostic why)
          && host(why.reason()) != Lane.Host.ANSWERED) {
        return why;
      }
    }
    return null;
  }

  private Outcome expire(Outcome outcome) {
    Retry retry = config.get().retry();
    if (!(outcome instanceof Outcome.Deferred(Diagnostic last))) {
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
}
