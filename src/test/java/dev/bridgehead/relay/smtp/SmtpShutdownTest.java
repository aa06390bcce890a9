package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SmtpShutdownTest {
  private static Thread closing(ServerUnderTest server) {
    return Thread.ofVirtual().start(server::close);
  }

  @Test
  void idleSessionsHear421() throws Exception {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient idle = server.session();
        RawClient fresh = server.connect()) {
      fresh.reply();
      Thread closing = closing(server);
      assertThat(idle.rest()).isEqualTo("421 4.3.2 server is shutting down\n");
      assertThat(fresh.rest()).isEqualTo("421 4.3.2 server is shutting down\n");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void aMessageUnderWayIsFinishedFirst() throws Exception {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.transaction();
        RawClient idle = server.session()) {
      client.ask("DATA");
      client.send("Subject: x\r\n\r\nfirst half, ");
      Thread closing = closing(server);
      assertThat(idle.rest()).startsWith("421 4.3.2");
      try (RawClient late = server.connect()) {
        assertThat(late.rest()).startsWith("421 4.3.2");
      }
      client.send("second half\r\n.\r\n");
      assertThat(client.rest())
          .isEqualTo("250 2.0.0 queued as TEST00000001\n421 4.3.2 server is shutting down\n");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
      assertThat(server.spool.only().text()).contains("first half, second half");
    }
  }

  @Test
  void aCommitUnderWayIsAwaited() throws Exception {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.transaction()) {
      CountDownLatch gate = new CountDownLatch(1);
      server.spool.gate = gate;
      client.ask("DATA");
      client.send("hello\r\n.\r\n");
      assertThat(server.spool.committing.await(20, TimeUnit.SECONDS)).isTrue();
      Thread closing = closing(server);
      assertThat(closing.join(Duration.ofMillis(300))).isFalse();
      gate.countDown();
      assertThat(client.reply()).startsWith("250 2.0.0");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void whatDoesNotFinishInTimeIsCutOffAndNotAccepted() throws Exception {
    SessionLimits limits = ServerUnderTest.LIMITS;
    SessionLimits hasty =
        new SessionLimits(
            50,
            40,
            20,
            100,
            1000,
            limits.command(),
            limits.block(),
            limits.data(),
            limits.write(),
            Duration.ofSeconds(5),
            Duration.ofMillis(200));
    try (ServerUnderTest server = ServerUnderTest.start(hasty);
        RawClient client = server.transaction();
        RawClient waiting = server.transaction()) {
      client.ask("DATA");
      client.send("Subject: x\r\n\r\nhalf");
      Thread closing = closing(server);
      assertThat(client.rest()).isEqualTo("421 4.3.2 server is shutting down\n");
      assertThat(waiting.rest()).isEqualTo("421 4.3.2 server is shutting down\n");
      assertThat(closing.join(Duration.ofSeconds(20))).isTrue();
      assertThat(server.spool.kept).isEmpty();
    }
  }

  @Test
  void closingTwiceOrWithoutStartIsFine() throws IOException {
    ServerUnderTest server = ServerUnderTest.start();
    server.close();
    server.close();
    assertThat(server.server().port()).isPositive();
  }
}
