package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.spool.FaultyDisk;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.Spools;
import dev.bridgehead.relay.spool.TransferForm;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay that takes over says where its disk or its queue fails. */
class TakeOverTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final UUID SPOOL = UUID.fromString("6d5e2f3a-0000-4000-8000-000000000001");
  private static final String ORIGIN = "0123456789ABCDEF";

  private final Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  TakeOverTest(@TempDir Path folder) {
    this.folder = folder.resolve("spool");
  }

  @AfterEach
  void close() {
    http.close();
  }

  private HttpResponse<String> ask(Taker taker, String method, String path, byte[] body)
      throws Exception {
    URI uri = taker.address().resolve("/v1/handover/test-edge-0/" + SPOOL + path);
    return http.send(
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> begin(Taker taker, String session) throws Exception {
    return ask(taker, "POST", "/" + session, new byte[0]);
  }

  private int offer(Taker taker, String session) throws Exception {
    Envelope envelope = QueueOnDisk.envelope("b");
    byte[] form = new TransferForm(envelope, MessageState.fresh(envelope)).encode();
    byte[] content = "Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] body =
        ByteBuffer.allocate(TakeOver.HEAD + form.length + content.length)
            .putInt(form.length)
            .putLong(content.length)
            .put(form)
            .put(content)
            .array();
    return ask(taker, "PUT", "/" + session + "/" + ORIGIN, body).statusCode();
  }

  @Test
  void saysNothingClearWhileAMessageWhoseSyncFailedMayComeBack() throws Exception {
    try (Taker taker = new Taker(folder)) {
      assertThat(begin(taker, "one").statusCode()).isEqualTo(200);
      taker.storage.disk.failing(FaultyDisk.Call.SYNC, "Input/output error");

      assertThat(offer(taker, "one")).isEqualTo(500);
      assertThat(begin(taker, "two").statusCode()).isEqualTo(503);

      // Once the log says where it ended, the message can't come back.
      taker.storage.disk.failing((_, _) -> {});
      await().atMost(SOON).until(() -> begin(taker, "three").statusCode() == 200);
      assertThat(begin(taker, "four").body()).isEmpty();
    }
    assertThat(found()).isZero();
  }

  @Test
  void refusesClearlyAMessageWhoseSyncFailedOnceTheLogSaysThatItDoesNotCount() throws Exception {
    try (Taker taker = new Taker(folder)) {
      assertThat(begin(taker, "one").statusCode()).isEqualTo(200);
      taker.storage.disk.failingOnce(FaultyDisk.Call.SYNC, "Input/output error");

      assertThat(offer(taker, "one")).isEqualTo(503);
      assertThat(begin(taker, "two").statusCode()).isEqualTo(200);
    }
    assertThat(found()).isZero();
  }

  @Test
  void givesNoListUntilARestartWhereOneThatItStoredIsNotQueued() throws Exception {
    QueueOnDisk storage = new QueueOnDisk(folder);
    try (Taker taker =
        new Taker(
            storage,
            _ -> {
              throw new IllegalStateException("a defect");
            })) {
      assertThat(begin(taker, "one").statusCode()).isEqualTo(200);

      assertThat(offer(taker, "one")).isEqualTo(500);
      assertThat(begin(taker, "two").statusCode()).isEqualTo(503);
    }
    assertThat(found()).isOne();
  }

  @Test
  void givesNoListUntilARestartAfterADefectInTheSync() throws Exception {
    try (Taker taker = new Taker(folder)) {
      assertThat(begin(taker, "one").statusCode()).isEqualTo(200);
      taker.storage.disk.failing(
          (call, _) -> {
            if (call == FaultyDisk.Call.SYNC) {
              throw new IllegalStateException("a defect");
            }
          });

      assertThat(offer(taker, "one")).isEqualTo(500);
      taker.storage.disk.failing((_, _) -> {});
      taker.storage.spool.sync();
      assertThat(begin(taker, "two").statusCode()).isEqualTo(503);
    }
    assertThat(found()).as("this sync had the message too").isOne();
  }

  private int found() throws IOException {
    try (LogSpool spool = LogSpool.open(folder, new LocalDisk(), Clock.systemUTC())) {
      return Spools.recovered(spool).size();
    }
  }
}
