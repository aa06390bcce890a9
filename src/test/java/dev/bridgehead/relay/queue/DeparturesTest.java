package dev.bridgehead.relay.queue;

import static dev.bridgehead.relay.queue.QueueFixture.ANN;
import static dev.bridgehead.relay.queue.QueueFixture.SENDER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Outcome.Reason;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.routing.Destination;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that another relay was to take over, and that stay. */
class DeparturesTest {
  private final QueueFixture f;

  DeparturesTest(@TempDir Path folder) throws IOException {
    this.f = new QueueFixture(folder);
  }

  @AfterEach
  void close() throws IOException {
    f.close();
  }

  private QueueId deferred() throws IOException {
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    QueueId id = f.accept(SENDER, ANN).id();
    f.queue.startDue();
    f.hop.answer(ANN, ScriptedDelivery.DELIVERED);
    return id;
  }

  @Test
  void areTriedAtOnceWhereTheNextHopChangedWhileTheyWereInHand() throws IOException {
    QueueId id = deferred();
    assertThat(f.queue.departures().next(null).taken()).isTrue();
    f.destination = _ -> new Destination.SmartHosts();
    f.configure("addressSpaces: [{domain: one.example}]");

    f.queue.departures().putBack(id);
    f.queue.startDue();

    assertThat(f.hop.attempts().getLast().destination()).isEqualTo(new Destination.SmartHosts());
    assertThat(f.queue.queued()).isZero();
  }

  @Test
  void waitAsBeforeWhereNothingChangedWhileTheyWereInHand() throws IOException {
    QueueId id = deferred();
    f.configure("addressSpaces: [{domain: two.example}]");
    f.hop.answer(ANN, ScriptedDelivery.deferred(Reason.CONNECT));
    f.queue.startDue();
    assertThat(f.hop.attempts()).hasSize(2);
    assertThat(f.queue.departures().next(null).taken()).isTrue();

    f.queue.departures().putBack(id);
    f.queue.startDue();

    assertThat(f.hop.attempts()).hasSize(2);
    assertThat(f.queue.queued()).isOne();
  }

  @Test
  void stayHeldByHandWhateverChangedWhileTheyWereInHand() throws IOException {
    QueueId id = deferred();
    assertThat(f.queue.tools().carryOut(Command.HOLD, List.of(id)).done()).isOne();
    assertThat(f.queue.departures().next(null).taken()).isTrue();
    f.configure("postmaster: postmaster@example.com");

    f.queue.departures().putBack(id);
    f.queue.startDue();

    assertThat(f.held()).isOne();
    assertThat(f.hop.attempts()).hasSize(1);
  }
}
