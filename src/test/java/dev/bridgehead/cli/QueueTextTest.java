package dev.bridgehead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What the relay answers, for people. */
class QueueTextTest {
  @Test
  void saysThatASenderRequiresTls() {
    assertThat(
            QueueText.message(
                JsonNodeFactory.instance.objectNode().put("tls", "required"), Instant.EPOCH))
        .contains("TLS        required by its sender (REQUIRETLS)");
  }
}
