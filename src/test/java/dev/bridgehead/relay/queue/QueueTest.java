package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.BEN;
import static dev.bridgehead.relay.queue.QueueFixture.CAT;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.spool.Spools;
import dev.bridgehead.relay.spool.StoredMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When mail is tried, and what a restart remembers. */
class QueueTest {
  private final QueueFixture f;

  QueueTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  @Test
  void makesOneAttemptPerDestination() throws Exception {
    f.accept(SENDER, ANN, CAT, BEN);
    f.queue.startDue();
    assertThat(f.attempted()).containsExactlyInAnyOrder(List.of(ANN, BEN), List.of(CAT));
    assertThat(f.queue.queued()).isZero();
    assertThat(f.metrics.counter("bridgehead.messages.delivered").count()).isEqualTo(3);
  }

  @Test
  void leavesNothingOnDiskWhenEverybodyHasIt() throws Exception {
    f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    assertThat(f.spool.liveBytes()).isZero();
    f.restart();
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void triesAgainByTheScheduleAndOnlyForThoseStillOpen() throws Exception {
    f.hop.answer(BEN, ScriptedDelivery.deferred(Reason.REPLY));
    f.accept(SENDER, ANN, BEN);
    f.queue.startDue();
    f.after(Duration.ofSeconds(59));
    assertThat(f.attempted()).containsExactly(List.of(ANN, BEN));
    f.after(Duration.ofSeconds(8));
    assertThat(f.attempted()).containsExactly(List.of(ANN, BEN), List.of(BEN));
    f.after(Duration.ofMinutes(9));
    assertThat(f.attempted()).hasSize(2);
    f.hop.answer(BEN, ScriptedDelivery.DELIVERED);
    f.after(Duration.ofMinutes(2));
    assertThat(f.attempted()).hasSize(3);
    assertThat(f.queue.queued()).isZero();
    assertThat(f.metrics.counter("bridgehead.messages.deferred", "reason", "reply").count())
        .isEqualTo(2);
  }

  @Test
  void remembersOverARestartWhoHasItAndWhenTheOthersAreDue() throws Exception {
    f.hop.answer(CAT, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN, CAT);
    f.queue.startDue();
    f.restart();
    f.queue.startDue();
    assertThat(f.hop.attempts()).hasSize(2);
    f.after(Duration.ofSeconds(70));
    assertThat(f.attempted().getLast()).containsExactly(CAT);
    assertThat(f.hop.attempts()).hasSize(3);
  }

  @Test
  void waitsOneIntervalAtMostAfterARestartThoughTheClockWasSetBackMeanwhile() throws Exception {
    f.hop.answer(CAT, ScriptedDelivery.deferred(Reason.CONNECT));
    f.clock.advance(Duration.ofHours(20));
    f.accept(SENDER, CAT);
    f.queue.startDue();
    f.accept(SENDER, ANN);
    f.clock.advance(Duration.ofHours(-20));
    f.restart();
    f.after(Duration.ofMinutes(12));
    assertThat(f.hop.attempts()).hasSize(3);
    assertThat(f.attempted()).contains(List.of(ANN));
  }

  @Test
  void hasADeliveryOnDiskWhileItsAttemptGoesOnForOthers() throws Exception {
    List<Set<Integer>> found = new ArrayList<>();
    f.hop.answer(CAT, ScriptedDelivery.deferred(Reason.REPLY));
    f.hop.meanwhile(
        attempt -> {
          if (attempt.recipients().contains(BEN)) {
            attempt.progress().delivered(Map.of(1, ScriptedDelivery.DELIVERED));
            found.add(Spools.settled(f.afterACrash().getFirst()));
          }
        });
    f.accept(SENDER, CAT, ANN, BEN);
    f.queue.startDue();
    assertThat(found).containsExactly(Set.of(2));
  }

  @Test
  void doesNotRepeatADeliveryWhoseAttemptBrokeOffLater() throws Exception {
    f.hop.meanwhile(
        attempt -> {
          attempt.progress().delivered(Map.of(0, ScriptedDelivery.DELIVERED));
          throw new IllegalStateException("a defect");
        });
    f.accept(SENDER, ANN, BEN);
    f.queue.startDue();
    f.hop.meanwhile(_ -> {});
    f.after(Duration.ofMinutes(2));
    assertThat(f.attempted()).containsExactly(List.of(ANN, BEN), List.of(BEN));
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void survivesADeliveryThatThrows() throws Exception {
    f.hop.answer(
        ANN,
        _ -> {
          throw new IllegalStateException("a defect");
        });
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(f.queue.queued()).isOne();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.after(Duration.ofMinutes(2));
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void knowsItsOldestMessage() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    StoredMessage first = f.accept(SENDER, ANN);
    f.clock.advance(Duration.ofSeconds(5));
    f.accept(SENDER, ANN);
    assertThat(f.queue.oldest()).contains(first.envelope().arrived());
    assertThat(f.queue.queued()).isEqualTo(2);
    assertThat(f.metrics.get("bridgehead.queue.oldest").gauge().value()).isEqualTo(5);
  }
}
