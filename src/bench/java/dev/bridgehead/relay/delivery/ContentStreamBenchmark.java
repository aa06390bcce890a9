package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.HotLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Content on its way to the next hop: dots at the start of lines are doubled. */
public class ContentStreamBenchmark extends HotLoop {
  /** Of the message. */
  @Param({"4096", "102400"})
  int octets;

  private byte[] content = {};
  private long sent;

  @Setup
  public void message() {
    content = text(octets).getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public long stuff() throws IOException {
    ContentStream stream = new ContentStream((_, length) -> sent += length, content.length);
    stream.copy(content);
    stream.end();
    return sent;
  }
}
