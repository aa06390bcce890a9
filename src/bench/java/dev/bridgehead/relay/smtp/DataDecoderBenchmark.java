package dev.bridgehead.relay.smtp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** DATA as it comes in: the end is looked for, and dots are taken out, in blocks of 16 KiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DataDecoderBenchmark {
  private static final int BLOCK = 16 << 10;

  /** Of the message. */
  @Param({"4096", "102400"})
  int octets;

  private byte[] data = {};
  private long taken;

  /** Lines of 78 octets, every twentieth with a dot in front. */
  @Setup
  public void message() {
    StringBuilder text = new StringBuilder("Subject: a benchmark\r\n\r\n");
    for (int line = 1; text.length() < octets; line++) {
      text.append(line % 20 == 0 ? "." : "").append("x".repeat(76)).append("\r\n");
    }
    data = text.append(".\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public long decode() throws IOException {
    DataDecoder decoder = new DataDecoder();
    for (int at = 0; at < data.length; ) {
      int to = Math.min(data.length, at + BLOCK);
      at = decoder.decode(data, at, to, (_, _, length) -> taken += length);
    }
    if (!decoder.ended()) {
      throw new IllegalStateException("the end was not found");
    }
    return taken;
  }
}
