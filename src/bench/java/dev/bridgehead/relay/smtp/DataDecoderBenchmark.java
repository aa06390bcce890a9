package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.HotLoop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** DATA as it comes in: the end is looked for, and dots are taken out, in blocks of 16 KiB. */
public class DataDecoderBenchmark extends HotLoop {
  private static final int BLOCK = 16 << 10;

  /** Of the message. */
  @Param({"4096", "102400"})
  int octets;

  private byte[] data = {};
  private long taken;

  @Setup
  public void message() {
    data = (text(octets) + ".\r\n").getBytes(StandardCharsets.US_ASCII);
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
