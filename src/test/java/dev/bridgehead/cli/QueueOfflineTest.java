package dev.bridgehead.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.Intake;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.MessageState;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class QueueOfflineTest {
  private static final MailAddress ANN = new MailAddress("ann", "example.com");
  private static final MailAddress BEN = new MailAddress("ben", "example.net");

  private final Path data;
  private final Path to;

  QueueOfflineTest(@TempDir Path folder) {
    this.data = folder.resolve("data");
    this.to = folder.resolve("export");
  }

  private record Ran(int code, String out, String err) {}

  private static Ran run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = Main.commandLine();
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return new Ran(command.execute(args), out.toString(), err.toString());
  }

  private LogSpool spool() throws IOException {
    return LogSpool.open(data.resolve("spool"), new LocalDisk(), Clock.systemUTC());
  }

  private static QueueId store(LogSpool spool, String content) throws IOException {
    try (Intake intake = spool.open(0)) {
      intake.write(content.getBytes(UTF_8), 0, content.length());
      return intake
          .commit(
              new Envelope(
                  null, List.of(ANN, BEN), BodyType.SEVEN_BIT, false, Instant.EPOCH, false))
          .id();
    }
  }

  private static final String LARGE = "Subject: large\r\n\r\n" + "0123456789\r\n".repeat(20_000);

  @Test
  void findsASoundSpoolSoundAndExportsAllOfIt() throws IOException {
    QueueId small;
    QueueId large;
    try (LogSpool spool = spool()) {
      small = store(spool, "Subject: small\r\n\r\nhello\r\n");
      large = store(spool, LARGE);
      spool.record(
          small,
          new MessageState(
              List.of(
                  new MessageState.Group(
                      List.of(1), 3, Instant.EPOCH, MessageState.Hold.BY_HAND, true))));
      spool.record(store(spool, "gone"), MessageState.DONE);
    }
    Ran verified = run("queue", "verify", data.toString());
    assertThat(verified.code).as(verified.out + verified.err).isZero();
    assertThat(verified.out).startsWith("2 messages, ").endsWith(": sound\n");

    Ran exported = run("queue", "export", data.resolve("spool").toString(), "--to", to.toString());
    assertThat(exported.code).as(exported.out + exported.err).isZero();
    assertThat(exported.out).isEqualTo("2 of 2 messages exported to " + to + "\n");
    assertThat(to.resolve(small + ".eml")).hasContent("Subject: small\r\n\r\nhello\r\n");
    assertThat(to.resolve(large + ".eml")).hasContent(LARGE);
    JsonNode json = new ObjectMapper().readTree(to.resolve(small + ".json").toFile());
    assertThat(json.get("from").asText()).isEmpty();
    assertThat(json.get("to").get(1).asText()).isEqualTo("ben@example.net");
    assertThat(json.get("open").get(0).get("recipients").toString())
        .isEqualTo("[\"ben@example.net\"]");
    assertThat(json.get("open").get(0).get("hold").asText()).isEqualTo("BY_HAND");
  }

  @Test
  void namesWhatIsDamagedAndExportsTheRest() throws IOException {
    QueueId rotten;
    QueueId after;
    QueueId large;
    try (LogSpool spool = spool()) {
      rotten = store(spool, "Subject: rotten\r\n\r\nhello\r\n");
      after = store(spool, "Subject: after\r\n\r\nhello\r\n");
      large = store(spool, LARGE);
    }
    damage(".log", "Subject: rotten");
    damage(".body", "Subject: large");
    Ran verified = run("queue", "verify", data.toString());
    assertThat(verified.code).isEqualTo(1);
    assertThat(verified.out)
        .contains(rotten + ": the stored message fails its checksum")
        .contains(large + ": the stored message fails its checksum")
        .contains("damaged from ")
        .contains("3 messages")
        .doesNotContain(after.toString());

    Ran exported = run("queue", "export", data.toString(), "--to", to.toString());
    assertThat(exported.code).isEqualTo(1);
    assertThat(exported.out).contains("1 of 3 messages exported");
    assertThat(to.resolve(after + ".eml")).hasContent("Subject: after\r\n\r\nhello\r\n");
    assertThat(to.resolve(rotten + ".eml")).doesNotExist();
    assertThat(to.resolve(rotten + ".damaged")).hasContent("#ubject: rotten\r\n\r\nhello\r\n");
    assertThat(to.resolve(large + ".json")).exists();
  }

  @Test
  void refusesTheSpoolOfARelayThatRunsAndAFolderThatIsNone() throws IOException {
    try (LogSpool spool = spool()) {
      store(spool, "hello");
      for (String command : List.of("verify", "export")) {
        Ran ran = run("queue", command, data.toString());
        assertThat(ran.code).isEqualTo(1);
        assertThat(ran.err).contains("is in use by another relay").hasLineCount(1);
      }
    }
    Ran none = run("queue", "verify", to.toString());
    assertThat(none.code).isEqualTo(2);
    assertThat(none.err)
        .isEqualTo(to + " is no spool: name the folder that the relay had as --data\n");
  }

  private void damage(String kind, String content) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.filter(it -> it.toString().endsWith(kind)).toList()) {
        int at =
            new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1)
                .indexOf(content);
        if (at >= 0) {
          try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.seek(at);
            access.write('#');
          }
          return;
        }
      }
    }
    throw new AssertionError(content + " is nowhere");
  }
}
