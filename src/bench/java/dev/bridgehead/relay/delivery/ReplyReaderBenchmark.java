package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.HotLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.infra.Blackhole;

/** What a next hop says, from octets to replies. */
public class ReplyReaderBenchmark extends HotLoop {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  private final ReplyReader transaction =
      always(
          """
          250 2.1.0 Ok
          250 2.1.5 Ok
          354 End data with <CR><LF>.<CR><LF>
          250 2.0.0 Ok: queued as 4XyzAbCdEfG
          """);
  private final ReplyReader greeting =
      always(
          """
          250-mx.example.net
          250-PIPELINING
          250-SIZE 52428800
          250-STARTTLS
          250-ENHANCEDSTATUSCODES
          250-8BITMIME
          250-DSN
          250 SMTPUTF8
          """);

  /** A peer that says the same again and again, each time in one piece. */
  private static ReplyReader always(String text) {
    byte[] octets = text.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
    return new ReplyReader(
        (into, from, _) -> {
          System.arraycopy(octets, 0, into, from, octets.length);
          return octets.length;
        });
  }

  /** The four replies of a message to one recipient. */
  @Benchmark
  public void transaction(Blackhole hole) throws IOException {
    for (int i = 0; i < 4; i++) {
      hole.consume(transaction.read(TIMEOUT));
    }
  }

  @Benchmark
  public Object ehlo() throws IOException {
    return greeting.read(TIMEOUT);
  }
}
