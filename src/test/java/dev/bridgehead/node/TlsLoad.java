package dev.bridgehead.node;

import dev.bridgehead.testbed.TestCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Clients of a connector that send by TLS all the time, inside the node's network: Python's, some
 * by STARTTLS, some on port 465, each message over a connection of its own but for one client that
 * keeps its connection.
 */
final class TlsLoad implements AutoCloseable {
  private static final String PYTHON =
      """
      import hashlib, smtplib, ssl, sys, threading, time
      host = sys.argv[1]
      context = ssl.create_default_context()
      context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
      lock, stop = threading.Lock(), threading.Event()
      def say(*words):
          with lock:
              print(*words, flush=True)
      def open_session(implicit):
          if implicit:
              return smtplib.SMTP_SSL(host, 465, context=context, timeout=20)
          session = smtplib.SMTP(host, 25, timeout=20)
          session.starttls(context=context)
          return session
      def send(session):
          session.sendmail('load@src.example', ['x@dst.example'], 'Subject: load\\r\\n\\r\\nx\\r\\n')
      def fresh(implicit):
          while not stop.is_set():
              at = time.time()
              try:
                  with open_session(implicit) as session:
                      seen = hashlib.sha256(session.sock.getpeercert(True)).hexdigest()
                      send(session)
                  say(at, seen, 'ok')
              except Exception as failure:
                  say(at, '-', repr(failure))
              time.sleep(0.05)
      def kept():
          try:
              with open_session(False) as session:
                  while not stop.is_set():
                      send(session)
                      say(time.time(), 'kept', 'ok')
                      time.sleep(0.1)
          except Exception as failure:
              say(time.time(), 'kept', repr(failure))
      threads = [threading.Thread(target=fresh, args=(n % 2 == 0,)) for n in range(4)]
      threads.append(threading.Thread(target=kept))
      for thread in threads: thread.start()
      sys.stdin.read()
      stop.set()
      for thread in threads: thread.join()
      """;

  /**
   * One message that was sent, or was not.
   *
   * @param at when its connection was begun; of a kept connection when it was sent
   * @param certificate SHA-256 of what the server showed, lower-case hex; {@code kept} on a
   *     connection that is kept; {@code -} where there was none
   * @param result ok, or what went wrong
   */
  record Sent(Instant at, String certificate, String result) {
    boolean ok() {
      return result.equals("ok");
    }
  }

  private final Process process;
  private final Thread reader;
  private final List<Sent> sent = new CopyOnWriteArrayList<>();

  private TlsLoad(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::read);
  }

  /**
   * @param connector the Service's address
   */
  static TlsLoad on(TestCluster cluster, String connector) {
    List<String> words = new ArrayList<>(cluster.insideNetwork());
    words.addAll(List.of("python3", "-c", PYTHON, connector));
    try {
      return new TlsLoad(
          new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 3);
        long millis = (long) (Double.parseDouble(words[0]) * 1000);
        sent.add(new Sent(Instant.ofEpochMilli(millis), words[1], words[2]));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything so far. */
  List<Sent> sent() {
    return List.copyOf(sent);
  }

  /** Lets the clients finish what they are at. */
  void end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    process.waitFor();
    reader.join();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
