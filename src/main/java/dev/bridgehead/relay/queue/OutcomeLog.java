package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.routing.Destination;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/** One line per outcome: what a postmaster searches by queue id or recipient. */
final class OutcomeLog {
  private static final Logger LOG = LoggerFactory.getLogger("bridgehead.delivery");

  private OutcomeLog() {}

  static void write(Parcel parcel, MailAddress recipient, Outcome outcome, Duration age) {
    LoggingEventBuilder line =
        LOG.atInfo()
            .addKeyValue("id", parcel.message().id())
            .addKeyValue("recipient", recipient)
            .addKeyValue("destination", name(parcel.lane().destination()))
            .addKeyValue("delay", age.toMillis() / 1000.0);
    switch (outcome) {
      case Outcome.Delivered(String remoteMta, var reply, _) ->
          line.addKeyValue("status", "delivered")
              .addKeyValue("host", remoteMta)
              .addKeyValue("reply", reply)
              .log("delivery");
      case Outcome.Deferred(Diagnostic why) -> why(line, "deferred", why).log("delivery");
      case Outcome.Failed(Diagnostic why) -> why(line, "failed", why).log("delivery");
    }
  }

  private static LoggingEventBuilder why(LoggingEventBuilder start, String status, Diagnostic why) {
    LoggingEventBuilder line =
        start
            .addKeyValue("status", status)
            .addKeyValue("reason", why.reason())
            .addKeyValue("dsn", why.status());
    if (why.remoteMta() != null) {
      line = line.addKeyValue("host", why.remoteMta());
    }
    if (why.reply() != null && !why.text().contains(why.reply().toString())) {
      line = line.addKeyValue("reply", why.reply());
    }
    return line.addKeyValue("text", why.text());
  }

  static String name(Destination destination) {
    return switch (destination) {
      case Destination.Domain(String name) -> name;
      case Destination.SmartHosts() -> "smart hosts";
    };
  }
}
