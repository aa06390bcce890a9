package dev.bridgehead.relay.management;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * What of a request's body is read: nothing of one whose length is not said, since Helidon gathers
 * each chunk in memory, however long it is; and of a long one only what its handler asks for, since
 * Helidon reads the rest to its end. Helidon's threads.
 */
final class RequestBodies implements Filter {
  /** Octets that are read though nobody asks for them, so that their sender sees the answer. */
  private static final int LEFTOVER = 64 << 10;

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (request.headers().contains(HeaderNames.TRANSFER_ENCODING)) {
      response
          .status(Status.LENGTH_REQUIRED_411)
          .header(HeaderValues.CONNECTION_CLOSE)
          .send("a body's length must be said: Content-Length, not Transfer-Encoding\n");
      throw new CloseConnectionException("else Helidon reads the body");
    }
    if (request.content().hasEntity()) {
      boolean isLong = request.headers().contentLength().orElse(0) > LEFTOVER;
      response.beforeSend(() -> readLeftover(request, response, isLong));
    }
    chain.proceed();
    if (response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      throw new CloseConnectionException("else Helidon takes the body for the next request");
    }
  }

  private static void readLeftover(
      RoutingRequest request, RoutingResponse response, boolean isLong) {
    if (!isLong) {
      request.content().consume();
    } else if (!request.content().consumed()) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
  }
}
