package dev.bridgehead.relay.handover;

import dev.bridgehead.manifest.Fingerprint;
import dev.bridgehead.manifest.TokenProof;
import dev.bridgehead.relay.handover.SiblingRequest.Part;
import dev.bridgehead.relay.handover.TakeOver.Refused;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.spool.SpoolFullException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v2/handover}: what siblings ask, each request proved by the bridgehead's token, which is
 * never shown; {@link SiblingClient} is the other end. Handlers run on Helidon's virtual threads.
 */
final class SiblingServer implements HttpService {
  static final String ROOT = "/v2/handover";

  /** The field with the proof of an answer. */
  static final String PROOF = TokenProof.ANSWER_FIELD;

  /** The answer to what another pod was meant for; not clear: who knows what that one has. */
  static final int MISDIRECTED = 421;

  static final int UNPROVEN = 401;

  private static final Logger LOG = LoggerFactory.getLogger(SiblingServer.class);
  private static final HeaderName PROOF_FIELD = HeaderNames.create(PROOF);
  private static final Pattern NONCE = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern LOGGED = Pattern.compile("[a-z0-9.-]{1,253}");
  private static final int LONGEST_LIST = 1 << 20;
  private static final Duration LINE_EACH = Duration.ofMinutes(1);

  private final Place me;
  private final TakeOver takeOver;
  private final Sessions sessions;
  private final Supplier<String> token;
  private final Counter unproven;
  private final AtomicLong nextLine = new AtomicLong(System.nanoTime());

  /**
   * @param token of the bridgehead; asked for each time
   */
  SiblingServer(
      Place me,
      TakeOver takeOver,
      Sessions sessions,
      Supplier<String> token,
      MeterRegistry metrics) {
    this.me = me;
    this.takeOver = takeOver;
    this.sessions = sessions;
    this.token = token;
    this.unproven = unproven(metrics, "sender");
  }

  /**
   * @param peer who did not prove to know the token
   */
  static Counter unproven(MeterRegistry metrics, String peer) {
    return Counter.builder("bridgehead.unproven.siblings")
        .description(
            "Requests and answers of a hand-over without a proof that they are a sibling's")
        .tag("peer", peer)
        .register(metrics);
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/{to}/{from}/{spool}/{nonce}", this::hello)
        .post("/{to}/{from}/{spool}/{session}", proven(this::begin))
        .put("/{to}/{from}/{spool}/{session}/{id}", proven(this::offer))
        .post("/{to}/{from}/{spool}/{session}/confirmed", proven(this::confirm))
        .any(this::refuseUnproven);
  }

  /**
   * A request that proved itself.
   *
   * @param key by which it did
   */
  private record Asked(ServerRequest http, SiblingRequest proven, String key) {
    String parameter(String name) {
      return SiblingServer.parameter(http, name);
    }

    /** Where it breaks off, that is no defect. */
    InputStream body() {
      return new FilterInputStream(http.content().inputStream()) {
        @Override
        public int read(byte[] octets, int offset, int length) throws IOException {
          try {
            return super.read(octets, offset, length);
          } catch (RuntimeException e) { // Helidon's
            throw new IOException("the body broke off", e);
          }
        }
      };
    }

    /**
     * What the body begins with, or all of it: no more than is proved is read.
     *
     * @param body from its start
     * @param longest octets that are taken
     */
    byte[] head(InputStream body, int longest) throws IOException, Refused {
      if (proven.head() > longest) {
        throw new Refused(TakeOver.UNREADABLE, "it is too long");
      }
      byte[] head = body.readNBytes((int) proven.head());
      if (!Fingerprint.of(head).equals(proven.digest())) {
        throw new Refused(TakeOver.CLOSED, "it came otherwise than it was sent");
      }
      return head;
    }
  }

  private interface Answer {
    String to(Asked asked) throws IOException, Refused;
  }

  /** What is answered. */
  private record Said(int status, byte[] body) {
    static Said of(int status, @Nullable String text) {
      return new Said(status, String.valueOf(text).getBytes(StandardCharsets.UTF_8));
    }

    static Said refusal(int status, @Nullable String why) {
      return of(status, why + "\n");
    }
  }

  /** Proves first, to anybody: the sender asks before it says anything else. */
  private void hello(ServerRequest request, ServerResponse response) {
    String key = token.get();
    try {
      requireMeant(request);
      if (key.isEmpty()) {
        throw new Refused(TakeOver.CLOSED, "this relay has no token yet");
      }
      if (!NONCE.matcher(parameter(request, "nonce")).matches()) {
        throw new Refused(TakeOver.UNREADABLE, "that is no nonce");
      }
      String challenge = sessions.challenge(spool(request));
      response
          .header(PROOF_FIELD, SiblingRequest.hello(key, path(request), challenge))
          .send(challenge);
    } catch (Refused e) {
      response.status(Status.create(e.status)).send(e.getMessage() + "\n");
    }
  }

  private Handler proven(Answer answer) {
    return (request, response) -> {
      String key = token.get();
      Optional<SiblingRequest> proven =
          SiblingRequest.proven(
              request.prologue().method().text(),
              path(request),
              request.headers().first(HeaderNames.AUTHORIZATION).orElse(""),
              key);
      if (proven.isEmpty() || !fits(request, proven.get())) {
        refuseUnproven(request, response);
        return;
      }
      Said said = said(answer, new Asked(request, proven.get(), key));
      if (said.status == UNPROVEN) {
        refuseUnproven(request, response);
        return;
      }
      request.content().consume(); // else the connection is closed, and it may not see the answer
      response
          .status(Status.create(said.status))
          .header(PROOF_FIELD, proven.get().answer(key, said.status, said.body))
          .send(said.body);
    };
  }

  /** Whether the body is as long as is proved: else its sender is not who sent it here. */
  private static boolean fits(ServerRequest request, SiblingRequest proven) {
    return !request.headers().contains(HeaderNames.TRANSFER_ENCODING)
        && request.headers().contentLength().orElse(0) == proven.length()
        && proven.head() <= proven.length();
  }

  private Said said(Answer answer, Asked asked) {
    try {
      requireMeant(asked.http);
      return Said.of(200, answer.to(asked));
    } catch (Refused e) {
      return Said.refusal(e.status, e.getMessage());
    } catch (TakeOver.UnclearException e) {
      return Said.refusal(TakeOver.UNCLEAR, e.getMessage());
    } catch (SpoolFullException e) {
      return Said.refusal(TakeOver.NO_ROOM, e.getMessage());
    } catch (IOException e) {
      return Said.refusal(TakeOver.CLOSED, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a defect in what {} was asked: {}", me, asked.proven.path(), e);
      return Said.refusal(TakeOver.UNCLEAR, "a defect: see the log of " + me);
    }
  }

  /** Says nothing that counts; one line a minute at most, since anybody can have it written. */
  private void refuseUnproven(ServerRequest request, ServerResponse response) {
    unproven.increment();
    long now = System.nanoTime();
    long next = nextLine.get();
    if (now - next >= 0 && nextLine.compareAndSet(next, now + LINE_EACH.toNanos())) {
      LOG.warn(
          "{} asked to hand over{} and did not prove that it knows this bridgehead's token, or"
              + " said again what was said before: refused",
          request.remotePeer().host(),
          claimed(request));
    }
    response
        .status(Status.create(UNPROVEN))
        .header(HeaderNames.WWW_AUTHENTICATE, SiblingRequest.SCHEME)
        .send("a proof is needed that this is a sibling\n");
  }

  private static String claimed(ServerRequest request) {
    return request
        .path()
        .pathParameters()
        .first("from")
        .filter(from -> LOGGED.matcher(from).matches())
        .map(from -> " as " + from)
        .orElse("");
  }

  /** As it went over the wire. */
  private static String path(ServerRequest request) {
    return request.prologue().uriPath().rawPath();
  }

  private static String parameter(ServerRequest request, String name) {
    return request.path().pathParameters().get(name);
  }

  /** An address may belong to another pod by now. */
  private void requireMeant(ServerRequest request) throws Refused {
    if (!parameter(request, "to").equals(me.toString())) {
      throw new Refused(MISDIRECTED, "this is " + me);
    }
  }

  private static UUID spool(ServerRequest request) throws Refused {
    try {
      return UUID.fromString(parameter(request, "spool"));
    } catch (IllegalArgumentException e) {
      throw new Refused(TakeOver.UNREADABLE, "that is no spool");
    }
  }

  private static QueueId id(String text) throws Refused {
    if (!QueueId.isOne(text)) {
      throw new Refused(TakeOver.UNREADABLE, "that is no queue id");
    }
    return new QueueId(text);
  }

  /** The session, where this is its first request of that number. */
  private String session(Asked asked) throws Refused {
    String session = asked.parameter("session");
    return switch (sessions.standing(spool(asked.http), session, asked.proven.number())) {
      case NEW -> session;
      case SEEN -> throw new Refused(UNPROVEN, "said before");
      case OVER -> throw new Refused(TakeOver.NO_SESSION, "that session is over");
    };
  }

  private String begin(Asked asked) throws Refused {
    return takeOver.begin(spool(asked.http), asked.parameter("session")).entrySet().stream()
        .map(names -> names.getKey() + " " + names.getValue() + "\n")
        .collect(Collectors.joining());
  }

  private String offer(Asked asked) throws IOException, Refused {
    QueueId id = id(asked.parameter("id"));
    String session = session(asked);
    return takeOver.offer(spool(asked.http), id, session, message(asked)) + "\n";
  }

  private static TakeOver.Body message(Asked asked) {
    SiblingRequest proven = asked.proven;
    InputStream wire = asked.body();
    SealedBody sealed = SealedBody.received(wire);
    return new TakeOver.Body() {
      private byte[] digest = {};

      @Override
      public byte[] form() throws IOException, Refused {
        byte[] octets = asked.head(wire, MessageHead.LONGEST);
        MessageHead head;
        try {
          head = MessageHead.opened(octets, asked.key, proven.path(), proven.number());
        } catch (IOException e) {
          throw new Refused(TakeOver.UNREADABLE, String.valueOf(e.getMessage()));
        }
        digest = head.content();
        return head.form();
      }

      @Override
      public long size() {
        return proven.length() - proven.head();
      }

      @Override
      public InputStream content() {
        return sealed.opened(
            SiblingRequest.cipher(asked.key, Part.CONTENT, proven.path(), proven.number()));
      }

      @Override
      public boolean proven() throws IOException {
        return sealed.is(digest);
      }
    };
  }

  private String confirm(Asked asked) throws IOException, Refused {
    String unused = session(asked);
    byte[] list = asked.head(asked.body(), LONGEST_LIST);
    List<QueueId> ids = new ArrayList<>();
    for (String line : new String(list, StandardCharsets.UTF_8).lines().toList()) {
      ids.add(id(line));
    }
    takeOver.confirm(spool(asked.http), ids);
    return "";
  }
}
