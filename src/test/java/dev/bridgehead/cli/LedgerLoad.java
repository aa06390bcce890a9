package dev.bridgehead.cli;

import dev.bridgehead.cli.Ledger.Entry;
import dev.bridgehead.cli.Ledger.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A steady client of a connector that behaves as RFC 5321 section 4.5.4 wants it, and tries again
 * after a 421, a 4xx or a refused connection; and the next hop of that connector; with one ledger
 * for both. A program of its own, since both live in another network than the test.
 *
 * <p>Arguments: address and port of the connector, address and port of the next hop. Commands come
 * as lines, and each is answered by lines that end with an empty one:
 *
 * <ul>
 *   <li>{@code send}, {@code pause}: the clients work, or rest; answers when what was under way is
 *       over
 *   <li>{@code open}, {@code close}: the next hop takes connections, or is gone
 *   <li>{@code kill}: a relay is about to be killed, so that its duplicates are explained
 *   <li>{@code report}: {@link Ledger#summary} and, a line each, its faults
 * </ul>
 */
public final class LedgerLoad {
  private static final int SESSIONS = 4;
  private static final int MESSAGES_A_SESSION = 10;
  private static final int PATIENCE_MILLIS = 30_000;

  /** Between two messages of a session, and before another attempt. */
  private static final long PACE_NANOS = 25_000_000;

  private final Ledger ledger = new Ledger();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicInteger putOff = new AtomicInteger();
  private final AtomicInteger unreachable = new AtomicInteger();
  private final InetSocketAddress connector;
  private final InetSocketAddress hopAddress;
  private volatile boolean sending;
  private volatile long lastAccepted = System.nanoTime();
  private volatile long longestGap;
  private @Nullable LedgerHop hop;

  private LedgerLoad(InetSocketAddress connector, InetSocketAddress hopAddress) {
    this.connector = connector;
    this.hopAddress = hopAddress;
  }

  /** See the class. */
  public static void main(String[] words) throws IOException {
    LedgerLoad load =
        new LedgerLoad(
            new InetSocketAddress(words[0], Integer.parseInt(words[1])),
            new InetSocketAddress(words[2], Integer.parseInt(words[3])));
    load.ledger.begin();
    load.serve(
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), System.out);
  }

  private void serve(BufferedReader commands, PrintStream answers) throws IOException {
    for (int i = 0; i < SESSIONS; i++) {
      Random random = new Random(i);
      Thread.ofVirtual().start(() -> work(random));
    }
    for (String command = commands.readLine(); command != null; command = commands.readLine()) {
      switch (command) {
        case "send" -> {
          lastAccepted = System.nanoTime();
          sending = true;
        }
        case "pause" -> {
          sending = false;
          while (busy.get() > 0) {
            LockSupport.parkNanos(PACE_NANOS);
          }
        }
        case "open" -> hop = new LedgerHop(ledger, hopAddress);
        case "close" -> close();
        case "kill" -> {
          ledger.kill();
          ledger.begin();
        }
        case "report" -> answers.print(report());
        default -> answers.println("unknown command: " + command);
      }
      answers.println();
      answers.flush();
    }
  }

  private void close() {
    LedgerHop open = hop;
    if (open != null) {
      open.close();
      hop = null;
    }
  }

  private String report() {
    return ledger.summary()
        + "%-36s %d%n".formatted("told to come later (421, 4xx)", putOff.get())
        + "%-36s %d%n".formatted("could not connect", unreachable.get())
        + "%-36s %d%n".formatted("longest without a 250, ms", longestGap / 1_000_000)
        + String.join("", ledger.faults().stream().map(fault -> "fault: " + fault + "\n").toList());
  }

  private void work(Random random) {
    while (true) {
      LockSupport.parkNanos(PACE_NANOS);
      busy.incrementAndGet();
      try {
        if (sending) {
          session(random);
        }
      } catch (ConnectException | NoRouteToHostException e) {
        unreachable.incrementAndGet();
      } catch (Later later) {
        putOff.incrementAndGet();
      } catch (Refused refused) {
        ledger.fault(String.valueOf(refused.getMessage()));
      } catch (SocketTimeoutException silent) {
        ledger.fault("no answer within " + PATIENCE_MILLIS + " ms");
      } catch (IOException e) {
        ledger.broken(); // what was under way has no 250, and is not promised
      } finally {
        busy.decrementAndGet();
      }
    }
  }

  private void session(Random random) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MILLIS);
      try {
        socket.connect(connector, PATIENCE_MILLIS);
      } catch (SocketTimeoutException e) {
        throw new NoRouteToHostException("no answer to a connection");
      }
      BufferedReader replies =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      expect(replies, '2');
      command(socket, replies, "EHLO client.example.org\r\n", '2');
      for (int i = 0; i < MESSAGES_A_SESSION && sending; i++) {
        message(socket, replies, numbers.incrementAndGet(), random);
        LockSupport.parkNanos(PACE_NANOS);
      }
      command(socket, replies, "QUIT\r\n", '2');
    }
  }

  private void message(Socket socket, BufferedReader replies, long number, Random random)
      throws IOException {
    Entry entry = new Entry(number, random.nextInt(20) == 0 ? Kind.LATER : Kind.TAKEN);
    String content = LedgerMessage.write(number, random);
    command(socket, replies, "MAIL FROM:<sender-" + number + "@src.example>\r\n", '2');
    command(socket, replies, "RCPT TO:<" + entry.localPart() + "@dst.example>\r\n", '2');
    command(socket, replies, "DATA\r\n", '3');
    ledger.sending(List.of(entry));
    command(socket, replies, LedgerClients.stuffed(content) + ".\r\n", '2');
    ledger.promise(List.of(entry));
    synchronized (this) {
      long now = System.nanoTime();
      longestGap = Math.max(longestGap, now - lastAccepted);
      lastAccepted = now;
    }
  }

  private static void command(Socket socket, BufferedReader replies, String text, char wanted)
      throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    expect(replies, wanted);
  }

  private static void expect(BufferedReader replies, char wanted) throws IOException {
    String line;
    do {
      line = replies.readLine();
      if (line == null) {
        throw new IOException("closed");
      }
      if (line.charAt(0) == '4') {
        throw new Later(line);
      }
      if (line.charAt(0) != wanted) {
        throw new Refused(line);
      }
    } while (line.charAt(3) == '-');
  }

  private static final class Later extends IOException {
    Later(String reply) {
      super(reply);
    }
  }

  private static final class Refused extends IOException {
    Refused(String reply) {
      super(reply);
    }
  }
}
