package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The fields of one recipient (RFC 3464 section 2.3). */
final class RecipientFields {
  private RecipientFields() {}

  static List<String> lines(Undelivered undelivered, Instant now, boolean international) {
    Diagnostic why = undelivered.why();
    List<String> lines = new ArrayList<>();
    lines.add(
        "Final-Recipient: "
            + (international ? "utf-8; " : "rfc822; ")
            + NoticeWriter.address(undelivered.recipient(), international));
    lines.add("Action: failed");
    lines.add("Status: " + why.status());
    if (why.remoteMta() != null) {
      lines.addAll(Fields.folded("Remote-MTA", "dns; " + Fields.ascii(why.remoteMta())));
    }
    lines.addAll(
        Fields.folded(
            "Diagnostic-Code",
            why.reply() == null
                ? "X-Bridgehead; " + Fields.ascii(why.text())
                : "smtp; " + Fields.ascii(why.reply().toString())));
    lines.add("Last-Attempt-Date: " + NoticeWriter.date(now));
    return lines;
  }
}
