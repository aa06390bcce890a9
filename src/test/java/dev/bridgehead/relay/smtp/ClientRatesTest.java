package dev.bridgehead.relay.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.config.RelayConfig.Access;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ClientRatesTest {
  private static final InetAddress ONE = InetAddress.getLoopbackAddress();

  private final Time time = new Time();
  private final ClientRates rates = new ClientRates(time);

  private static final class Time extends Clock {
    private Instant now = ServerUnderTest.NOW;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private static Access limited(@Nullable Integer limit) {
    return new Access(List.of(), List.of(), true, null, Accounts.NONE, limit, List.of());
  }

  private boolean granted(InetAddress client, int limit) {
    try {
      rates.count(client, limited(limit));
      return true;
    } catch (RefusedException refused) {
      assertThat(refused.answer().reply().code()).isEqualTo(450);
      return false;
    }
  }

  private int grantedOf(int tries, int limit) {
    int granted = 0;
    for (int i = 0; i < tries; i++) {
      granted += granted(ONE, limit) ? 1 : 0;
    }
    return granted;
  }

  @Test
  void aClientMayHaveItsMinuteAtOnceAndThenAsMuchAsTimeBrings() {
    assertThat(grantedOf(100, 60)).isEqualTo(60);
    time.now = time.now.plusSeconds(10);
    assertThat(grantedOf(100, 60)).isEqualTo(10);
    time.now = time.now.plus(Duration.ofHours(1));
    assertThat(grantedOf(100, 60)).isEqualTo(60);
  }

  @Test
  void aClockSetBackTakesNothingAway() {
    assertThat(grantedOf(30, 60)).isEqualTo(30);
    time.now = time.now.minus(Duration.ofDays(1));
    assertThat(grantedOf(100, 60)).isEqualTo(30);
  }

  @Test
  void aLowerLimitCountsAtOnce() {
    assertThat(grantedOf(10, 60)).isEqualTo(10);
    assertThat(grantedOf(10, 3)).isEqualTo(3);
  }

  @Test
  void oneClientTakesNothingFromAnotherHoweverManyThereAre() throws UnknownHostException {
    for (int i = 0; i < 30_000; i++) {
      byte[] address = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
      assertThat(granted(InetAddress.getByAddress(address), 1)).isTrue();
      time.now = time.now.plusMillis(5);
    }
  }

  @Test
  @DisplayName("case 14: a client with more messages a minute than it may hears when to come again")
  void theServerPutsOffWhatIsTooMuch() throws IOException {
    try (ServerUnderTest server = ServerUnderTest.start(ServerUnderTest.with(limited(2)));
        RawClient client = server.session()) {
      for (int i = 0; i < 2; i++) {
        client.ask("MAIL FROM:<a@b.example>");
        client.ask("RCPT TO:<b@example.org>");
        assertThat(client.message("hello")).startsWith("250");
      }
      assertThat(client.ask("MAIL FROM:<a@b.example>"))
          .isEqualTo(
              "450 4.7.1 too many messages from your address: 2 a minute, try again in a minute");
      assertThat(server.refused(Refusal.TOO_MANY_MESSAGES)).isEqualTo(1);
      server.config.set(ServerUnderTest.with(limited(null)));
      assertThat(client.ask("MAIL FROM:<a@b.example>")).startsWith("250");
    }
  }
}
