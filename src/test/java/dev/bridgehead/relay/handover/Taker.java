package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.spool.StoredMessage;
import io.helidon.webserver.WebServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A relay that stays, with all that takes over, and its disk. */
final class Taker implements AutoCloseable {
  static final Place PLACE = new Place("test-edge", 0);
  static final String TOKEN = "the-token-that-nobody-shows";

  /** Of every request, in their order: method and path. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  final QueueOnDisk storage;
  final MeterRegistry metrics = new SimpleMeterRegistry();
  private final WebServer server;

  Taker(Path folder) throws IOException {
    this(new QueueOnDisk(folder));
  }

  private Taker(QueueOnDisk storage) {
    this(storage, storage.queue::enqueue);
  }

  /**
   * @param accepted is handed what is stored
   */
  Taker(QueueOnDisk storage, Consumer<StoredMessage> accepted) {
    this(PLACE, storage, accepted);
  }

  Taker(Place place, QueueOnDisk storage, Consumer<StoredMessage> accepted) {
    this.storage = storage;

    Sessions sessions = new Sessions(new SecureRandom());
    TakeOver takeOver =
        new TakeOver(
            place,
            sessions,
            storage.spool,
            storage.queue.arrivals(),
            accepted,
            Clock.systemUTC(),
            metrics);
    takeOver.recovered();
    server =
        WebServer.builder()
            .address(InetAddress.getLoopbackAddress())
            .port(0)
            .shutdownHook(false)
            .routing(
                routing ->
                    routing
                        .any(
                            (request, response) -> {
                              asked.add(
                                  request.prologue().method().text()
                                      + " "
                                      + request.path().rawPath());
                              response.next();
                            })
                        .register(
                            SiblingServer.ROOT,
                            new SiblingServer(place, takeOver, sessions, () -> TOKEN, metrics)))
            .build()
            .start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.port());
  }

  /** How often a session was begun. */
  long begun() {
    return asked.stream()
        .filter(each -> each.matches("POST " + SiblingServer.ROOT + "/[^/]+/[^/]+/[^/]+/[^/]+"))
        .count();
  }

  @Override
  public void close() throws IOException {
    server.stop();
    storage.close();
  }
}
