package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.Selection;
import dev.bridgehead.relay.delivery.ScriptedHost.Taken;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.Outcome;
import dev.bridgehead.relay.mail.Outcome.Deferred;
import dev.bridgehead.relay.mail.Outcome.Delivered;
import dev.bridgehead.relay.mail.Outcome.Diagnostic;
import dev.bridgehead.relay.mail.Outcome.Failed;
import dev.bridgehead.relay.mail.Outcome.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever next hops answer, at whatever stage: what the client says became of each recipient is
 * what they said, and they got the message whole or not at all.
 */
class RandomRepliesTest {
  private static final List<String> REPLIES =
      List.of(
          "250 Ok",
          "250-a\r\n250-b\r\n250 c",
          "220 hello",
          "354 go on",
          "334 VXNlcm5hbWU6",
          "421 bye",
          "450 4.2.0 later",
          "451-4.3.0 later\r\n451 4.3.0 or never",
          "452 4.5.3 too many",
          "500 what?",
          "550 5.1.1 no",
          "552 too many",
          "554 5.7.1 no",
          "250-a\r\n550 b",
          "<html>",
          "250 " + "x".repeat(3000),
          "",
          ScriptedHost.CLOSE,
          ScriptedHost.CLOSE,
          ScriptedHost.RESET,
          ScriptedHost.STALL,
          ScriptedHost.TRICKLE);

  /**
   * What ends a kept session. A friendly word unasked would be a lie that nobody can see through.
   */
  private static final List<String> FAREWELLS =
      List.of(
          "421 4.4.2 idle too long",
          "<html>",
          ScriptedHost.CLOSE,
          ScriptedHost.RESET,
          ScriptedHost.STALL,
          ScriptedHost.TRICKLE);

  private static final List<String> GREETINGS =
      List.of(
          "250 host.example.test",
          "250-host.example.test\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME",
          "250-host.example.test\r\n250-PIPELINING\r\n250 DSN",
          "250-host.example.test\r\n250-STARTTLS\r\n250 PIPELINING",
          "250-host.example.test\r\n250 SIZE 1000");

  private static final Timeouts QUICK = timeouts(Duration.ofMillis(700));

  /** Far more than the time-outs of three hosts come to. */
  private static final Duration A_SLOT = Duration.ofSeconds(40);

  private static final int SCRIPTS = 100;
  private static final int AT_ONCE = 25;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void areReadForWhatTheySay(long seed) throws Exception {
    List<Future<?>> rounds = new ArrayList<>();
    try (ExecutorService some = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int round = 0; round < SCRIPTS; round++) {
        long own = seed * 1_000 + round;
        rounds.add(some.submit(() -> new Round(own).run()));
      }
      for (Future<?> round : rounds) {
        round.get();
      }
    }
  }

  /** Some messages, one after the other, to hosts that follow one random script. */
  private static final class Round {
    private final long seed;
    private final Random random;
    private final List<ScriptedHost> hosts = new ArrayList<>();
    private final List<Attempt> sent = new ArrayList<>();
    private final List<List<Outcome>> outcomes = new ArrayList<>();

    Round(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
    }

    void run() {
      int friendliness = 60 + random.nextInt(41);
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        hosts.add(capricious(random.nextLong(), friendliness));
      }
      Selection selection = random.nextBoolean() ? Selection.FAILOVER : Selection.ROUND_ROBIN;
      try (SmtpDelivery delivery =
          Deliveries.to(hosts.toArray(ScriptedHost[]::new))
              .selection(selection)
              .timeouts(QUICK)
              .start()) {
        for (int number = 1 + random.nextInt(5); number > 0; number--) {
          Attempt attempt = attempt(number);
          sent.add(attempt);
          long begun = System.nanoTime();
          outcomes.add(delivery.attempt(attempt));
          assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(name()).isLessThan(A_SLOT);
        }
      }
      await(name())
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(hosts).allMatch(host -> host.open() == 0));
      judge();
      hosts.forEach(ScriptedHost::close);
    }

    private String name() {
      return "seed " + seed;
    }

    private Attempt attempt(int number) {
      StringBuilder content = new StringBuilder("X-Number: " + number + "\r\n\r\n");
      int lines = random.nextInt(10) == 0 ? 5_000 : random.nextInt(20);
      for (int i = 0; i < lines; i++) {
        content.append(".".repeat(random.nextInt(3))).append("x".repeat(random.nextInt(60)));
        content.append("\r\n");
      }
      String[] to =
          IntStream.rangeClosed(0, random.nextInt(4))
              .mapToObj(i -> "r" + i + "@x.test")
              .toArray(String[]::new);
      return Deliveries.message(content.toString().getBytes(StandardCharsets.ISO_8859_1), to);
    }

    private void judge() {
      List<Taken> taken =
          hosts.stream()
              .flatMap(host -> host.taken().stream())
              .sorted(Comparator.comparingLong(Taken::order))
              .toList();
      AtomicInteger accounted = new AtomicInteger();
      for (int i = 0; i < sent.size(); i++) {
        Attempt attempt = sent.get(i);
        assertThat(outcomes.get(i)).as(name()).hasSize(attempt.recipients().size());
        String stuffed = stuffed(attempt);
        List<Taken> own = taken.stream().filter(it -> it.text().equals(stuffed)).toList();
        accounted.addAndGet(own.size());
        for (int r = 0; r < attempt.recipients().size(); r++) {
          MailAddress recipient = attempt.recipients().get(r);
          judge(
              outcomes.get(i).get(r),
              own.stream().filter(it -> it.recipients().contains(recipient.toString())).toList());
        }
      }
      long whole = taken.stream().filter(it -> !it.text().isEmpty()).count();
      assertThat(accounted.get()).as("%s: messages octet for octet", name()).isEqualTo((int) whole);
      assertThat(hosts).allSatisfy(host -> assertThat(host.breaches()).as(name()).isEmpty());
    }

    /**
     * @param taken the times that the message got as far as its final dot for this recipient
     */
    private void judge(Outcome outcome, List<Taken> taken) {
      List<Taken> positive = taken.stream().filter(it -> positive(it.reply())).toList();
      switch (outcome) {
        case Delivered _ -> assertThat(positive).as("%s: %s", name(), outcome).hasSize(1);
        case Failed(Diagnostic why) -> {
          assertThat(positive).as("%s: %s", name(), outcome).isEmpty();
          assertThat(why.reason() == Reason.UNSUPPORTED || saidNo(why)).as(name()).isTrue();
        }
        // On a slow machine a good reply may come too late.
        case Deferred(Diagnostic why) -> {
          assertThat(why.text()).as(name()).doesNotStartWith("internal error");
          assertThat(positive.isEmpty() || why.reason() == Reason.TIMEOUT)
              .as("%s: %s, but %s", name(), outcome, positive)
              .isTrue();
        }
      }
      // Only a reply that says so lets the message go to another host, or there once more.
      taken.stream()
          .limit(Math.max(0, taken.size() - 1))
          .forEach(it -> assertThat(it.reply()).as("%s: %s", name(), outcome).startsWith("4"));
    }

    private static boolean saidNo(Diagnostic why) {
      return why.reply() != null && why.reply().permanentFailure();
    }

    /** 2xx, and a reply at all. */
    private static boolean positive(String reply) {
      return reply.startsWith("2") && reply.length() < 2000 && !reply.contains("\n5");
    }

    private static String stuffed(Attempt attempt) {
      try (var content = attempt.content().open()) {
        String text = new String(content.readAllBytes(), StandardCharsets.ISO_8859_1);
        return ("\r\n" + text).replace("\r\n.", "\r\n..").substring(2);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static ScriptedHost capricious(long seed, int friendliness) {
    Random random = new Random(seed);
    String greeting = GREETINGS.get(random.nextInt(GREETINGS.size()));
    return ScriptedHost.answering(
        (stage, session) -> {
          synchronized (random) {
            if (random.nextInt(100) >= friendliness) {
              List<String> some = stage.equals(ScriptedHost.BETWEEN) ? FAREWELLS : REPLIES;
              return Optional.of(some.get(random.nextInt(some.size())));
            }
            return stage.startsWith("EHLO")
                ? Optional.of(greeting)
                : stage.equals("STARTTLS") ? Optional.of("454 not now") : Optional.empty();
          }
        });
  }

  private static Timeouts timeouts(Duration all) {
    return new Timeouts(
        Duration.ofSeconds(2),
        all,
        all,
        all,
        all,
        all,
        all,
        Duration.ofSeconds(5),
        all,
        Duration.ofSeconds(5));
  }
}
