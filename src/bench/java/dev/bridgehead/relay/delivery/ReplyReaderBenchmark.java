package dev.bridgehead.relay.delivery;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** What a next hop says, from octets to replies. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplyReaderBenchmark {
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
