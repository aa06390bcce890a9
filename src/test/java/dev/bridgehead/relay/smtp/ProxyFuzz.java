package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;

/**
 * PROXY headers of trusted peers, who pass on what others may have a hand in. A header makes the
 * very client that it names, or none; nothing behind it is read, however the octets come. The first
 * octet of the input says how many octets one read brings.
 */
public final class ProxyFuzz {
  private static final InetAddress PEER = InetAddress.getLoopbackAddress();
  private static final String BEHIND = "EHLO x\r\n";

  private ProxyFuzz() {}

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] octets = Arrays.copyOfRange(input, 1, input.length);
    int block = 1 + (input[0] & 0xFF);
    try {
      read(octets, block);
    } catch (EOFException silent) {
      assertThat(octets).isEmpty();
    } catch (ProxyHeader.BrokenException broken) {
      assertThat(broken.getMessage()).matches("[ -~]+");
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static void read(byte[] octets, int block)
      throws IOException, ProxyHeader.BrokenException {
    OctetSocket socket = new OctetSocket(octets, block);
    InetAddress client = ProxyHeader.read(socket, PEER, Duration.ofMinutes(1));
    int length = octets.length - socket.getInputStream().available();
    byte[] header = Arrays.copyOf(octets, length);
    byte[] more = Arrays.copyOf(header, length + BEHIND.length());
    System.arraycopy(BEHIND.getBytes(ISO_8859_1), 0, more, length, BEHIND.length());
    OctetSocket again = new OctetSocket(more, Integer.MAX_VALUE);
    assertThat(ProxyHeader.read(again, PEER, Duration.ofMinutes(1))).isEqualTo(client);
    assertThat(new String(again.getInputStream().readAllBytes(), ISO_8859_1)).isEqualTo(BEHIND);
    String text = new String(header, ISO_8859_1);
    if (text.startsWith("PROXY ") && !client.equals(PEER)) {
      assertThat(text).matches("PROXY TCP[46] [0-9a-fA-F.:]+ [0-9a-fA-F.:]+ [0-9]+ [0-9]+\r\n");
    }
  }
}
