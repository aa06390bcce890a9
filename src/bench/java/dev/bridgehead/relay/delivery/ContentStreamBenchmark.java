package dev.bridgehead.relay.delivery;

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

/** Content on its way to the next hop: dots at the start of lines are doubled. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ContentStreamBenchmark {
  /** Of the message. */
  @Param({"4096", "102400"})
  int octets;

  private byte[] content = {};
  private long sent;

  /** Lines of 78 octets, every twentieth begins with a dot. */
  @Setup
  public void message() {
    StringBuilder text = new StringBuilder("Subject: a benchmark\r\n\r\n");
    for (int line = 1; text.length() < octets; line++) {
      text.append(line % 20 == 0 ? "." : "x").append("x".repeat(75)).append("\r\n");
    }
    content = text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public long stuff() throws IOException {
    ContentStream stream = new ContentStream((_, length) -> sent += length, content.length);
    stream.copy(content);
    stream.end();
    return sent;
  }
}
