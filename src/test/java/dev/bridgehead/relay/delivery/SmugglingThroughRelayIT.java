package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.testbed.PostfixServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same with a reader of messages that others wrote: a real Postfix. */
@Tag("tier3")
class SmugglingThroughRelayIT {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @ParameterizedTest
  @EnumSource(BareLineEndings.class)
  @DisplayName("case 02: a real Postfix finds the messages that were accepted, and no other")
  void postfixFindsTheSameMessages(BareLineEndings policy) throws IOException {
    Map<String, String> expected = new LinkedHashMap<>();
    try (PostfixServer postfix = PostfixServer.setup().start();
        RelayedMail relay = RelayedMail.to(postfix.port(), policy, folder)) {
      for (String body : RelayedMail.bodies()) {
        String mark = "X-Mark: " + expected.size() + ";";
        if (relay.byChunks(mark, body)) {
          expected.put(mark, RelayedMail.normal(body));
        }
      }
      assertThat(expected).isNotEmpty();
      for (Map.Entry<String, String> each : expected.entrySet()) {
        // A Maildir has LF.
        assertThat(postfix.awaitMessage(it -> it.contains(each.getKey())))
            .endsWith("\n\n" + each.getValue().replace("\r\n", "\n"));
      }
      assertThat(postfix.messages())
          .hasSize(expected.size())
          .noneMatch(it -> it.startsWith("Return-Path: <" + RelayedMail.EVIL));
      assertThat(postfix.log()).doesNotContain("from=<" + RelayedMail.EVIL);
    }
  }
}
