package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fields of one recipient (RFC 3464 section 2.3). */
final class RecipientFields {
  private static final EnhancedStatus RELAYED = new EnhancedStatus(2, 0, 0);

  private RecipientFields() {}

  static List<String> lines(Notice notice, Concerned concerned, boolean international) {
    List<String> lines = new ArrayList<>();
    String original = notice.original().dsn().of(concerned.recipient()).originalRecipient();
    if (original != null) {
      lines.addAll(
          Fields.folded("Original-Recipient", OriginalRecipient.shown(original, international)));
    }
    lines.add(
        "Final-Recipient: "
            + (international ? "utf-8; " : "rfc822; ")
            + NoticeWriter.address(notice.address(concerned), international));
    lines.add("Action: " + notice.kind().action());
    switch (concerned.outcome()) {
      case Outcome.Delivered(String host, Reply reply, _) -> {
        EnhancedStatus own = reply.status();
        lines.add("Status: " + (own != null && own.klass() == 2 ? own : RELAYED));
        remote(lines, host);
        lines.addAll(Fields.folded("Diagnostic-Code", "smtp; " + Fields.ascii(reply.toString())));
      }
      case Outcome.Deferred(Diagnostic why) -> diagnostic(lines, why);
      case Outcome.Failed(Diagnostic why) -> diagnostic(lines, why);
    }
    if (notice.lastAttempt() != null && asked(concerned.outcome())) { // section 2.3.7
      lines.add("Last-Attempt-Date: " + NoticeWriter.date(notice.lastAttempt()));
    }
    if (notice.triedUntil() != null) {
      lines.add("Will-Retry-Until: " + NoticeWriter.date(notice.triedUntil()));
    }
    return lines;
  }

  /** Hosts that are remembered not to answer are not attempted. */
  private static boolean asked(Outcome outcome) {
    return !(outcome instanceof Outcome.Deferred(Diagnostic why)
        && why.reason() == Reason.DEAD_HOST);
  }

  private static void diagnostic(List<String> lines, Diagnostic why) {
    lines.add("Status: " + why.status());
    remote(lines, why.remoteMta());
    lines.addAll(
        Fields.folded(
            "Diagnostic-Code",
            why.reply() == null
                ? "X-Bridgehead; " + Fields.ascii(why.text())
                : "smtp; " + Fields.ascii(why.reply().toString())));
  }

  private static void remote(List<String> lines, @Nullable String host) {
    if (host != null) {
      lines.addAll(Fields.folded("Remote-MTA", "dns; " + Fields.ascii(host)));
    }
  }
}
