package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.routing.Destination;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a change of the configuration does to mail that waits. */
class QueueChangeTest {
  private final QueueFixture f;

  QueueChangeTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  @Test
  void movesWhatIsDeferredWhenTheNextHopChanges() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    f.destination = _ -> new Destination.SmartHosts();
    f.configure("addressSpaces: [{domain: one.example}]");
    f.queue.startDue();
    assertThat(f.hop.attempts().getLast().destination()).isEqualTo(new Destination.SmartHosts());
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void triesAgainAtOnceWhatWasUnderWayWhenTheNextHopChanged() throws Exception {
    f.hop.answer(
        ANN,
        _ -> {
          f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
          f.configure("addressSpaces: [{domain: one.example}]");
          return ScriptedDelivery.deferred(Reason.CONNECT);
        });
    f.accept(SENDER, ANN);
    f.queue.startDue();
    assertThat(f.hop.attempts()).hasSize(2);
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void forgetsDeadHostsBeforeItMovesMail() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.configure("addressSpaces: [{domain: one.example}]");
    assertThat(f.forgotten).isOne();
  }

  @Test
  void leavesWhatIsDeferredWhereItIsWhenSomethingElseChanges() throws Exception {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.accept(SENDER, ANN);
    f.queue.startDue();
    f.configure("access: {allowedClients: [10.0.0.0/8]}");
    f.queue.startDue();
    assertThat(f.hop.attempts()).hasSize(1);
    assertThat(f.queue.queued()).isOne();
  }
}
