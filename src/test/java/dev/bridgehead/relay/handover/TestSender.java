package dev.bridgehead.relay.handover;

import dev.bridgehead.manifest.Fingerprint;
import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.relay.handover.SiblingRequest.Part;
import dev.bridgehead.relay.mail.Envelope;
import dev.bridgehead.relay.spool.MessageState;
import dev.bridgehead.relay.spool.TransferForm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.UUID;
import java.util.function.Supplier;

/** A relay that knows the token and hands over by hand, request by request. */
public final class TestSender implements AutoCloseable {
  public static final UUID SPOOL = UUID.fromString("6d5e2f3a-0000-4000-8000-000000000001");

  private final HttpClient http = HttpClient.newHttpClient();
  private final SecureRandom random = new SecureRandom();
  private final Supplier<URI> receiver;
  private final String to;
  private final String token;
  private long number;

  /**
   * @param to the pod that is meant
   */
  public TestSender(Supplier<URI> receiver, String to, String token) {
    this.receiver = receiver;
    this.to = to;
    this.token = token;
  }

  /** What is offered, before it is sealed. */
  public record Message(byte[] form, byte[] content) {}

  public static Message message(Envelope envelope, String content) {
    byte[] form = new TransferForm(envelope, MessageState.fresh(envelope)).encode();
    return new Message(form, content.getBytes(StandardCharsets.US_ASCII));
  }

  /**
   * @param session that was asked for
   */
  public record Begun(String session, int status, String list) {}

  public String path(String rest) {
    return SiblingServer.ROOT + "/" + to + "/test-edge-1/" + SPOOL + rest;
  }

  public Begun begin() throws Exception {
    String nonce = TokenProof.nonce(random);
    HttpResponse<String> hello = send("GET", path("/" + nonce), "", new byte[0]);
    if (!proof(hello).equals(SiblingRequest.hello(token, path("/" + nonce), hello.body()))) {
      throw new AssertionError("no proof with " + hello.statusCode() + " " + hello.body());
    }
    String session = nonce + "." + hello.body();
    HttpResponse<String> answer = proven("POST", path("/" + session), new byte[0]);
    return new Begun(session, answer.statusCode(), answer.body());
  }

  public HttpResponse<String> offer(String session, String id, Message message) throws Exception {
    Offer offer = prepared(session, id, message);
    return proven(offer.request, offer.body);
  }

  /** A request that was not sent yet. */
  record Offer(SiblingRequest request, byte[] body) {}

  Offer prepared(String session, String id, Message message) throws IOException {
    String path = path("/" + session + "/" + id);
    byte[] content =
        SealedBody.sealed(
                new ByteArrayInputStream(message.content),
                SiblingRequest.cipher(token, Part.CONTENT, path, ++number))
            .readAllBytes();
    byte[] digest = SealedBody.digest(new ByteArrayInputStream(content), content.length);
    byte[] head = new MessageHead(digest, message.form).sealed(token, path, number);
    byte[] body = ByteBuffer.allocate(head.length + content.length).put(head).put(content).array();
    return new Offer(
        new SiblingRequest("PUT", path, number, body.length, head.length, Fingerprint.of(head)),
        body);
  }

  public HttpResponse<String> confirm(String session, String ids) throws Exception {
    return proven(
        "POST", path("/" + session + "/confirmed"), ids.getBytes(StandardCharsets.US_ASCII));
  }

  /** Says it, and takes no answer without proof. */
  public HttpResponse<String> proven(String method, String path, byte[] body) throws Exception {
    return proven(SiblingRequest.of(method, path, ++number, body), body);
  }

  /** The same with a body that may be another than is proved. */
  HttpResponse<String> proven(SiblingRequest request, byte[] body) throws Exception {
    HttpResponse<String> answer =
        send(request.method(), request.path(), request.authorization(token), body);
    String expected =
        request.answer(token, answer.statusCode(), answer.body().getBytes(StandardCharsets.UTF_8));
    if (!proof(answer).equals(expected)) {
      throw new AssertionError("no proof with " + answer.statusCode() + " " + answer.body());
    }
    return answer;
  }

  public static String proof(HttpResponse<?> answer) {
    return answer.headers().firstValue(SiblingServer.PROOF).orElse("none");
  }

  /** Says whatever it is given. */
  public HttpResponse<String> send(String method, String path, String authorization, byte[] body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(receiver.get().resolve(path))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.close();
  }
}
