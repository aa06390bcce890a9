package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.config.CurrentConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SmtpLimitsTest {
  private static final String CLOSING = "421 4.3.2 server is shutting down\n";

  private static SessionLimits limits(int sessions, int perClient, Duration waits) {
    return new SessionLimits(
        sessions,
        perClient,
        20,
        100,
        1000,
        waits,
        waits,
        waits,
        Duration.ofSeconds(20),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10));
  }

  @Test
  void aRefusedClientIsLetGoWhateverItDoes() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(limits(50, 1, Duration.ofMinutes(5)));
        RawClient in = server.session();
        RawClient refused = server.connect()) {
      assertThat(refused.reply()).startsWith("421 4.7.0");
      // As long as the server keeps the connection, what it is sent meets no error.
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () -> assertThatThrownBy(() -> refused.send("x")).isInstanceOf(IOException.class));
      assertThat(in.ask("NOOP")).startsWith("250");
    }
  }

  @Test
  void theTwentiethErrorEndsTheSession() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      for (int i = 1; i < 20; i++) {
        assertThat(client.ask("FOO")).startsWith("500");
      }
      assertThat(client.send("FOO\r\nMAIL FROM:<a@b.example>\r\n").rest())
          .isEqualTo("421 4.7.0 too many errors\n");
    }
  }

  @Test
  @DisplayName("case 14: from half of the errors on, refusals are held back")
  void aClientThatErrsAgainAndAgainDoesSoSlowly() throws IOException {
    SessionLimits all = ServerUnderTest.LIMITS;
    SessionLimits slow =
        new SessionLimits(
            all.sessions(),
            all.sessionsPerClient(),
            all.errors(),
            all.junk(),
            all.recipients(),
            all.command(),
            all.block(),
            all.data(),
            all.write(),
            all.proxyHeader(),
            all.handshake(),
            all.close(),
            Duration.ofDays(1));
    try (ServerUnderTest server = ServerUnderTest.start(slow);
        RawClient client = server.session()) {
      for (int i = 1; i < 10; i++) {
        assertThat(client.ask("FOO")).startsWith("500");
      }
      assertThatThrownBy(() -> client.within(Duration.ofMillis(300)).ask("FOO"))
          .isInstanceOf(SocketTimeoutException.class);
      client.within(Duration.ofSeconds(20));
      server.close(); // nobody waits a day for a relay that stops
      assertThat(client.rest()).isEqualTo("500 5.5.1 command not recognized\n" + CLOSING);
    }
  }

  @Test
  void aDictionaryAttackEndsSoon() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(ServerUnderTest.config(false, null, "*"));
        RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      for (int i = 1; i < 20; i++) {
        assertThat(client.ask("RCPT TO:<u" + i + "@x.example>")).startsWith("550 5.7.1");
      }
      assertThat(client.ask("RCPT TO:<u@x.example>")).startsWith("421 4.7.0");
    }
  }

  @Test
  void refusedRecipientsOfAClientThatMayRelayAreNoErrors() throws IOException {
    try (ServerUnderTest server =
            ServerUnderTest.start(ServerUnderTest.config(true, null, "example.org"));
        RawClient client = server.transaction()) {
      for (int i = 0; i < 100; i++) {
        assertThat(client.ask("RCPT TO:<u@x.example>")).startsWith("550 5.7.1");
      }
      assertThat(client.message("hello")).startsWith("250");
    }
  }

  @Test
  void anAcceptedMessageSetsTheErrorsBack() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 15; i++) {
          client.ask("FOO");
        }
        client.ask("MAIL FROM:<a@b.example>");
        client.ask("RCPT TO:<b@example.org>");
        assertThat(client.message("hello")).startsWith("250");
      }
    }
  }

  @Test
  void endlessNoopsEndTheSession() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      assertThat(client.send("NOOP\r\n".repeat(200)).rest())
          .endsWith("421 4.7.0 too many errors\n")
          .hasLineCount(119);
    }
  }

  @Test
  void endlessRefusalsEndTheSessionToo() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      assertThat(client.send("MAIL FROM:<a@b.example> SIZE=999999999\r\n".repeat(200)).rest())
          .startsWith("552 5.3.4")
          .endsWith("421 4.7.0 too many errors\n")
          .hasLineCount(119);
    }
  }

  @Test
  void aThousandRecipientsAreEnough() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        RawClient client = server.session()) {
      client.ask("MAIL FROM:<a@b.example>");
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 1000; i++) {
        all.append("RCPT TO:<u").append(i).append("@example.org>\r\n");
      }
      client.send(all.toString());
      for (int i = 0; i < 1000; i++) {
        assertThat(client.reply()).startsWith("250");
      }
      assertThat(client.ask("RCPT TO:<one-more@example.org>")).startsWith("452 4.5.3");
      assertThat(client.ask("RCPT TO:<u0@example.org>")).startsWith("250");
      assertThat(client.message("hello")).startsWith("250");
      assertThat(server.spool.only().message().envelope().recipients()).hasSize(1000);
    }
  }

  @Test
  void anIdleClientIsToldAndClosed() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(limits(50, 40, Duration.ofMillis(200)));
        RawClient client = server.connect()) {
      assertThat(client.rest()).contains("421 4.4.2 timeout");
      await().until(() -> sessions(server) == 0);
    }
  }

  @Test
  void aStalledMessageIsEndedAndNotAccepted() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(limits(50, 40, Duration.ofMillis(300)));
        RawClient client = server.transaction()) {
      client.ask("DATA");
      assertThat(client.send("Subject: x\r\n\r\nbody\r\n").rest()).startsWith("421 4.4.2");
      assertThat(server.spool.kept).isEmpty();
      assertThat(server.spool.openIntakes).hasValue(0);
    }
  }

  @Test
  @DisplayName("case 13: a client that drips octets is ended at the deadline of the line")
  void aClientThatDripsOctetsIsEndedAtTheDeadlineOfTheLine() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(limits(50, 40, Duration.ofMillis(500)));
        RawClient client = server.session()) {
      await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(50))
          .until(
              () -> {
                try {
                  client.send("x");
                  return sessions(server) == 0;
                } catch (IOException closed) {
                  return true;
                }
              });
      assertThat(server.refused(Refusal.TIMEOUT)).isEqualTo(1);
    }
  }

  @Test
  void tooManySessionsHearWhyAndRoomComesBack() throws IOException {
    for (SessionLimits limits :
        List.of(limits(3, 50, Duration.ofSeconds(20)), limits(50, 3, Duration.ofSeconds(20)))) {
      try (ServerUnderTest server = ServerUnderTest.start(limits)) {
        List<RawClient> in = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          in.add(server.session());
        }
        try (RawClient late = server.connect()) {
          assertThat(late.rest()).startsWith("421 4.7.0 too many sessions");
        }
        assertThat(in.getFirst().ask("NOOP")).startsWith("250");
        in.removeLast().close();
        await().until(() -> sessions(server) == 2);
        try (RawClient next = server.connect()) {
          assertThat(next.reply()).startsWith("220");
        }
        for (RawClient client : in) {
          client.close();
        }
      }
    }
  }

  @Test
  void aFloodOfRecipientsEndsTheSession() throws IOException {
    SessionLimits one =
        new SessionLimits(
            50,
            40,
            20,
            100,
            1,
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10));
    try (ServerUnderTest server = ServerUnderTest.start(one);
        RawClient client = server.transaction()) {
      for (int i = 2; i < 22; i++) {
        assertThat(client.ask("RCPT TO:<u" + i + "@example.org>")).startsWith("452 4.5.3");
      }
      assertThat(client.ask("RCPT TO:<u22@example.org>")).startsWith("421 4.7.0");
    }
  }

  @Test
  void aClientThatTakesNoRepliesIsCutOff() throws IOException {
    SessionLimits limits =
        new SessionLimits(
            50,
            40,
            20,
            100,
            10_000_000,
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(400),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10));
    try (ServerUnderTest server = ServerUnderTest.start(limits);
        RawClient client = server.transaction()) {
      byte[] commands = "RCPT TO:<b@example.org>\r\n".repeat(5000).getBytes(UTF_8);
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1000; i++) {
                  client.send(commands);
                }
              })
          .isInstanceOf(IOException.class);
      await().until(() -> sessions(server) == 0);
    }
  }

  @Test
  void aPortInUseIsNamedWithAdvice() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start();
        SmtpServer second =
            new SmtpServer(
                new CurrentConfig(ServerUnderTest.config(server.port(), true, true, null, "*")),
                new MemorySpool(),
                message -> {},
                Clock.systemUTC(),
                new SimpleMeterRegistry())) {
      assertThatThrownBy(second::start)
          .isInstanceOf(BindException.class)
          .hasMessageContaining("port " + server.port())
          .hasMessageContaining("choose another");
    }
  }

  private static double sessions(ServerUnderTest server) {
    return server.metrics.get("bridgehead.smtp.sessions").gauge().value();
  }
}
