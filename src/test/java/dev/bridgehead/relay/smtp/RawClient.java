package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A client that sends what it is told, octet by octet. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket raw;
  private Socket socket;
  private InputStream in;
  private OutputStream out;

  public RawClient(int port) throws IOException {
    this(port, InetAddress.getLoopbackAddress());
  }

  /**
   * @param from an address of loopback
   */
  RawClient(int port, InetAddress from) throws IOException {
    raw = new Socket(InetAddress.getLoopbackAddress(), port, from, 0);
    socket = raw;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** Shakes hands here and now; nothing is sent before. */
  public RawClient secure(SSLContext context) throws IOException {
    SSLSocket tls =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, ServerUnderTest.HOSTNAME, socket.getPort(), true);
    tls.startHandshake();
    socket = tls;
    in = new BufferedInputStream(tls.getInputStream());
    out = tls.getOutputStream();
    return this;
  }

  /** In TLS 1.2 a renegotiation, in TLS 1.3 new keys. */
  void handshakeAgain() throws IOException {
    ((SSLSocket) socket).startHandshake();
  }

  /** Ends the connection as if the client had died: no alert, no end of data. */
  void cutBelowTls() throws IOException {
    raw.close();
  }

  /** What TLS there is; fails where there is none. */
  SSLSession tls() {
    return ((SSLSocket) socket).getSession();
  }

  /** Sends UTF-8 as it stands; nothing is added. */
  public RawClient send(String text) throws IOException {
    return send(text.getBytes(UTF_8));
  }

  public RawClient send(byte[] octets) throws IOException {
    out.write(octets);
    out.flush();
    return this;
  }

  /** Sends a line and reads the reply to it. */
  public String ask(String command) throws IOException {
    return send(command + "\r\n").reply();
  }

  /** Sends a message's octets and the end of data after DATA was accepted. */
  public String message(String content) throws IOException {
    String go = ask("DATA");
    if (!go.startsWith("354")) {
      throw new AssertionError(go);
    }
    return send(content.getBytes(ISO_8859_1)).send("\r\n.\r\n").reply();
  }

  /** The next reply, its lines joined by a line feed, without CRs; empty at the end. */
  public String reply() throws IOException {
    StringBuilder reply = new StringBuilder();
    while (true) {
      String line = line();
      reply.append(line);
      if (line.length() < 4 || line.charAt(3) != '-') {
        return reply.toString();
      }
      reply.append('\n');
    }
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try {
      for (int octet = in.read(); octet >= 0; octet = in.read()) {
        if (octet == '\n') {
          String text = line.toString(ISO_8859_1);
          if (!text.endsWith("\r")) {
            throw new AssertionError("a reply ends with a bare LF: " + text);
          }
          return text.substring(0, text.length() - 1);
        }
        line.write(octet);
      }
    } catch (SocketException reset) {
      return "";
    }
    return line.toString(ISO_8859_1);
  }

  /** What one packet brought. */
  public String available() throws IOException {
    in.mark(1);
    in.read();
    in.reset();
    return new String(in.readNBytes(in.available()), ISO_8859_1);
  }

  /** All that still comes until the server closes. */
  public String rest() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String reply = reply(); !reply.isEmpty(); reply = reply()) {
      all.append(reply).append('\n');
    }
    return all.toString();
  }

  /** The same as it comes, whatever it is. */
  String octets() throws IOException {
    try {
      return new String(in.readAllBytes(), ISO_8859_1);
    } catch (SocketException reset) {
      return "";
    }
  }

  /** From here on a reply comes so soon, or not at all. */
  public RawClient within(Duration patience) throws IOException {
    socket.setSoTimeout((int) patience.toMillis());
    return this;
  }

  /** Closes the client's side only. */
  public RawClient endInput() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /** Ends the connection with a reset. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
