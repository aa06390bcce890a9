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
 * each chunk in memory, however long it is. Helidon's threads.
 */
final class RequestBodies implements Filter {
  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (request.headers().contains(HeaderNames.TRANSFER_ENCODING)) {
      response
          .status(Status.LENGTH_REQUIRED_411)
          .header(HeaderValues.CONNECTION_CLOSE)
          .send("a body's length must be said: Content-Length, not Transfer-Encoding\n");
      throw new CloseConnectionException("else Helidon reads the body");
    }
    chain.proceed();
  }
}
