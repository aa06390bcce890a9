package dev.bridgehead.relay.delivery;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.relay.mail.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Replies of next hops. However the octets come, the same replies are read; they are bounded, can
 * forge no line of a log, and one that is printed and read again says the same. The first octet of
 * the input says how many octets one read brings, the others come from the peer.
 */
public final class ReplyFuzz {
  /** Nothing here waits; a reader that does would be seen by the fuzzer's own time-out. */
  private static final Duration LONG = Duration.ofMinutes(1);

  private ReplyFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    List<Object> read = read(input, 1, 1 + (input[0] & 0xFF));
    assertThat(read(input, 1, Integer.MAX_VALUE)).isEqualTo(read);
    for (Object each : read) {
      if (each instanceof Reply reply) {
        judge(reply);
      }
    }
  }

  /** The replies, and what ended them. */
  private static List<Object> read(byte[] octets, int from, int block) {
    int[] position = {from};
    ReplyReader reader =
        new ReplyReader(
            (into, at, most) -> {
              int count = Math.min(Math.min(most, block), octets.length - position[0]);
              System.arraycopy(octets, position[0], into, at, count);
              position[0] += count;
              return count == 0 ? -1 : count;
            });
    List<Object> read = new ArrayList<>();
    try {
      while (true) {
        read.add(reader.read(LONG));
      }
    } catch (ProtocolFault fault) {
      assertThat(fault.getMessage()).doesNotContainPattern("[\\p{C}\\p{Zl}\\p{Zp}]");
      read.add(String.valueOf(fault.getMessage()));
    } catch (EOFException end) {
      read.add("end");
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    return read;
  }

  private static void judge(Reply reply) {
    assertThat(reply.code()).isBetween(200, 599);
    assertThat(reply.lines()).hasSizeBetween(1, ReplyReader.MAX_LINES);
    assertThat(reply.toString()).doesNotContainPattern("[\\p{C}\\p{Zl}\\p{Zp}]");
    int length = reply.lines().stream().mapToInt(String::length).sum();
    int most = ReplyReader.MAX_LINES * ReplyReader.MAX_LINE;
    assertThat(length).isLessThanOrEqualTo(reply.positive() ? most : ReplyReader.MAX_REFUSAL);
    if (reply.status() != null) {
      assertThat(reply.status().klass()).isEqualTo(reply.code() / 100);
      byte[] printed = ("-" + reply + "\r\n").getBytes(UTF_8);
      if (printed.length <= ReplyReader.MAX_LINE) {
        Reply again = (Reply) read(printed, 1, Integer.MAX_VALUE).getFirst();
        assertThat(again.code()).isEqualTo(reply.code());
        assertThat(again.status()).isEqualTo(reply.status());
      }
    }
  }
}
