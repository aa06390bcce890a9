package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.BareLineEndings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a next hop gets to see octet by octet of what a client tried to smuggle. */
class SmugglingThroughRelayTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @ParameterizedTest
  @EnumSource(BareLineEndings.class)
  @DisplayName("case 02: BDAT or DATA in, DATA out: one message each, with no bare CR or LF")
  void whatComesInByBdatOrDataGoesOutAsOneMessage(BareLineEndings policy) throws IOException {
    Map<String, String> expected = new LinkedHashMap<>();
    try (ScriptedHost hop = ScriptedHost.friendly();
        RelayedMail relay = RelayedMail.to(hop.address().getPort(), policy, folder)) {
      for (String body : RelayedMail.bodies()) {
        String mark = "X-Mark: " + expected.size() + ";";
        if (relay.byChunks(mark, body)) {
          expected.put(mark, RelayedMail.normal(body));
        }
        mark = "X-Mark: " + expected.size() + ";";
        if (relay.byData(mark, body)) {
          expected.put(mark, RelayedMail.normal(body));
        }
      }
      int clean = (int) RelayedMail.bodies().stream().filter(RelayedMail::isClean).count();
      assertThat(expected)
          .hasSize(policy == BareLineEndings.REJECT ? 2 * clean : 2 * RelayedMail.bodies().size());
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(hop.messages()).hasSize(expected.size()));

      assertThat(hop.commands()).noneMatch(command -> command.contains(RelayedMail.EVIL));
      for (String wire : hop.messages()) {
        assertThat(wire.replace("\r\n", "")).doesNotContain("\r", "\n");
        String content = ("\r\n" + wire).replace("\r\n.", "\r\n").substring(2);
        String mark =
            content.substring(
                content.indexOf("X-Mark: "), content.indexOf(';', content.indexOf("X-Mark: ")) + 1);
        assertThat(content).endsWith("\r\n\r\n" + expected.get(mark));
      }
    }
  }
}
