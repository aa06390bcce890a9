package dev.bridgehead.relay.bounce;

import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Reply;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The part for people. */
final class HumanText {
  private HumanText() {}

  static String subject(Notice notice) {
    return switch (notice.kind()) {
      case FAILED ->
          notice.toPostmaster()
              ? "Undelivered mail without a return address"
              : "Undelivered mail returned to sender";
      case DELAYED -> "Delayed mail: not delivered yet, still being tried";
      case RELAYED -> "Mail handed on to the next server";
    };
  }

  static List<String> lines(Notice notice) {
    List<String> lines = new ArrayList<>();
    lines.add("This is the mail server " + notice.hostname() + ".");
    lines.add("");
    lines.addAll(opening(notice));
    for (Concerned each : notice.recipients()) {
      lines.add("");
      lines.add("  <" + Fields.printable(notice.address(each).toString()) + ">");
      lines.addAll(about(each.outcome()));
    }
    lines.add("");
    lines.addAll(closing(notice));
    lines.add("");
    lines.add("Arrived here: " + NoticeWriter.date(notice.original().arrived()));
    lines.add("Known here as: " + notice.about());
    lines.add("");
    lines.add(
        NoticeWriter.returnsContent(notice)
            ? "The details for programs, and the message itself, follow."
            : "The details for programs, and the message's header, follow.");
    return lines;
  }

  private static List<String> opening(Notice notice) {
    return switch (notice.kind()) {
      case FAILED ->
          notice.toPostmaster()
              ? List.of(
                  "A message without a return address could not be delivered, so that nobody but",
                  "you, the postmaster, can be told. It was meant for:")
              : List.of("Your message could not be delivered to:");
      case DELAYED ->
          List.of(
              "This is only a warning: you need not send your message again.",
              "It could not be delivered so far to:");
      case RELAYED -> List.of("Your message was handed on to the next mail server for:");
    };
  }

  private static List<String> closing(Notice notice) {
    return switch (notice.kind()) {
      case FAILED ->
          List.of("It will not be tried again. The other recipients, if any, are not concerned.");
      case DELAYED -> {
        Instant until = notice.triedUntil();
        String end = until == null ? "." : " until " + NoticeWriter.date(until) + ".";
        yield List.of(
            "It is tried again" + end,
            "You will be told if it is given up. The other recipients, if any, are not concerned.");
      }
      case RELAYED ->
          List.of(
              "That server sends no reports of success. No further one will come, unless the",
              "message fails there.");
    };
  }

  private static List<String> about(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered(String host, Reply reply, _) -> answer(host, reply);
      case Outcome.Deferred(Diagnostic why) -> why(why);
      case Outcome.Failed(Diagnostic why) -> why(why);
    };
  }

  private static List<String> why(Diagnostic why) {
    List<String> lines = new ArrayList<>(Fields.wrapped(Fields.printable(why.text()), "    "));
    if (why.reply() != null && !why.text().contains(why.reply().lines().getFirst())) {
      lines.addAll(answer(why.remoteMta(), why.reply()));
    }
    return lines;
  }

  private static List<String> answer(@Nullable String remoteMta, Reply reply) {
    List<String> lines = new ArrayList<>();
    String host = remoteMta == null ? "the next hop" : Fields.printable(remoteMta);
    lines.add("    The answer of " + host + ":");
    lines.addAll(Fields.wrapped(Fields.printable(reply.toString()), "      "));
    return lines;
  }
}
