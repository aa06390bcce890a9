package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.HotLoop;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;

/** Command lines of clients, from octets to what is asked for. */
public class CommandLineBenchmark extends HotLoop {
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
    return MailCommand.parse(CommandLine.parse(mail).argument(), MOST, false);
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
