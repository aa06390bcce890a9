package dev.bridgehead.relay.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.bridgehead.api.Selection;
import java.util.List;
import org.junit.jupiter.api.Test;

class NameWatchTest {
  private final Zone zone = new Zone();
  private final Routers routers = Routers.bySmartHosts(Selection.ROUND_ROBIN, "smtp.test");

  @Test
  void saysNothingBeforeItHasLooked() {
    try (NameWatch watch = new NameWatch(routers.with(zone), routers.configs())) {
      assertThat(watch.unresolved()).isNull();
    }
  }

  @Test
  void looksAtTheStartAndWhenTold() {
    try (NameWatch watch = new NameWatch(routers.with(zone), routers.configs())) {
      watch.start();
      await().until(() -> watch.unresolved() != null);
      assertThat(watch.unresolved())
          .isEqualTo(List.of("smart host smtp.test: smtp.test does not exist"));

      zone.host("smtp.test", "192.0.2.1");
      watch.look();
      await().until(() -> List.of().equals(watch.unresolved()));
    }
  }
}
