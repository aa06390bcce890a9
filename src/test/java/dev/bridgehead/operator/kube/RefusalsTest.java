package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalsTest {
  /** Were a conflict taken for one, what was to be written on a claim would never be. */
  @ParameterizedTest
  @CsvSource({"404, true", "422, true", "409, false", "403, false", "500, false"})
  void aConflictIsNoReplacement(int code, boolean replaced) {
    assertThat(
            Refusals.replaced(
                new KubernetesClientException(
                    new StatusBuilder().withCode(code).withMessage("refused").build())))
        .isEqualTo(replaced);
  }
}
