package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.javaoperatorsdk.operator.api.monitoring.Metrics.ControllerExecution;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReconciliationMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ReconciliationMetrics metrics = new ReconciliationMetrics(registry);

  /** JOSDK tries again after an exception; after an Error it would never touch the object again. */
  @Test
  void makesAnErrorAFailureThatIsTriedAgain() {
    StackOverflowError error = new StackOverflowError("as a test wants it");

    assertThatThrownBy(() -> metrics.timeControllerExecution(new Failing(error)))
        .isInstanceOf(IllegalStateException.class)
        .hasCause(error);
    assertThat(registry.get("bridgehead.operator.reconciliation").timer().count()).isEqualTo(1);
  }

  private record Failing(Error error) implements ControllerExecution<String> {
    @Override
    public String name() {
      return "reconcile";
    }

    @Override
    public String controllerName() {
      return "connector";
    }

    @Override
    public String successTypeName(String result) {
      return result;
    }

    @Override
    public ResourceID resourceID() {
      return new ResourceID("internet", "mail");
    }

    @Override
    public Map<String, Object> metadata() {
      return Map.of();
    }

    @Override
    public String execute() {
      throw error;
    }
  }
}
