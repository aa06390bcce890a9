package dev.bridgehead.relay.handover;

import dev.bridgehead.manifest.Fingerprint;
import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.relay.handover.SiblingRequest.Answered;
import dev.bridgehead.relay.handover.SiblingRequest.Part;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures.Leaving;
import dev.bridgehead.relay.spool.TransferForm;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is said to siblings, over HTTP; {@link SiblingServer} is the other end. It learns nothing
 * but names before it has proved that it knows the bridgehead's token, and no answer counts without
 * such a proof. Any thread.
 */
final class SiblingClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Octets a second that a sibling must take at least. */
  private static final long SLOWEST = 128 << 10;

  /** Octets of a list: a million ids. */
  private static final int LONGEST_LIST = 64 << 20;

  private static final int LONGEST_ANSWER = 8 << 10;
  private static final int LONGEST_REASON = 200;
  private static final String NO_TOKEN = "this relay has no token yet";
  private static final Pattern CHALLENGE = Pattern.compile("[0-9a-f]{32}");

  private final Place me;
  private final UUID spool;
  private final Function<Place, URI> addresses;
  private final Supplier<String> token;
  private final Counter unproven;
  private final SecureRandom random = new SecureRandom();

  /** Of requests, all sessions together: none has one twice. */
  private final AtomicLong numbers = new AtomicLong();

  private @Nullable HttpClient http;
  private boolean closed;

  /**
   * @param spool this relay's
   * @param addresses where a sibling's management API is: scheme, host and port
   * @param token of the bridgehead; asked for each time
   */
  SiblingClient(
      Place me,
      UUID spool,
      Function<Place, URI> addresses,
      Supplier<String> token,
      MeterRegistry metrics) {
    this.me = me;
    this.spool = spool;
    this.addresses = addresses;
    this.token = token;
    this.unproven = SiblingServer.unproven(metrics, "receiver");
  }

  /** What became of an offer. */
  sealed interface Reply {
    /**
     * It is on the sibling's disk.
     *
     * @param as its name there
     */
    record Taken(QueueId as) implements Reply {}

    /** The sibling does not have it, and will not: it proved to say so. */
    record Refused(int status, String why) implements Reply {}

    /** It can't be read to its end here: the sibling does not have it, nor will anybody. */
    record Unreadable(String why) implements Reply {}

    /** Nobody knows. */
    record Unknown(String why) implements Reply {}
  }

  /**
   * A session that began.
   *
   * @param has what the sibling has of ours that was not confirmed: our names to its names
   */
  record Begun(String session, Map<QueueId, QueueId> has) {}

  /**
   * Begins a session: what was offered in an earlier one and has not been stored by now never is.
   *
   * @throws UnprovenException where whoever answers does not know the token
   * @throws IOException where it does not say
   */
  Begun begin(Place to) throws IOException, InterruptedException {
    String key = key();
    String path = path(to) + "/" + TokenProof.nonce(random);
    Answer hello =
        send(
            to,
            "GET",
            path,
            "",
            BodyPublishers.noBody(),
            PATIENCE,
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER));
    if (hello.status != 200 && hello.status != SiblingServer.UNPROVEN) {
      throw new IOException(hello.reason());
    }
    String challenge = hello.text();
    if (!CHALLENGE.matcher(challenge).matches()
        || !TokenProof.same(hello.proof, SiblingRequest.hello(key, path, challenge))) {
      throw unproven(to);
    }
    String session = path.substring(path.lastIndexOf('/') + 1) + "." + challenge;
    SiblingRequest request =
        SiblingRequest.of("POST", path(to) + "/" + session, number(), new byte[0]);
    Answer answer = proven(to, key, request, BodyPublishers.noBody(), PATIENCE, LONGEST_LIST);
    Map<QueueId, QueueId> has = new LinkedHashMap<>();
    for (String line : answer.said().lines().toList()) {
      String[] names = line.split(" ", -1);
      if (names.length != 2 || !QueueId.isOne(names[0]) || !QueueId.isOne(names[1])) {
        throw new IOException("it answers what no relay does");
      }
      has.put(new QueueId(names[0]), new QueueId(names[1]));
    }
    return new Begun(session, has);
  }

  /** Tells it, in a session, that it will not be asked for these again. */
  void confirm(Place to, String session, Collection<QueueId> ids)
      throws IOException, InterruptedException {
    String lines = ids.stream().map(id -> id + "\n").collect(Collectors.joining());
    byte[] body = lines.getBytes(StandardCharsets.US_ASCII);
    SiblingRequest request =
        SiblingRequest.of("POST", path(to) + "/" + session + "/confirmed", number(), body);
    String unused =
        proven(to, key(), request, BodyPublishers.ofByteArray(body), PATIENCE, LONGEST_ANSWER)
            .said();
  }

  /** A message's content, from its start each time. */
  interface Content {
    InputStream open() throws IOException;
  }

  /** Offers a message. */
  Reply offer(Place to, String session, Leaving leaving, Content content)
      throws InterruptedException {
    byte[] form = new TransferForm(leaving.envelope(), leaving.state()).encode();
    String key = token.get();
    if (key.isEmpty()) {
      return new Reply.Refused(TakeOver.CLOSED, NO_TOKEN);
    }
    String path = path(to) + "/" + session + "/" + leaving.id();
    long number = number();
    Content sealed =
        () ->
            SealedBody.sealed(
                content.open(), SiblingRequest.cipher(key, Part.CONTENT, path, number));
    byte[] head;
    try (InputStream once = sealed.open()) {
      byte[] digest = SealedBody.digest(once, leaving.size());
      head = new MessageHead(digest, form).sealed(key, path, number);
    } catch (IOException e) {
      return new Reply.Unreadable(reason(e));
    }
    long length = head.length + leaving.size();
    SiblingRequest request =
        new SiblingRequest("PUT", path, number, length, head.length, Fingerprint.of(head));
    try (InputStream again =
        new SequenceInputStream(new ByteArrayInputStream(head), sealed.open())) {
      BodyPublisher body =
          BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> again), length);
      Duration patience = PATIENCE.plusSeconds(length / SLOWEST);
      return reply(proven(to, key, request, body, patience, LONGEST_ANSWER));
    } catch (ConnectException e) { // nothing was said
      return new Reply.Refused(TakeOver.CLOSED, reason(e));
    } catch (IOException e) {
      return new Reply.Unknown(reason(e));
    }
  }

  private static Reply reply(Answer answer) {
    return switch (answer.status) {
      case 200 ->
          QueueId.isOne(answer.text())
              ? new Reply.Taken(new QueueId(answer.text()))
              : new Reply.Unknown("it answers what no relay does");
      case TakeOver.UNREADABLE, TakeOver.OTHER_SESSION, TakeOver.CLOSED, TakeOver.NO_ROOM ->
          new Reply.Refused(answer.status, answer.printable());
      default -> new Reply.Unknown(answer.reason());
    };
  }

  private String key() throws IOException {
    String key = token.get();
    if (key.isEmpty()) {
      throw new IOException(NO_TOKEN);
    }
    return key;
  }

  private String path(Place to) {
    return SiblingServer.ROOT + "/" + to + "/" + me + "/" + spool;
  }

  private long number() {
    return numbers.incrementAndGet();
  }

  private UnprovenException unproven(Place to) {
    unproven.increment();
    return new UnprovenException(
        "who answers at " + addresses.apply(to) + " does not prove that it knows the token");
  }

  /** An answer as it came; not to be trusted before it is proven. */
  private record Answer(int status, byte[] body, String proof) {
    String text() {
      return new String(body, StandardCharsets.UTF_8).strip();
    }

    String printable() {
      return SiblingClient.printable(text());
    }

    String reason() {
      return "it answers " + status + " " + printable();
    }

    String said() throws IOException {
      if (status != 200) {
        throw new IOException(reason());
      }
      return text();
    }
  }

  /**
   * Sends what proves itself, and takes no answer that does not: of one without a proof nothing is
   * read.
   */
  private Answer proven(
      Place to,
      String key,
      SiblingRequest request,
      BodyPublisher body,
      Duration patience,
      int longest)
      throws IOException, InterruptedException {
    AtomicReference<Optional<Answered>> proven = new AtomicReference<>();
    BodyHandler<byte[]> handler =
        head -> {
          String proof = head.headers().firstValue(SiblingServer.PROOF).orElse("");
          proven.set(request.answered(key, head.statusCode(), proof));
          int most = proven.get().map(Answered::length).orElse(0);
          return BodySubscribers.limiting(BodySubscribers.ofByteArray(), Math.min(most, longest));
        };
    Answer answer;
    try {
      answer =
          send(
              to,
              request.method(),
              request.path(),
              request.authorization(key),
              body,
              patience,
              handler);
    } catch (IOException e) {
      Optional<Answered> head = proven.get();
      throw head != null && head.isEmpty() ? unproven(to) : e;
    }
    byte[] octets = answer.body;
    if (!proven.get().filter(answered -> answered.is(octets)).isPresent()) {
      throw unproven(to);
    }
    return answer;
  }

  private Answer send(
      Place to,
      String method,
      String path,
      String authorization,
      BodyPublisher body,
      Duration patience,
      BodyHandler<byte[]> handler)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(addresses.apply(to).resolve(path)).method(method, body);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    var asked = client().sendAsync(request.build(), handler);
    try { // the request's own limit ends with the answer's header
      HttpResponse<byte[]> response = asked.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(
          response.statusCode(),
          response.body(),
          response.headers().firstValue(SiblingServer.PROOF).orElse(""));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConnectException refused) {
        throw refused;
      }
      if (e.getCause() instanceof HttpConnectTimeoutException) {
        throw new ConnectException("no connection within " + CONNECT.toSeconds() + " s");
      }
      throw new IOException(reason(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + patience.toSeconds() + " s", e);
    } finally {
      asked.cancel(true);
    }
  }

  private static String reason(@Nullable Throwable e) {
    String message = e == null ? null : e.getMessage();
    return message == null
        ? e instanceof ConnectException ? "connection refused" : String.valueOf(e)
        : printable(message); // it may quote whoever answered
  }

  /** What a log can bear. */
  private static String printable(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST_REASON))
        .replaceAll("[^\\x20-\\x7e]", "?");
  }

  /** Only a relay that has something to say needs its threads. */
  private synchronized HttpClient client() throws IOException {
    if (closed) {
      throw new IOException("this relay is stopping");
    }
    HttpClient client = http;
    if (client == null) {
      client =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .connectTimeout(CONNECT)
              .followRedirects(HttpClient.Redirect.NEVER)
              .executor(Executors.newVirtualThreadPerTaskExecutor())
              .build();
      http = client;
    }
    return client;
  }

  /** Breaks off what is under way. */
  @Override
  public synchronized void close() {
    closed = true;
    if (http != null) {
      http.shutdownNow();
    }
  }
}
