package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.EnhancedStatus;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/** A next hop that answers each recipient as the test says; "delivered" where it says nothing. */
final class ScriptedDelivery implements Delivery {
  private final Map<String, Function<MailAddress, Outcome>> answers = new ConcurrentHashMap<>();
  private final List<Attempt> attempts = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, String> contents = new ConcurrentHashMap<>();

  private Consumer<Attempt> progress = _ -> {};

  static final Outcome.Delivered DELIVERED =
      new Outcome.Delivered("mx.example", new Reply(250, null, List.of("ok")));

  static Outcome deferred(Reason reason) {
    return new Outcome.Deferred(diagnostic(reason, 4));
  }

  static Outcome failed() {
    return new Outcome.Failed(diagnostic(Reason.REPLY, 5));
  }

  private static Diagnostic diagnostic(Reason reason, int klass) {
    EnhancedStatus status = new EnhancedStatus(klass, 1, 1);
    Reply reply = new Reply(klass * 100 + 50, status, List.of("User unknown"));
    return new Diagnostic(reason, status, "mx.example answered", "mx.example", reply);
  }

  /** By address. */
  void answer(MailAddress recipient, Outcome outcome) {
    answers.put(recipient.toString(), _ -> outcome);
  }

  void answer(MailAddress recipient, Function<MailAddress, Outcome> answer) {
    answers.put(recipient.toString(), answer);
  }

  /** Runs in the middle of each attempt. */
  void meanwhile(Consumer<Attempt> action) {
    progress = action;
  }

  List<Attempt> attempts() {
    return attempts;
  }

  /** What the last message to an address said. */
  String content(MailAddress recipient) {
    return contents.getOrDefault(recipient.toString(), "");
  }

  @Override
  public List<Outcome> attempt(Attempt attempt) {
    attempts.add(attempt);
    try (InputStream in = attempt.content().open()) {
      String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      attempt.recipients().forEach(recipient -> contents.put(recipient.toString(), content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    progress.accept(attempt);
    return attempt.recipients().stream()
        .map(r -> answers.getOrDefault(r.toString(), _ -> DELIVERED).apply(r))
        .toList();
  }

  @Override
  public void close() {}
}
