package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import java.util.ArrayList;
import java.util.List;

/** The part for people. */
final class HumanText {
  private HumanText() {}

  static List<String> lines(Notice notice) {
    List<String> lines = new ArrayList<>();
    lines.add("This is the mail server " + notice.hostname() + ".");
    lines.add("");
    if (notice.toPostmaster()) {
      lines.add("A message without a return address could not be delivered, so that nobody but");
      lines.add("you, the postmaster, can be told. It was meant for:");
    } else {
      lines.add("Your message could not be delivered to:");
    }
    for (Undelivered each : notice.undelivered()) {
      lines.add("");
      lines.addAll(about(each));
    }
    lines.add("");
    lines.add("It will not be tried again. The other recipients, if any, are not concerned.");
    lines.add("");
    lines.add("Arrived here: " + NoticeWriter.date(notice.original().arrived()));
    lines.add("Known here as: " + notice.about());
    lines.add("");
    lines.add(
        notice.size() <= NoticeWriter.MOST_RETURNED
            ? "The details for programs, and the message itself, follow."
            : "The details for programs, and the message's header, follow.");
    return lines;
  }

  private static List<String> about(Undelivered each) {
    Diagnostic why = each.why();
    MailAddress recipient = each.recipient();
    List<String> lines = new ArrayList<>();
    lines.add("  <" + Fields.printable(recipient.toString()) + ">");
    lines.addAll(Fields.wrapped(Fields.printable(why.text()), "    "));
    if (why.reply() != null && !why.text().contains(why.reply().lines().getFirst())) {
      String host = why.remoteMta() == null ? "the next hop" : Fields.printable(why.remoteMta());
      lines.add("    The answer of " + host + ":");
      lines.addAll(Fields.wrapped(Fields.printable(why.reply().toString()), "      "));
    }
    return lines;
  }
}
