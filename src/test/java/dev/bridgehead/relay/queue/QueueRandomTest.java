package dev.bridgehead.relay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.DsnParameters;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Chance decides what next hops answer, what the postmaster does, when the process restarts and the
 * routing changes. At the end everybody who was accepted has the message, or somebody was told, or
 * it was removed: one of them, once.
 */
class QueueRandomTest {
  private static final String TERMS =
      "retryIntervals: [1m, 5m, 15m], expireAfter: 3h, delayNotificationAfter: 20m";
  private static final int STEPS = 150;

  private final ManualClock clock = new ManualClock();
  private final CurrentConfig config =
      new CurrentConfig(QueueFixture.config(TERMS, "postmaster: null"));
  private final Map<QueueId, Boolean> accepted = new HashMap<>();
  private final Set<QueueId> nobody = new HashSet<>();
  private final Set<String> loud = new HashSet<>();
  private final Set<String> silent = new HashSet<>();
  private final Map<String, Integer> removed = new HashMap<>();
  private final Path folder;
  private boolean smartHosts;
  private int number;

  QueueRandomTest(@TempDir Path folder) {
    this.folder = folder.resolve("spool");
  }

  static LongStream seeds() {
    Long fixed = Long.getLong("bridgehead.seed");
    return fixed != null
        ? LongStream.of(fixed)
        : new Random().longs(15).map(seed -> seed & Long.MAX_VALUE);
  }

  private record Process(LogSpool spool, Queue queue) {}

  private Process process(RandomHop hop) throws IOException {
    LogSpool spool = LogSpool.open(folder, new LocalDisk(), clock);
    Queue queue =
        new Queue(
            config,
            spool,
            hop,
            address ->
                smartHosts
                    ? new Destination.SmartHosts()
                    : new Destination.Domain(address.domain()),
            clock,
            new SimpleMeterRegistry(),
            Runnable::run);
    queue.recover();
    return new Process(spool, queue);
  }

  private static void end(Process process) throws Exception {
    process.queue.stop(Duration.ZERO);
    process.spool.close();
  }

  @ParameterizedTest(name = "-Dbridgehead.seed={0}")
  @MethodSource("seeds")
  void settlesEveryRecipientExactlyOnce(long seed) throws Exception {
    Random random = new Random(seed);
    RandomHop hop = new RandomHop(random);
    Process process = process(hop);
    for (int step = 0; step < STEPS; step++) {
      if (random.nextInt(15) == 0) {
        end(process);
        process = process(hop);
      } else {
        step(random, process);
      }
    }
    hop.kind = true;
    config.set(QueueFixture.config(TERMS, "postmaster: postmaster@example.com"));
    assertThat(process.queue.tools().carryOut(Command.RELEASE, Selection.ALL).failed()).isZero();
    for (int minute = 0; minute < 200 && process.queue.queued() > 0; minute++) {
      clock.advance(Duration.ofMinutes(1));
      process.queue.startDue();
    }
    assertThat(process.queue.queued()).as("left, seed %d", seed).isZero();
    end(process);
    Process after = process(hop);
    assertThat(after.queue.queued()).as("after a restart, seed %d", seed).isZero();
    end(after);
    for (String recipient : loud) {
      assertThat(ends(hop, recipient)).as("%s, seed %d", recipient, seed).isOne();
      assertThat(hop.told.getOrDefault(recipient + " delayed", 0))
          .as("delays of %s, seed %d", recipient, seed)
          .isLessThanOrEqualTo(1);
    }
    for (String recipient : silent) {
      assertThat(ends(hop, recipient)).as("%s, seed %d", recipient, seed).isLessThanOrEqualTo(1);
      assertThat(hop.told.keySet()).noneMatch(each -> each.startsWith(recipient + " "));
    }
    assertThat(loud).hasSizeGreaterThan(20);
  }

  private int ends(RandomHop hop, String recipient) {
    return hop.delivered.getOrDefault(recipient, 0)
        + hop.told.getOrDefault(recipient + " failed", 0)
        + removed.getOrDefault(recipient, 0);
  }

  private void step(Random random, Process process) throws IOException {
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> accept(random, process);
      case 3 -> carryOut(process, Command.HOLD, random);
      case 4 -> carryOut(process, Command.RELEASE, random);
      case 5 -> carryOut(process, Command.FLUSH, random);
      case 6 -> remove(process, random);
      case 7 -> carryOut(process, Command.BOUNCE, random);
      case 8 -> {
        smartHosts = random.nextBoolean();
        String line = "addressSpaces: [{domain: a%d.example}]".formatted(random.nextInt(1000));
        config.set(QueueFixture.config(TERMS, line));
      }
      default -> {}
    }
    clock.advance(Duration.ofSeconds(random.nextInt(900)));
    process.queue.startDue();
  }

  private void accept(Random random, Process process) throws IOException {
    number++;
    List<MailAddress> to = new ArrayList<>();
    List<DsnParameters.ForRecipient> asked = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(5); i++) {
      MailAddress address =
          new MailAddress("r" + number + "x" + i, "domain" + random.nextInt(4) + ".example");
      boolean never = random.nextInt(8) == 0;
      to.add(address);
      asked.add(new DsnParameters.ForRecipient(never ? Set.of() : null, null));
      (never ? silent : loud).add(address.toString());
    }
    MailAddress from =
        random.nextInt(6) == 0 ? null : new MailAddress("sender" + number, "example.org");
    try (Intake intake = process.spool.open(0)) {
      intake.write(new byte[] {'x', '\r', '\n'}, 0, 3);
      var stored =
          intake.commit(
              new Envelope(
                  from,
                  to,
                  BodyType.SEVEN_BIT,
                  false,
                  clock.instant(),
                  false,
                  new DsnParameters(null, null, asked)));
      accepted.put(stored.id(), true);
      if (from == null) {
        nobody.add(stored.id());
      }
      process.queue.enqueue(stored);
    }
  }

  private QueueId any(Random random) {
    List<QueueId> ids = accepted.keySet().stream().sorted().toList();
    return ids.isEmpty() ? new QueueId("000000000000") : ids.get(random.nextInt(ids.size()));
  }

  private void carryOut(Process process, Command command, Random random) throws IOException {
    boolean all = random.nextInt(8) == 0 && command != Command.BOUNCE;
    QueueId one = all ? null : any(random);
    QueueTools.Result result =
        one == null
            ? process.queue.tools().carryOut(command, Selection.ALL)
            : process.queue.tools().carryOut(command, List.of(one));
    // What has nobody to return to is held instead.
    if (command != Command.BOUNCE || one == null || !nobody.contains(one)) {
      assertThat(result.failed() + result.partly()).isZero();
    }
    assertThat(result.actives()).isZero();
  }

  private void remove(Process process, Random random) throws IOException {
    QueueId id = any(random);
    List<String> open =
        process.queue.tools().show(id).stream()
            .flatMap(shown -> shown.entries().stream().map(it -> it.addresses(shown.envelope())))
            .flatMap(List::stream)
            .map(MailAddress::toString)
            .toList();
    QueueTools.Result result = process.queue.tools().carryOut(Command.REMOVE, List.of(id));
    assertThat(result.done()).isEqualTo(open.isEmpty() ? 0 : 1);
    open.forEach(each -> removed.merge(each, 1, Integer::sum));
  }
}
