package dev.bridgehead.relay.smtp;

import java.nio.charset.StandardCharsets;
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

/** Command lines of clients, from octets to what is asked for. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CommandLineBenchmark {
  private static final long MOST = 25 << 20;

  private final byte[] mail = line("MAIL FROM:<sender@shop.example.org> SIZE=4096 BODY=8BITMIME");
  private final byte[] rcpt = line("RCPT TO:<recipient@one.example.com>");
  private final byte[] told =
      line("RCPT TO:<ann@example.com> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;ann@example.com");

  private static byte[] line(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Benchmark
  public Object mail() throws RefusedException {
    return MailCommand.parse(CommandLine.parse(mail).argument(), MOST);
  }

  @Benchmark
  public Object rcpt() throws RefusedException {
    return RcptCommand.parse(CommandLine.parse(rcpt).argument(), false);
  }

  @Benchmark
  public Object rcptWithNotify() throws RefusedException {
    return RcptCommand.parse(CommandLine.parse(told).argument(), false);
  }
}
