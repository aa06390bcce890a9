package dev.bridgehead.relay;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;

/**
 * Stands between a relay and its sibling, and breaks connections where the dice say so: before a
 * piece of a request is passed on, or a piece of an answer.
 */
final class CuttingProxy implements AutoCloseable {
  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final IntSupplier target;
  private final Random random;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private volatile int percent;
  private volatile boolean severed;
  private volatile boolean offersUnanswered;

  /**
   * @param target the sibling's port now; 0 where it is down
   */
  CuttingProxy(IntSupplier target, long seed) throws IOException {
    this.target = target;
    this.random = new Random(seed);
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** How many pieces of a hundred end their connection. */
  void cut(int ofHundred) {
    percent = ofHundred;
  }

  /** Whether messages arrive, but no word about them. */
  void loseAnswersToOffers(boolean lose) {
    offersUnanswered = lose;
  }

  /** Nothing passes any more, as if the process behind it were dead. */
  void sever() {
    severed = true;
    close();
  }

  /** What is open breaks. */
  void breakAll() {
    open.forEach(CuttingProxy::quietly);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = server.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      breakAll();
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client;
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), target.getAsInt())) {
      open.add(behind);
      AtomicBoolean offering = new AtomicBoolean();
      Thread requests = Thread.ofVirtual().start(() -> pass(client, behind, offering, false));
      pass(behind, client, offering, true);
      quietly(client);
      requests.join();
      open.remove(behind);
    } catch (IOException e) {
      quietly(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private void pass(Socket from, Socket to, AtomicBoolean offering, boolean answers) {
    byte[] buffer = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!answers && count > 2 && buffer[0] == 'P' && buffer[1] == 'U') {
          offering.set(true);
        }
        boolean lost = answers && offering.get() && offersUnanswered;
        if (severed || lost || dice()) {
          break;
        }
        out.write(buffer, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      // either end is gone, and so must the other be
    } finally {
      quietly(from);
      quietly(to);
    }
  }

  private synchronized boolean dice() {
    return random.nextInt(100) < percent;
  }

  private static void quietly(Closeable each) {
    try {
      each.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    quietly(server);
    breakAll();
  }
}
