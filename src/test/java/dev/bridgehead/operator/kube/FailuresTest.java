package dev.bridgehead.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailuresTest {
  @ParameterizedTest
  @CsvSource({
    "429, true",
    "500, true",
    "503, true",
    "504, true",
    "410, true",
    "401, false",
    "403, false",
    "404, false",
    "409, false",
    "422, false"
  })
  void whatTheApiServerAnswersPassesOrNot(int code, boolean passing) {
    assertThat(Failures.passing(refusal(code))).isEqualTo(passing);
    assertThat(Failures.passing(new KubernetesClientException("watch", refusal(code))))
        .as("wrapped once more")
        .isEqualTo(passing);
  }

  @Test
  void noAnswerPasses() {
    assertThat(Failures.passing(new KubernetesClientException("list", new ConnectException())))
        .isTrue();
    assertThat(Failures.passing(new KubernetesClientException("list", new TimeoutException())))
        .isTrue();
    assertThat(Failures.passing(new UnreachableApiServerException("away"))).isTrue();
  }

  @Test
  void whatIsNotTheApiServersDoesNotPass() {
    assertThat(Failures.passing(new UncheckedIOException(new BindException("taken")))).isFalse();
    assertThat(Failures.passing(new IllegalStateException(new IOException("disk")))).isFalse();
    assertThat(Failures.passing(new UnusableApiServerException("no CRDs"))).isFalse();
    assertThat(Failures.passing(new KubernetesClientException("not written"))).isFalse();
  }

  private static KubernetesClientException refusal(int code) {
    return new KubernetesClientException(
        new StatusBuilder().withCode(code).withMessage("refused").build());
  }
}
