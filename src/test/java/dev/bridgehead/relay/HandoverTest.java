package dev.bridgehead.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.bridgehead.relay.handover.TestSender;
import dev.bridgehead.relay.mail.BodyType;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.mail.MailAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one relay hands over to another, both whole, in this process. */
class HandoverTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String ORIGIN = "0123456789ABCDEF";

  private final SiblingPods pods;
  private final TestSender sender;

  HandoverTest(@TempDir Path folder) throws IOException {
    pods = new SiblingPods(folder, 1);
    pods.stays().start();
    sender =
        new TestSender(
            () -> URI.create("http://127.0.0.1:" + pods.stays().relay().managementPort()),
            "test-edge-0",
            "secret");
  }

  @AfterEach
  void stop() {
    sender.close();
    pods.close();
  }

  private static String as(JsonNode entry) {
    return entry.get("arrived").asText()
        + entry.get("attempts").asInt()
        + entry.get("state").asText()
        + entry.get("hold").asText()
        + entry.get("recipients")
        + entry.get("size").asLong();
  }

  @Test
  void isAsItWasAtTheOtherRelay() throws Exception {
    pods.goes().start();
    assertThat(pods.goes().state().get("pod").asText()).isEqualTo("test-edge-1");
    pods.goes().accept(3, "m");
    await()
        .atMost(SOON)
        .until(
            () -> pods.goes().list().stream().anyMatch(each -> each.get("attempts").asInt() == 1));
    String held = pods.goes().list().getLast().get("id").asText();
    HttpResponse<String> hold =
        pods.goes()
            .ask(
                "POST",
                "/v1/queue/hold",
                ("{\"ids\":[\"" + held + "\"]}").getBytes(StandardCharsets.UTF_8));
    assertThat(hold.body()).contains("\"done\":1");
    List<String> before = pods.goes().list().stream().map(HandoverTest::as).sorted().toList();

    pods.goes().routeTo("dead.example.net", 1);
    pods.goes().awaitDrain("empty");

    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(pods.stays().list().stream().map(HandoverTest::as).sorted().toList())
                    .hasSize(3)
                    .anyMatch(each -> each.contains("by hand"))
                    .containsAnyElementsOf(before));
    assertThat(pods.goes().get("/metrics")).contains("bridgehead_handed_over_messages_total 3.0");
    assertThat(pods.stays().get("/metrics")).contains("bridgehead_taken_over_messages_total 3.0");
  }

  @Test
  void carriesALargeMessageWhole() throws Exception {
    pods.goes().start();
    String content = "Subject: large\r\n\r\n" + "0123456789\r\n".repeat(60_000);
    TestClient.send(pods.goes().relay().smtpPort(), "a@example.org", "b@example.com", content);

    String before = pods.goes().list().getFirst().get("id").asText();
    String whole = pods.goes().get("/v1/queue/messages/" + before + "/content");

    pods.goes().routeTo("dead.example.net", 1);
    pods.goes().awaitDrain("empty");

    String after = pods.stays().list().getFirst().get("id").asText();
    assertThat(after).isNotEqualTo(before);
    boolean same = pods.stays().get("/v1/queue/messages/" + after + "/content").equals(whole);
    assertThat(same).isTrue();
  }

  @Test
  void waitsWhileItsSiblingIsDrainedItselfAndTakesMailAgainWhenItIsNotMeantAnyMore()
      throws Exception {
    pods.stays().routeTo("dead.example.net", 0);
    pods.stays().awaitDrain("empty");
    pods.goes().start();
    pods.goes().accept(1, "m");

    pods.goes().routeTo("dead.example.net", 1);
    pods.goes().awaitDrain("draining");
    assertThat(pods.stays().queued()).isZero();

    pods.goes().routeTo("alive.example.net", 2);
    pods.goes().awaitDrain("none");
    pods.goes().accept(1, "n");
    await().atMost(SOON).until(() -> pods.arrived.size() == 2);
  }

  @Test
  void deliversNothingThatASiblingMayHaveBeforeThatOneWasAsked() throws Exception {
    pods.goes().askingAgainAfter(Duration.ofSeconds(2)); // it dies before
    pods.goes().start();
    pods.goes().accept(5, "m");
    pods.goes().toSibling().loseAnswersToOffers(true);
    pods.goes().routeTo("dead.example.net", 1);
    await().atMost(SOON).until(() -> pods.stays().queued() == 5);
    pods.goes().die();
    pods.goes().toSibling().cut(100);
    pods.goes().routeTo("alive.example.net", null);

    pods.goes().start();

    await()
        .during(Duration.ofSeconds(1))
        .atMost(SOON)
        .until(() -> pods.arrived.isEmpty() && pods.goes().queued() > 0);
    assertThat(pods.goes().list())
        .allSatisfy(
            each ->
                assertThat(each.get("reason").asText())
                    .isEqualTo("may have been handed over to test-edge-0, being asked"));

    pods.goes().toSibling().cut(0);
    await().atMost(SOON).until(() -> pods.goes().queued() == 0);
    pods.stays().routeTo("alive.example.net", null);
    await().atMost(SOON).until(() -> pods.arrived.size() == 5 && pods.stays().queued() == 0);
    assertThat(pods.arrived).doesNotHaveDuplicates();
  }

  private static TestSender.Message message(String recipient) {
    Envelope envelope =
        new Envelope(
            new MailAddress("a", "example.org"),
            List.of(new MailAddress(recipient, "example.com")),
            BodyType.SEVEN_BIT,
            false,
            Instant.parse("2026-01-01T00:00:00Z"),
            false);
    return TestSender.message(envelope, "Subject: x\r\n\r\nx\r\n");
  }

  private HttpResponse<String> put(TestSender.Begun session, TestSender.Message message)
      throws Exception {
    return sender.offer(session.session(), ORIGIN, message);
  }

  @Test
  void answersARepeatWithTheFirstReplyAlsoOnceItIsDeliveredAndAfterARestart() throws Exception {
    pods.stays().routeTo("alive.example.net", null);
    TestSender.Begun one = sender.begin();
    assertThat(one.list()).isEmpty();
    HttpResponse<String> first = put(one, message("b"));
    assertThat(first.statusCode()).isEqualTo(200);
    await().atMost(SOON).until(() -> pods.arrived.size() == 1 && pods.stays().queued() == 0);

    assertThat(put(one, message("b")).body()).isEqualTo(first.body());
    pods.stays().stop();
    pods.stays().start();
    TestSender.Begun two = sender.begin();
    assertThat(two.list()).isEqualTo(ORIGIN + " " + first.body());
    assertThat(put(two, message("b")).body()).isEqualTo(first.body());

    // Not empty while its sibling may ask; nor is it there for a postmaster.
    pods.stays().routeTo("alive.example.net", 0);
    pods.stays().awaitDrain("draining");
    assertThat(pods.stays().list()).isEmpty();
    assertThat(sender.confirm(two.session(), ORIGIN + "\n").statusCode()).isEqualTo(200);
    pods.stays().awaitDrain("empty");
    assertThat(pods.arrived).hasSize(1);
  }

  @Test
  void storesNothingOfASessionThatIsOver() throws Exception {
    TestSender.Begun one = sender.begin();
    assertThat(one.list()).isEmpty();
    TestSender.Begun two = sender.begin();
    assertThat(two.list()).isEmpty();

    assertThat(put(one, message("b")).statusCode()).isEqualTo(410);
    assertThat(pods.stays().queued()).isZero();
  }

  @Test
  void refusesWhatItCantReadAndWhatIsMeantForAnotherPod() throws Exception {
    TestSender.Begun one = sender.begin();
    assertThat(one.list()).isEmpty();
    TestSender.Message whole = message("b");

    TestSender.Message none = new TestSender.Message(new byte[] {77}, whole.content());
    assertThat(put(one, none).statusCode()).isEqualTo(400);
    String elsewhere = sender.path("/" + one.session()).replace("test-edge-0", "test-edge-7");
    assertThat(sender.proven("POST", elsewhere, new byte[0]).statusCode()).isEqualTo(421);
    assertThat(pods.stays().queued()).isZero();
    assertThat(put(one, whole).statusCode()).isEqualTo(200);
  }

  @Test
  void isNotOpenedByTheToken() throws Exception {
    TestSender.Begun one = sender.begin();
    for (String path : List.of("/" + one.session(), "/" + one.session() + "/" + ORIGIN)) {
      HttpResponse<String> answer =
          pods.stays()
              .ask(path.length() > 70 ? "PUT" : "POST", sender.path(path), message("b").content());
      assertThat(answer.statusCode()).isEqualTo(401);
    }
    assertThat(pods.stays().queued()).isZero();
    assertThat(pods.stays().get("/metrics"))
        .contains("bridgehead_unproven_siblings_total{peer=\"sender\"} 2.0");
  }

  @Test
  void givesAPodOfAnEarlierVersionNoAnswerThatIsClear() throws Exception {
    for (String method : List.of("GET", "POST", "PUT")) {
      String path = sender.path("/" + "0".repeat(32)).replace("/v2/", "/v1/");
      HttpResponse<String> answer = sender.send(method, path, "", new byte[0]);

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(TestSender.proof(answer)).isEqualTo("none");
    }
  }
}
