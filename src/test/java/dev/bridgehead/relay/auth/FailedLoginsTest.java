package dev.bridgehead.relay.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FailedLoginsTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5); // nanoTime may overflow
  private final FailedLogins failures = new FailedLogins(now::get);

  @Test
  void aClientThatFailsTooOftenMustWait() throws Exception {
    InetAddress client = InetAddress.getByName("192.0.2.1");
    for (int i = 0; i < FailedLogins.BURST; i++) {
      assertThat(failures.allows(client)).isTrue();
      failures.failed(client);
    }
    assertThat(failures.allows(client)).isFalse();
    assertThat(failures.allows(InetAddress.getByName("192.0.2.2"))).isTrue();

    now.addAndGet(FailedLogins.REFILL.toNanos());
    assertThat(failures.allows(client)).isTrue();
    failures.failed(client);
    assertThat(failures.allows(client)).isFalse();
  }

  @Test
  void oneIpv6AddressLocksNoNeighbourOut() throws Exception {
    InetAddress wrong = InetAddress.getByName("2001:db8:0:1::1");
    for (int i = 0; i < FailedLogins.BURST; i++) {
      failures.failed(wrong);
    }
    assertThat(failures.allows(wrong)).isFalse();
    assertThat(failures.allows(InetAddress.getByName("2001:db8:0:1::2"))).isTrue();
  }

  @Test
  void anIpv6NetworkThatFailsFromManyAddressesMustWait() throws Exception {
    int most = FailedLogins.BURST * FailedLogins.ADDRESSES_PER_NETWORK;
    InetAddress next = InetAddress.getByName("2001:db8:0:1:ffff::");
    for (int i = 0; i < most; i++) {
      assertThat(failures.allows(next)).isTrue();
      failures.failed(InetAddress.getByName("2001:db8:0:1::" + Integer.toHexString(i)));
    }
    assertThat(failures.allows(next)).isFalse();
    assertThat(failures.allows(InetAddress.getByName("2001:db8:0:2::1"))).isTrue();

    now.addAndGet(FailedLogins.REFILL.toNanos() / FailedLogins.ADDRESSES_PER_NETWORK);
    assertThat(failures.allows(next)).isTrue();
  }

  @Test
  void forgetsNetworksTooRatherThanGrow() throws Exception {
    for (int i = 0; i <= FailedLogins.MOST; i++) {
      failures.failed(InetAddress.getByName("2001:db8:0:" + Integer.toHexString(i) + "::1"));
    }
    assertThat(failures.size()).isEqualTo(FailedLogins.MOST);
  }

  @Test
  void forgetsWhoFailedLongestAgoRatherThanGrow() throws Exception {
    InetAddress early = InetAddress.getByName("10.0.0.1");
    InetAddress busy = InetAddress.getByName("10.0.0.2");
    for (int i = 0; i < FailedLogins.BURST; i++) {
      failures.failed(early);
      failures.failed(busy);
    }
    for (int i = 0; i < FailedLogins.MOST; i++) {
      failures.failed(InetAddress.getByAddress(new byte[] {10, 1, (byte) (i >> 8), (byte) i}));
      failures.failed(busy);
    }
    assertThat(failures.size()).isEqualTo(FailedLogins.MOST);
    assertThat(failures.allows(early)).isTrue();
    assertThat(failures.allows(busy)).isFalse();
  }
}
