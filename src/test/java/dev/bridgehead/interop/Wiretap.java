package dev.bridgehead.interop;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a client and a server on loopback, and keeps what the client says. Two virtual
 * threads a connection, which end with it.
 */
final class Wiretap implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<ByteArrayOutputStream> heard = new CopyOnWriteArrayList<>();
  private final int server;

  private Wiretap(int server) throws IOException {
    this.server = server;
    Thread.ofVirtual().start(this::accept);
  }

  /** On a free port, in front of another port. */
  static Wiretap before(int server) throws IOException {
    return new Wiretap(server);
  }

  int port() {
    return listener.getLocalPort();
  }

  /**
   * What clients said in a session in clear text: its octets as ISO 8859-1.
   *
   * @param mark occurs in that session and no other
   */
  String session(String mark) {
    return heard.stream()
        .map(octets -> octets.toString(ISO_8859_1))
        .filter(text -> text.contains(mark))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nobody said " + mark));
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      // closed: no further connection
    }
  }

  private void serve(Socket client) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    heard.add(said);
    try (client;
        Socket behind = new Socket(InetAddress.getLoopbackAddress(), server)) {
      Thread there = Thread.ofVirtual().start(() -> pass(client, behind, said));
      pass(behind, client, OutputStream.nullOutputStream());
      there.join();
    } catch (IOException e) {
      // a side is gone, and the other one sees its connection end
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void pass(Socket from, Socket to, OutputStream copy) {
    byte[] buffer = new byte[65_536];
    try {
      InputStream in = from.getInputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        copy.write(buffer, 0, count);
        to.getOutputStream().write(buffer, 0, count);
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // as above
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
