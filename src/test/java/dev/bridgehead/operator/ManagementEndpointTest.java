package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class ManagementEndpointTest {
  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void tellsProbesAndShowsMetrics() throws Exception {
    Counter.builder("bridgehead.operator.something").register(metrics).increment();
    try (ManagementEndpoint endpoint =
        ManagementEndpoint.start(0, () -> true, () -> false, metrics)) {
      assertThat(get(endpoint, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(endpoint, "/readyz").statusCode()).isEqualTo(503);
      assertThat(get(endpoint, "/metrics").body())
          .contains("bridgehead_operator_something_total 1.0");
    }
  }

  @Test
  void saysThatThePortIsTaken() throws IOException {
    try (ServerSocket other = new ServerSocket(0)) {
      assertThatThrownBy(
              () -> ManagementEndpoint.start(other.getLocalPort(), () -> true, () -> true, metrics))
          .isInstanceOf(BindException.class)
          .hasMessageStartingWith("cannot listen on port " + other.getLocalPort());
    }
  }

  private static HttpResponse<String> get(ManagementEndpoint endpoint, String path)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
