package dev.bridgehead.relay.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.relay.spool.FaultyDisk;
import dev.bridgehead.relay.spool.LocalDisk;
import dev.bridgehead.relay.spool.LogSpool;
import dev.bridgehead.relay.spool.Spools;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a relay that takes over says where its disk or its queue fails. */
class TakeOverTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String ORIGIN = "0123456789ABCDEF";
  private static final TestSender.Message MESSAGE =
      TestSender.message(QueueOnDisk.envelope("b"), "Subject: x\r\n\r\nx\r\n");

  private final Path folder;

  TakeOverTest(@TempDir Path folder) {
    this.folder = folder.resolve("spool");
  }

  private TestSender sender(Taker taker) {
    return new TestSender(taker::address, Taker.PLACE.toString(), Taker.TOKEN);
  }

  private static int offer(TestSender sender, String session) throws Exception {
    return sender.offer(session, ORIGIN, MESSAGE).statusCode();
  }

  @Test
  void saysNothingClearWhileAMessageWhoseSyncFailedMayComeBack() throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      TestSender.Begun one = sender.begin();
      assertThat(one.status()).isEqualTo(200);
      taker.storage.disk.failing(FaultyDisk.Call.SYNC, "Input/output error");

      assertThat(offer(sender, one.session())).isEqualTo(500);
      assertThat(sender.begin().status()).isEqualTo(503);

      // Once the log says where it ended, the message can't come back.
      taker.storage.disk.failing((_, _) -> {});
      await().atMost(SOON).until(() -> sender.begin().status() == 200);
      assertThat(sender.begin().list()).isEmpty();
    }
    assertThat(found()).isZero();
  }

  @Test
  void refusesClearlyAMessageWhoseSyncFailedOnceTheLogSaysThatItDoesNotCount() throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      TestSender.Begun one = sender.begin();
      assertThat(one.status()).isEqualTo(200);
      taker.storage.disk.failingOnce(FaultyDisk.Call.SYNC, "Input/output error");

      assertThat(offer(sender, one.session())).isEqualTo(503);
      assertThat(sender.begin().status()).isEqualTo(200);
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
                });
        TestSender sender = sender(taker)) {
      TestSender.Begun one = sender.begin();
      assertThat(one.status()).isEqualTo(200);

      assertThat(offer(sender, one.session())).isEqualTo(500);
      assertThat(sender.begin().status()).isEqualTo(503);
    }
    assertThat(found()).isOne();
  }

  @Test
  void givesNoListUntilARestartAfterADefectInTheSync() throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      TestSender.Begun one = sender.begin();
      assertThat(one.status()).isEqualTo(200);
      taker.storage.disk.failing(
          (call, _) -> {
            if (call == FaultyDisk.Call.SYNC) {
              throw new IllegalStateException("a defect");
            }
          });

      assertThat(offer(sender, one.session())).isEqualTo(500);
      taker.storage.disk.failing((_, _) -> {});
      taker.storage.spool.sync();
      assertThat(sender.begin().status()).isEqualTo(503);
    }
    assertThat(found()).as("this sync had the message too").isOne();
  }

  @Test
  void looksAtNoEnvelopeThatCameOtherwiseThanItWasSent() throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      TestSender.Message unreadable = new TestSender.Message(new byte[] {77}, MESSAGE.content());
      String session = sender.begin().session();
      assertThat(sender.offer(session, ORIGIN, unreadable).statusCode()).isEqualTo(400);

      TestSender.Offer offer = sender.prepared(session, ORIGIN, unreadable);
      offer.body()[MessageHead.DIGEST] ^= 1;

      HttpResponse<String> answer = sender.proven(offer.request(), offer.body());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).isEqualTo("it came otherwise than it was sent\n");
    }
    assertThat(found()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1, 1 << 20})
  void takesNoBodyOfAnotherLengthThanIsProved(int more) throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      TestSender.Offer offer = sender.prepared(sender.begin().session(), ORIGIN, MESSAGE);
      SiblingRequest request = offer.request();
      byte[] other = Arrays.copyOf(offer.body(), offer.body().length + more);
      String authorization = request.authorization(Taker.TOKEN);

      assertThat(sender.send("PUT", request.path(), authorization, other).statusCode())
          .isEqualTo(401);
      assertThat(sender.proven(request, offer.body()).statusCode()).isEqualTo(200);
    }
    assertThat(found()).isOne();
  }

  @Test
  void takesNoListAndNoEnvelopeThatIsTooLong() throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      String session = sender.begin().session();
      String line = ORIGIN + "\n";
      String list = line.repeat((1 << 20) / line.length() + 1);
      byte[] form = new byte[MessageHead.LONGEST];

      assertThat(sender.confirm(session, list).statusCode()).isEqualTo(400);
      assertThat(
              sender.offer(session, ORIGIN, new TestSender.Message(form, MESSAGE.content())).body())
          .isEqualTo("it is too long\n");
      assertThat(offer(sender, session)).isEqualTo(200);
    }
    assertThat(found()).isOne();
  }

  @Test
  void provesThatItDoesNotKnowWhatBecameOfAMessageAfterADefect() throws Exception {
    try (Taker taker = new Taker(folder);
        TestSender sender = sender(taker)) {
      String session = sender.begin().session();
      taker.storage.disk.failing(
          (call, _) -> {
            if (call == FaultyDisk.Call.CREATE) {
              throw new IllegalStateException("a defect");
            }
          });
      TestSender.Message large =
          TestSender.message(QueueOnDisk.envelope("b"), "0123456789\r\n".repeat(20_000));

      HttpResponse<String> answer = sender.offer(session, ORIGIN, large);

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).isEqualTo("a defect: see the log of test-edge-0\n");
      taker.storage.disk.failing((_, _) -> {});
      assertThat(sender.begin().list()).isEmpty();
    }
    assertThat(found()).isZero();
  }

  private int found() throws IOException {
    try (LogSpool spool = LogSpool.open(folder, new LocalDisk(), Clock.systemUTC())) {
      return Spools.recovered(spool).size();
    }
  }
}
