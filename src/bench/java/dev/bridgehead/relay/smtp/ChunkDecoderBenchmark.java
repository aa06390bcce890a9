package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.HotLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** BDAT as it comes in: looked at in blocks of 16 KiB, as DATA is. */
public class ChunkDecoderBenchmark extends HotLoop {
  private static final int BLOCK = 16 << 10;

  /** Of the message. */
  @Param({"4096", "102400"})
  int octets;

  /** A bare LF becomes CR LF. */
  @Param({"false", "true"})
  boolean normalizes;

  private byte[] data = {};
  private long taken;

  @Setup
  public void message() {
    data = text(octets).getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public long decode() throws IOException {
    ChunkDecoder decoder = new ChunkDecoder(normalizes);
    OctetSink count = (_, _, length) -> taken += length;
    OctetSink sink = normalizes ? new LineEndings(count) : count;
    for (int at = 0; at < data.length; at += BLOCK) {
      decoder.decode(data, at, Math.min(data.length, at + BLOCK), sink);
    }
    decoder.end(sink);
    return taken;
  }
}
