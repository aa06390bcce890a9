package dev.bridgehead.cli;

import dev.bridgehead.cli.Ledger.Entry;
import dev.bridgehead.cli.Ledger.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Sessions that send until the relay is killed, a thread each. */
final class LedgerClients {
  private static final int SESSIONS = 8;

  /** So far ahead of the next hop, clients let it catch up: a run must end some time. */
  private static final int AHEAD = 5_000;

  private final Ledger ledger;
  private final int port;
  private final Runnable afterPromise;
  private final List<Thread> threads = new ArrayList<>();

  private LedgerClients(Ledger ledger, int port, Runnable afterPromise) {
    this.ledger = ledger;
    this.port = port;
    this.afterPromise = afterPromise;
  }

  /**
   * Starts them against a relay that is ready.
   *
   * @param numbers of messages, not used twice
   * @param afterPromise done after each 250
   */
  static LedgerClients start(
      Ledger ledger, int port, AtomicLong numbers, Random random, Runnable afterPromise) {
    var clients = new LedgerClients(ledger, port, afterPromise);
    for (int i = 0; i < SESSIONS; i++) {
      Random own = new Random(random.nextLong());
      clients.threads.add(Thread.startVirtualThread(() -> clients.send(numbers, own)));
    }
    return clients;
  }

  /** Sends so many messages to a relay that nobody kills meanwhile. */
  static void sendAll(Ledger ledger, int port, int messages, Random random)
      throws InterruptedException {
    var clients = new LedgerClients(ledger, port, () -> {});
    AtomicLong numbers = new AtomicLong();
    for (int i = 0; i < SESSIONS; i++) {
      Random own = new Random(random.nextLong());
      clients.threads.add(
          Thread.startVirtualThread(() -> clients.send(numbers, messages / SESSIONS, own)));
    }
    clients.join();
  }

  private void send(AtomicLong numbers, int messages, Random random) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      session(socket, numbers, messages, random);
    } catch (IOException e) {
      ledger.fault(e.toString());
    }
  }

  /** Waits until all have noticed that the relay is gone. */
  void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void send(AtomicLong numbers, Random random) {
    try {
      while (ledger.owed() < AHEAD) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
          session(socket, numbers, 1 + random.nextInt(30), random);
        }
      }
    } catch (UnexpectedReply e) {
      ledger.fault(e.toString());
    } catch (IOException e) {
      ledger.broken(); // what was under way has no 250, and is not promised
    }
  }

  private void session(Socket socket, AtomicLong numbers, int messages, Random random)
      throws IOException {
    socket.setTcpNoDelay(true);
    var replies =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    expect(replies, "220");
    command(socket, replies, "EHLO client.example.org\r\n", "250");
    for (int left = messages; left > 0; left--) {
      message(socket, replies, numbers.incrementAndGet(), random);
    }
    command(socket, replies, "QUIT\r\n", "221");
  }

  private void message(Socket socket, BufferedReader replies, long number, Random random)
      throws IOException {
    List<Entry> entries = entries(number, random);
    String content = LedgerMessage.write(number, random);
    command(socket, replies, "MAIL FROM:<sender-" + number + "@src.example>\r\n", "250");
    for (Entry entry : entries) {
      command(socket, replies, "RCPT TO:<" + entry.localPart() + "@dst.example>\r\n", "250");
    }
    command(socket, replies, "DATA\r\n", "354");
    ledger.sending(entries);
    command(socket, replies, stuffed(content) + ".\r\n", "250");
    ledger.promise(entries);
    afterPromise.run();
  }

  private static List<Entry> entries(long number, Random random) {
    List<Entry> entries = new ArrayList<>();
    if (random.nextInt(20) == 0) {
      entries.add(new Entry(number, Kind.GONE));
    }
    if (random.nextInt(10) == 0) {
      entries.add(new Entry(number, Kind.LATER));
    }
    if (entries.isEmpty() || random.nextBoolean()) {
      entries.add(new Entry(number, Kind.TAKEN));
    }
    return entries;
  }

  static String stuffed(String content) {
    return content
        .lines()
        .map(line -> (line.startsWith(".") ? "." + line : line) + "\r\n")
        .collect(Collectors.joining());
  }

  private static void command(Socket socket, BufferedReader replies, String text, String code)
      throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    expect(replies, code);
  }

  private static void expect(BufferedReader replies, String code) throws IOException {
    String line;
    do {
      line = replies.readLine();
      if (line == null) {
        throw new IOException("closed");
      }
      if (!line.startsWith(code)) {
        throw new UnexpectedReply("expected " + code + ", got " + line);
      }
    } while (line.charAt(3) == '-');
  }

  /** The relay refused what it must take. */
  private static final class UnexpectedReply extends IOException {
    UnexpectedReply(String message) {
      super(message);
    }
  }
}
