package dev.bridgehead.relay.queue;

import dev.bridgehead.relay.delivery.Attempt;
import dev.bridgehead.relay.delivery.Delivery;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A next hop that answers by chance, and counts who got what and of whom was told what. */
final class RandomHop implements Delivery {
  private static final Reason[] PUT_OFF = {
    Reason.REPLY, Reason.CONNECT, Reason.TIMEOUT, Reason.CONNECTION_LOST, Reason.DNS, Reason.LOCAL
  };

  final Map<String, Integer> delivered = new HashMap<>();

  /** By recipient and action. */
  final Map<String, Integer> told = new HashMap<>();

  /** Takes everything from now on. */
  boolean kind;

  private final Random random;

  RandomHop(Random random) {
    this.random = random;
  }

  @Override
  public List<Outcome> attempt(Attempt attempt) {
    List<Outcome> outcomes = new ArrayList<>();
    Map<Integer, Outcome.Delivered> early = new HashMap<>();
    for (int i = 0; i < attempt.recipients().size(); i++) {
      Outcome outcome = attempt.envelope().notice() ? ofNotice() : ofMail();
      outcomes.add(outcome);
      if (outcome instanceof Outcome.Delivered delivery && random.nextInt(4) == 0) {
        early.put(i, delivery);
        count(attempt, i);
      }
    }
    if (!early.isEmpty()) {
      attempt.progress().delivered(early);
      if (!kind && random.nextInt(4) == 0) {
        throw new IllegalStateException("broken off by chance");
      }
    }
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Delivered && !early.containsKey(i)) {
        count(attempt, i);
      }
    }
    return outcomes;
  }

  private Outcome ofNotice() {
    return kind || random.nextInt(5) > 0
        ? ScriptedDelivery.DELIVERED
        : ScriptedDelivery.deferred(Reason.REPLY);
  }

  private Outcome ofMail() {
    int chance = kind ? 0 : random.nextInt(10);
    if (chance < 4) {
      return ScriptedDelivery.DELIVERED;
    }
    return chance < 9
        ? ScriptedDelivery.deferred(PUT_OFF[random.nextInt(PUT_OFF.length)])
        : ScriptedDelivery.failed();
  }

  private void count(Attempt attempt, int recipient) {
    if (!attempt.envelope().notice()) {
      delivered.merge(attempt.recipients().get(recipient).toString(), 1, Integer::sum);
      return;
    }
    try (InputStream in = attempt.content().open()) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String about = "";
      for (String line : text.split("\r\n")) {
        if (line.startsWith("Final-Recipient: rfc822; ")) {
          about = line.substring("Final-Recipient: rfc822; ".length());
        } else if (line.startsWith("Action: ")) {
          told.merge(about + " " + line.substring("Action: ".length()), 1, Integer::sum);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {}
}
