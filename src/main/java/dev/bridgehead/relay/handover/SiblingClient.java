package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Departures.Leaving;
import dev.bridgehead.relay.spool.TransferForm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is said to siblings, over HTTP; {@link TakeOver} is the other end. Any thread. */
final class SiblingClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /** Octets a second that a sibling must take at least. */
  private static final long SLOWEST = 128 << 10;

  /** Octets of an answer: a million ids. */
  private static final int LONGEST_ANSWER = 64 << 20;

  private final UUID spool;
  private final Function<Place, URI> addresses;
  private final Supplier<String> token;
  private @Nullable HttpClient http;
  private boolean closed;

  /**
   * @param spool this relay's
   * @param addresses where a sibling's management API is: scheme, host and port
   * @param token for the siblings; asked for each time
   */
  SiblingClient(UUID spool, Function<Place, URI> addresses, Supplier<String> token) {
    this.spool = spool;
    this.addresses = addresses;
    this.token = token;
  }

  /** What became of an offer. */
  sealed interface Reply {
    /**
     * It is on the sibling's disk.
     *
     * @param as its name there
     */
    record Taken(QueueId as) implements Reply {}

    /** The sibling does not have it, and will not. */
    record Refused(int status, String why) implements Reply {}

    /** It can't be read to its end here: the sibling does not have it, nor will anybody. */
    record Unreadable(String why) implements Reply {}

    /** Nobody knows. */
    record Unknown(String why) implements Reply {}
  }

  /**
   * Begins a session: what was offered in an earlier one and has not been stored by now never is.
   *
   * @return what it has of ours that was not confirmed: our names to its names
   * @throws IOException where it does not say
   */
  Map<QueueId, QueueId> begin(Place to, String session) throws IOException, InterruptedException {
    String text = said(send(to, "/" + session, "POST", BodyPublishers.noBody(), PATIENCE));
    Map<QueueId, QueueId> has = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] names = line.split(" ", -1);
      if (names.length != 2 || !QueueId.isOne(names[0]) || !QueueId.isOne(names[1])) {
        throw new IOException("it answers what no relay does");
      }
      has.put(new QueueId(names[0]), new QueueId(names[1]));
    }
    return has;
  }

  /** Tells it that it will not be asked for these again. */
  void confirm(Place to, Collection<QueueId> ids) throws IOException, InterruptedException {
    String lines = ids.stream().map(id -> id + "\n").collect(Collectors.joining());
    String unused = said(send(to, "", "POST", BodyPublishers.ofString(lines), PATIENCE));
  }

  /** Offers a message. Closes its content. */
  Reply offer(Place to, String session, Leaving leaving, InputStream content)
      throws InterruptedException {
    byte[] form = new TransferForm(leaving.envelope(), leaving.state()).encode();
    byte[] head =
        ByteBuffer.allocate(TakeOver.HEAD + form.length)
            .putInt(form.length)
            .putLong(leaving.size())
            .put(form)
            .array();
    OwnContent own = new OwnContent(content, leaving.size());
    try (InputStream all = new SequenceInputStream(new ByteArrayInputStream(head), own)) {
      BodyPublisher body =
          BodyPublishers.fromPublisher(
              BodyPublishers.ofInputStream(() -> all), head.length + leaving.size());
      HttpResponse<String> response =
          send(
              to,
              "/" + session + "/" + leaving.id(),
              "PUT",
              body,
              PATIENCE.plusSeconds((head.length + leaving.size()) / SLOWEST));
      String text = response.body().strip();
      return switch (response.statusCode()) {
        case 200 ->
            QueueId.isOne(text)
                ? new Reply.Taken(new QueueId(text))
                : new Reply.Unknown("it answers what no relay does");
        case TakeOver.MISDIRECTED,
            TakeOver.UNREADABLE,
            TakeOver.OTHER_SESSION,
            TakeOver.CLOSED,
            TakeOver.NO_ROOM ->
            new Reply.Refused(response.statusCode(), text);
        default -> new Reply.Unknown("it answers " + response.statusCode() + " " + text);
      };
    } catch (ConnectException e) { // nothing was said
      return new Reply.Refused(TakeOver.CLOSED, reason(e));
    } catch (IOException e) {
      IOException ours = own.failure();
      return ours == null ? new Reply.Unknown(reason(e)) : new Reply.Unreadable(reason(ours));
    }
  }

  private HttpResponse<String> send(
      Place to, String path, String method, BodyPublisher body, Duration patience)
      throws IOException, InterruptedException {
    URI base = addresses.apply(to);
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v1/handover/" + to + "/" + spool + path))
            .header("Authorization", "Bearer " + token.get())
            .method(method, body)
            .build();
    var answer =
        client().sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofString(), LONGEST_ANSWER));
    try { // the request's own limit ends with the answer's header
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ConnectException refused) {
        throw refused;
      }
      throw new IOException(reason(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + patience.toSeconds() + " s", e);
    } finally {
      answer.cancel(true);
    }
  }

  private static String reason(@Nullable Throwable e) {
    String message = e == null ? null : e.getMessage();
    return message == null
        ? e instanceof ConnectException ? "connection refused" : String.valueOf(e)
        : message;
  }

  private static String said(HttpResponse<String> response) throws IOException {
    if (response.statusCode() != 200) {
      throw new IOException("it answers " + response.statusCode() + " " + response.body().strip());
    }
    return response.body();
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
