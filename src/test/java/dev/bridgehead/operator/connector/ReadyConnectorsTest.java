package dev.bridgehead.operator.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class ReadyConnectorsTest {
  @Test
  void countsWhatTheControllersSeeThatStartedLast() {
    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    new ReadyConnectors(metrics).saw("of a start that failed", true);
    ReadyConnectors second = new ReadyConnectors(metrics);

    second.saw("a", true);
    second.saw("b", true);
    second.saw("c", false);

    assertThat(count(metrics, "true")).isEqualTo(2);
    assertThat(count(metrics, "false")).isEqualTo(1);
  }

  private static double count(SimpleMeterRegistry metrics, String ready) {
    return metrics.get("bridgehead.operator.connectors").tag("ready", ready).gauge().value();
  }
}
