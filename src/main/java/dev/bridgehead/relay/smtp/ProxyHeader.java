package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.bridgehead.validation.IpAddress;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a load balancer says about its client before the client can say anything: HAProxy's PROXY
 * protocol, versions 1 and 2 (haproxy.org/download/3.0/doc/proxy-protocol.txt; sections cited below
 * are its own). Nothing behind the header is read. Used by the session's thread.
 */
final class ProxyHeader {
  /** Why there is no header that could be believed; one line for the log. */
  static final class BrokenException extends Exception {
    private static final long serialVersionUID = 1;

    BrokenException(String message) {
      super(message);
    }
  }

  /** Section 2.2. It can't be the beginning of anything in SMTP, HTTP, TLS or version 1. */
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };

  private static final byte[] VERSION_1 = "PROXY ".getBytes(ISO_8859_1);

  /** Section 2.1: the longest line with its CRLF. */
  private static final int MAX_LINE = 107;

  /** Of addresses and extensions of version 2: several times what load balancers send. */
  private static final int MAX_REST = 4096;

  private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
  private static final int MAX_PORT = 65535;

  private static final int LOCAL = 0;
  private static final int PROXY = 1;
  private static final int UNSPECIFIED = 0;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;

  private final Socket socket;
  private final InputStream in;
  private final long latest;

  private ProxyHeader(Socket socket, Duration within) throws IOException {
    this.socket = socket;
    this.in = socket.getInputStream();
    this.latest = System.nanoTime() + within.toNanos();
  }

  /**
   * Reads the header of a connection that must begin with one.
   *
   * @return the client's address; the peer's own where it speaks for itself, as in health checks
   * @throws BrokenException where it is late, too long, or no header
   * @throws EOFException where the peer closed without a word
   */
  static InetAddress read(Socket socket, InetAddress peer, Duration within)
      throws IOException, BrokenException {
    try {
      InetAddress client = new ProxyHeader(socket, within).read().orElse(peer);
      socket.setSoTimeout(0);
      return client;
    } catch (SocketTimeoutException late) {
      throw new BrokenException("no whole PROXY header came within " + within.toSeconds() + " s");
    }
  }

  /** Empty where the peer speaks for itself. */
  private Optional<InetAddress> read() throws IOException, BrokenException {
    // Both versions are longer than the signature.
    byte[] start = octets(SIGNATURE.length);
    if (Arrays.equals(start, SIGNATURE)) {
      return version2();
    }
    if (Arrays.equals(Arrays.copyOf(start, VERSION_1.length), VERSION_1)) {
      return version1(start);
    }
    throw new BrokenException("the connection begins with something else than a PROXY header");
  }

  /** Section 2.1. */
  private Optional<InetAddress> version1(byte[] start) throws IOException, BrokenException {
    byte[] line = Arrays.copyOf(start, MAX_LINE);
    int length = start.length;
    while (line[length - 2] != '\r' || line[length - 1] != '\n') {
      if (length == MAX_LINE) {
        throw new BrokenException("a PROXY header longer than 107 octets");
      }
      line[length++] = octets(1)[0];
    }
    String[] parts = new String(line, 0, length - 2, ISO_8859_1).split(" ", -1);
    if (parts[1].equals("UNKNOWN")) {
      return Optional.empty();
    }
    boolean ipv6 = parts[1].equals("TCP6");
    if (parts.length != 6 || !(ipv6 || parts[1].equals("TCP4"))) {
      throw notAHeader();
    }
    InetAddress client = address(parts[2], ipv6);
    address(parts[3], ipv6);
    port(parts[4]);
    port(parts[5]);
    return Optional.of(client);
  }

  private static InetAddress address(String text, boolean ipv6) throws BrokenException {
    if (text.contains(":") != ipv6) {
      throw notAHeader();
    }
    return IpAddress.parse(text).orElseThrow(ProxyHeader::notAHeader);
  }

  private static void port(String text) throws BrokenException {
    if (!PORT.matcher(text).matches() || Integer.parseInt(text) > MAX_PORT) {
      throw notAHeader();
    }
  }

  /** Section 2.2. */
  private Optional<InetAddress> version2() throws IOException, BrokenException {
    byte[] fixed = octets(4);
    int command = fixed[0] & 0x0F;
    int protocol = fixed[1] & 0xFF;
    int length = (fixed[2] & 0xFF) << 8 | (fixed[3] & 0xFF);
    if ((fixed[0] & 0xF0) != 0x20 || (command != LOCAL && command != PROXY)) {
      throw notAHeader();
    }
    if (length > MAX_REST) {
      throw new BrokenException("a PROXY header longer than " + MAX_REST + " octets");
    }
    byte[] rest = octets(length);
    if (command == LOCAL || protocol == UNSPECIFIED) {
      return Optional.empty();
    }
    return switch (protocol) {
      case TCP_OVER_IPV4 -> Optional.of(address(rest, 4));
      case TCP_OVER_IPV6 -> Optional.of(address(rest, 16));
      default -> throw new BrokenException("a PROXY header that speaks of no TCP connection");
    };
  }

  /** The source, of two addresses and two ports. */
  private static InetAddress address(byte[] rest, int size) throws IOException, BrokenException {
    if (rest.length < 2 * size + 4) {
      throw notAHeader();
    }
    return InetAddress.getByAddress(Arrays.copyOf(rest, size));
  }

  private static BrokenException notAHeader() {
    return new BrokenException("a broken PROXY header");
  }

  private byte[] octets(int count) throws IOException, BrokenException {
    byte[] octets = new byte[count];
    int read = 0;
    while (read < count) {
      long millis = (latest - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        throw new SocketTimeoutException();
      }
      socket.setSoTimeout((int) millis);
      int more = in.read(octets, read, count - read);
      if (more < 0) {
        if (read == 0 && count == SIGNATURE.length) {
          throw new EOFException("the peer closed without a word");
        }
        throw new BrokenException("the connection ended within a PROXY header");
      }
      read += more;
    }
    return octets;
  }
}
