package dev.bridgehead.relay.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.bridgehead.relay.mail.QueueId;
import dev.bridgehead.relay.queue.Command;
import dev.bridgehead.relay.queue.QueueTools;
import dev.bridgehead.relay.queue.Selection;
import dev.bridgehead.relay.queue.StoppingException;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/queue}: what a postmaster sees and does, for who has the token. Lists are streamed, a
 * line of JSON for each entry. An error is one line of text.
 */
public final class QueueApi implements HttpService {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long USUAL_LIMIT = 1000;

  /** Octets: tens of thousands of queue ids. */
  private static final int MOST_ASKED = 1 << 20;

  private final QueueTools tools;
  private final LongSupplier spoolBytes;

  /**
   * @param spoolBytes octets of all messages on disk
   */
  public QueueApi(QueueTools tools, LongSupplier spoolBytes) {
    this.tools = tools;
    this.spoolBytes = spoolBytes;
  }

  @Override
  public void routing(HttpRules rules) {
    rules
        .get("/messages", answering(this::list))
        .get("/messages/{id}", answering(this::show))
        .get("/messages/{id}/content", answering(this::content))
        .get("/stats", answering(this::stats))
        .post("/flush", answering((q, r) -> carryOut(Command.FLUSH, q, r)))
        .post("/hold", answering((q, r) -> carryOut(Command.HOLD, q, r)))
        .post("/release", answering((q, r) -> carryOut(Command.RELEASE, q, r)))
        .post("/rm", answering((q, r) -> carryOut(Command.REMOVE, q, r)))
        .post("/bounce", answering((q, r) -> carryOut(Command.BOUNCE, q, r)));
  }

  private interface Answer {
    void to(ServerRequest request, ServerResponse response) throws IOException, Refused;
  }

  /** What the client got wrong, in one line. */
  private static final class Refused extends Exception {
    final Status status;

    Refused(Status status, String message) {
      super(message);
      this.status = status;
    }
  }

  private static Handler answering(Answer answer) {
    return (request, response) -> {
      try {
        answer.to(request, response);
      } catch (Refused e) {
        response.status(e.status).send(e.getMessage() + "\n");
      } catch (StoppingException e) {
        response.status(Status.SERVICE_UNAVAILABLE_503).send(e.getMessage() + "\n");
      } catch (IOException e) {
        response
            .status(Status.INTERNAL_SERVER_ERROR_500)
            .send("the spool fails: " + e.getMessage() + "\n");
      }
    };
  }

  private void list(ServerRequest request, ServerResponse response) throws IOException, Refused {
    Map<String, String> asked = new LinkedHashMap<>();
    request.query().toMap().forEach((name, values) -> asked.put(name, values.getFirst()));
    long limit = limit(asked.remove("limit"));
    Selection selection = selection(asked);
    response.header(HeaderNames.CONTENT_TYPE, "application/x-ndjson");
    try (OutputStream out = response.outputStream()) {
      long more =
          tools.list(
              selection, limit, (entry, envelope) -> line(out, QueueJson.entry(entry, envelope)));
      Map<String, @Nullable Object> end = new LinkedHashMap<>();
      end.put("more", more);
      line(out, end);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void line(OutputStream out, Map<String, @Nullable Object> json) {
    try {
      out.write(JSON.writeValueAsBytes(json));
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long limit(@Nullable String text) throws Refused {
    if (text == null) {
      return USUAL_LIMIT;
    }
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw bad("limit: must be a number from 1 on");
    }
    return Long.parseLong(text);
  }

  private static Selection selection(Map<String, String> asked) throws Refused {
    try {
      return QueueJson.selection(asked);
    } catch (IllegalArgumentException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  private static Refused bad(String message) {
    return new Refused(Status.BAD_REQUEST_400, message);
  }

  private void show(ServerRequest request, ServerResponse response) throws IOException, Refused {
    QueueId id = id(request.path().pathParameters().get("id"));
    QueueTools.Shown shown = tools.show(id).orElseThrow(() -> unknown(id));
    json(response, QueueJson.message(id, shown));
  }

  private void content(ServerRequest request, ServerResponse response) throws IOException, Refused {
    QueueId id = id(request.path().pathParameters().get("id"));
    Optional<QueueTools.Shown> shown = tools.show(id);
    if (shown.isEmpty()) {
      throw unknown(id);
    }
    try (InputStream content = tools.content(id)) {
      response.header(HeaderNames.CONTENT_TYPE, "message/rfc822");
      try (OutputStream out = response.outputStream()) {
        content.transferTo(out);
      }
    }
  }

  private static Refused unknown(QueueId id) {
    return new Refused(Status.NOT_FOUND_404, "no message " + id + " in the queue");
  }

  private static QueueId id(String text) throws Refused {
    if (!QueueId.isOne(text)) {
      throw bad(
          "\"" + QueueJson.shown(text) + "\" is no queue id: 12 to 24 capital letters and digits");
    }
    return new QueueId(text);
  }

  private void stats(ServerRequest request, ServerResponse response) throws IOException {
    json(response, QueueJson.census(tools.census(), spoolBytes.getAsLong()));
  }

  private void carryOut(Command command, ServerRequest request, ServerResponse response)
      throws IOException, Refused {
    JsonNode asked = body(request);
    if (!asked.isObject()) {
      throw bad("the body must be a JSON object");
    }
    JsonNode ids = asked.path("ids");
    boolean all = asked.path("all").asBoolean();
    Map<String, String> filters = new LinkedHashMap<>();
    asked.properties().stream()
        .filter(field -> !field.getKey().equals("ids") && !field.getKey().equals("all"))
        .forEach(field -> filters.put(field.getKey(), field.getValue().asText()));
    Selection selection = selection(filters);
    int ways = (ids.isEmpty() ? 0 : 1) + (all ? 1 : 0) + (filters.isEmpty() ? 0 : 1);
    if (ways != 1) {
      throw bad("say which messages: ids, or destination, from, to or state, or all: true");
    }
    QueueTools.Result result =
        ids.isEmpty() ? tools.carryOut(command, selection) : tools.carryOut(command, ids(ids));
    json(response, QueueJson.result(result));
  }

  private static JsonNode body(ServerRequest request) throws IOException, Refused {
    try {
      byte[] octets =
          request.content().hasEntity()
              ? request.content().inputStream().readNBytes(MOST_ASKED + 1)
              : new byte[0];
      if (octets.length > MOST_ASKED) {
        throw new Refused(Status.REQUEST_ENTITY_TOO_LARGE_413, "that is too much at once");
      }
      return JSON.readTree(octets);
    } catch (JsonProcessingException e) {
      throw bad("the body is no JSON");
    }
  }

  private static List<QueueId> ids(JsonNode ids) throws Refused {
    List<QueueId> all = new ArrayList<>();
    for (JsonNode each : ids) {
      all.add(id(each.asText()));
    }
    return all;
  }

  private static void json(ServerResponse response, Map<String, @Nullable Object> json)
      throws IOException {
    response
        .header(HeaderNames.CONTENT_TYPE, "application/json")
        .send(JSON.writeValueAsString(json));
  }
}
