package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.relay.auth.Authenticator;
import dev.bridgehead.relay.auth.FailedLogins;
import dev.bridgehead.relay.auth.PasswordChecks;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.RelayConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whole sessions: commands, DATA and BDAT. There is never more than one message for one end of data
 * or one last chunk, none with a bare CR, a bare LF or a NUL, and replies are lines of ASCII.
 *
 * <p>The first octet of the input says how the rest is meant: bit 0, that each octet stands for one
 * of {@link PlainReader#PIECES}, so that the plain reader can tell what is to be accepted; bit 1,
 * that bare line ends are mended; the others, how many octets one read brings.
 */
public final class SessionFuzz {
  private static final int MOST_PIECES = 64; // no limit on commands that do nothing is reached
  private static final Pattern LAST = Pattern.compile("(?i)BDAT +[0-9]+ LAST *\r\n");
  private static final Server REJECTS = server(BareLineEndings.REJECT);
  private static final Server MENDS = server(BareLineEndings.NORMALIZE);

  private record Server(Surroundings around, MemorySpool spool, SimpleMeterRegistry metrics) {
    double faults() {
      String why = Refusal.INTERNAL.label();
      return metrics.get("bridgehead.smtp.rejected").tag("reason", why).counter().count();
    }
  }

  private SessionFuzz() {}

  private static Server server(BareLineEndings policy) {
    RelayConfig usual = ServerUnderTest.config(0, true, false, null, "*");
    CurrentConfig config =
        new CurrentConfig(
            new RelayConfig(
                usual.identity(),
                new RelayConfig.Listening(
                    0, true, ServerUnderTest.MAX_MESSAGE, policy, false, null, null),
                usual.access(),
                usual.routes(),
                usual.outgoing(),
                usual.retry()));
    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    MemorySpool spool = new MemorySpool();
    Clock clock = Clock.fixed(ServerUnderTest.NOW, ZoneOffset.UTC);
    ServerTls tls = new ServerTls(config, clock);
    return new Server(
        new Surroundings(
            config,
            spool,
            message -> {},
            clock,
            new SmtpMetrics(metrics, () -> 1, tls::expiry),
            tls,
            new Authenticator(PasswordChecks.forThisMachine(), clock, new SecureRandom()),
            new FailedLogins(System::nanoTime),
            new ClientRates(clock),
            ServerUnderTest.LIMITS),
        spool,
        metrics);
  }

  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean pieces = (input[0] & 1) != 0;
    Server server = (input[0] & 2) == 0 ? REJECTS : MENDS;
    int block = (input[0] & 0xFC) == 0 ? Integer.MAX_VALUE : (input[0] & 0xFC) >> 2;
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] octets = pieces ? stream(rest) : rest;
    MemorySpool spool = server.spool();
    spool.kept.clear();
    List<String> replies = replies(octets, block, server);
    String stream = new String(octets, ISO_8859_1);
    judge(stream, replies, spool);
    if (pieces && server == REJECTS) {
      compare(stream, spool);
    }
  }

  private static byte[] stream(byte[] numbers) {
    StringBuilder stream = new StringBuilder();
    for (int i = 0; i < Math.min(numbers.length, MOST_PIECES); i++) {
      stream.append(PlainReader.PIECES.get((numbers[i] & 0xFF) % PlainReader.PIECES.size()));
    }
    return stream.toString().getBytes(ISO_8859_1);
  }

  private static List<String> replies(byte[] octets, int block, Server server) {
    OctetSocket socket = new OctetSocket(octets, block);
    try {
      new SmtpSession(server.around(), socket, InetAddress.getLoopbackAddress(), false).run();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    assertThat(server.faults()).as("faults in the session, see the log").isZero();
    assertThat(server.spool().openIntakes).hasValue(0);
    String heard = new String(socket.heard(), ISO_8859_1);
    assertThat(heard).endsWith("\r\n");
    return List.of(heard.split("\r\n"));
  }

  private static void judge(String stream, List<String> replies, MemorySpool spool) {
    assertThat(replies).allMatch(line -> line.matches("[2345][0-9][0-9][ -][ -~]*"));
    assertThat(replies.stream().filter(line -> line.startsWith("250 2.0.0 queued as ")))
        .hasSameSizeAs(spool.kept);
    long ends = ends(stream) + LAST.matcher(stream).results().count();
    assertThat((long) spool.kept.size()).isLessThanOrEqualTo(ends);
    for (MemorySpool.Kept kept : spool.kept) {
      assertThat(kept.text().replace("\r\n", "")).doesNotContainPattern("[\r\n\0]");
      assertThat(kept.text()).endsWith("\r\n");
    }
  }

  /** Places where DATA may end (RFC 5321 section 4.1.1.4). */
  private static long ends(String stream) {
    long ends = 0;
    for (int at = stream.indexOf("\r\n.\r\n"); at >= 0; at = stream.indexOf("\r\n.\r\n", at + 1)) {
      ends++;
    }
    return ends;
  }

  /** The server may end a session at a refused DATA or go on, as more has come by then or not. */
  private static void compare(String stream, MemorySpool spool) {
    List<String> least = new PlainReader(false).read(stream);
    List<String> most = new PlainReader(true).read(stream);
    assertThat(spool.kept.size()).isBetween(least.size(), most.size());
    for (int i = 0; i < spool.kept.size(); i++) {
      assertThat(spool.kept.get(i).text()).endsWith(most.get(i));
    }
  }
}
