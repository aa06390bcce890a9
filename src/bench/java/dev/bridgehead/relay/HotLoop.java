package dev.bridgehead.relay;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** How all hot loops are measured, and the text of the messages that they go through. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public abstract class HotLoop {
  /** Lines of 78 octets, every twentieth begins with a dot; so many octets, and up to a line. */
  protected static String text(int octets) {
    StringBuilder text = new StringBuilder("Subject: a benchmark\r\n\r\n");
    for (int line = 1; text.length() < octets; line++) {
      text.append(line % 20 == 0 ? "." : "x").append("x".repeat(75)).append("\r\n");
    }
    return text.toString();
  }
}
