package dev.bridgehead.relay.sts;

import dev.bridgehead.relay.routing.NamedHosts.Found;
import dev.bridgehead.relay.sts.PolicyFailure.Reason;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Fetches policies from {@code https://mta-sts.DOMAIN/.well-known/mta-sts.txt} (RFC 8461 §3.3): the
 * address that was checked is the one that is connected, at port 443, without a proxy, redirects or
 * HTTP caches. Blocks; any number of threads.
 */
final class PolicyHost {
  private static final int PORT = 443;

  /** A domain whose policy's host has a thousand addresses gets no more attention than others. */
  private static final int MOST_ADDRESSES = 4;

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"}; // RFC 8996

  private final Addresses addresses;
  private final Supplier<SSLSocketFactory> trust;
  private final Limits limits;
  private volatile @Nullable SSLSocketFactory tls;

  /** Looks a host's addresses up and checks them. */
  @FunctionalInterface
  interface Addresses {
    Found find(String host, int port);
  }

  /**
   * @param connect for one address
   * @param all from the first look-up to the last octet
   */
  record Limits(Duration connect, Duration all) {
    /** RFC 8461 §3.3 has a minute; whoever waits for it is a message. */
    static final Limits STANDARD = new Limits(Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /**
   * @param trust whom a policy's host must be certified by; asked for at the first fetch, since
   *     reading all roots of a system takes longer than many a relay's start should
   */
  PolicyHost(Addresses addresses, Supplier<SSLSocketFactory> trust, Limits limits) {
    this.addresses = addresses;
    this.trust = trust;
    this.limits = limits;
  }

  /**
   * @param domain A-labels in lower case
   */
  StsPolicy fetch(String domain) throws PolicyFailure {
    long end = System.nanoTime() + limits.all().toNanos();
    String host = "mta-sts." + domain;
    Found found = addresses.find(host, PORT);
    if (found.usable().isEmpty()) {
      throw new PolicyFailure(Reason.ADDRESS, String.join("; ", found.remarks()));
    }
    return PolicyText.read(get(host, found.usable(), end));
  }

  private byte[] get(String host, List<InetSocketAddress> found, long end) throws PolicyFailure {
    PolicyFailure last = null;
    for (InetSocketAddress address : found.subList(0, Math.min(found.size(), MOST_ADDRESSES))) {
      Socket socket = new Socket(Proxy.NO_PROXY); // whatever the JVM's properties say
      CompletableFuture<Void> deadline = closedAt(end, socket);
      boolean connected = false;
      try (socket) {
        socket.connect(address, Math.toIntExact(limits.connect().toMillis()));
        connected = true;
        return exchange(host, socket);
      } catch (IOException e) {
        last = failure(address, e, deadline.isCompletedExceptionally());
        if (connected || last.reason() == Reason.TIMEOUT) {
          throw last;
        }
      } finally {
        deadline.complete(null);
      }
    }
    if (last == null) {
      throw new AssertionError("without an address nothing is asked for");
    }
    throw last;
  }

  /** Closes a socket when its time is up, which ends whatever is being waited for. */
  private static CompletableFuture<Void> closedAt(long end, Socket socket) {
    CompletableFuture<Void> deadline = new CompletableFuture<>();
    var unused =
        deadline
            .orTimeout(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)
            .exceptionally(
                late -> {
                  close(socket);
                  return null;
                });
    return deadline;
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is as good as closed: nobody reads from it any more.
    }
  }

  private SSLSocketFactory tls() {
    SSLSocketFactory known = tls;
    SSLSocketFactory ready = known == null ? trust.get() : known;
    tls = ready;
    return ready;
  }

  private byte[] exchange(String host, Socket socket) throws IOException, PolicyFailure {
    try (SSLSocket secure = (SSLSocket) tls().createSocket(socket, host, socket.getPort(), true)) {
      handshake(secure, host);
      String request =
          "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: %s\r\nUser-Agent: Bridgehead\r\nAccept: text/plain\r\nConnection: close\r\n\r\n"
              .formatted(host);
      secure.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      try (InputStream in = new BufferedInputStream(secure.getInputStream())) {
        return HttpAnswer.read(in);
      }
    }
  }

  /** RFC 8461 §3.3: the certificate must be valid and prove the host by a DNS name (RFC 9525). */
  private static void handshake(SSLSocket socket, String host) throws IOException {
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setServerNames(List.of(new SNIHostName(host.getBytes(StandardCharsets.US_ASCII))));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    // Java takes the subject's common name where there is no DNS name: that proves nothing.
    if (!hasDnsName(socket)) {
      throw new SSLPeerUnverifiedException("the certificate does not prove the name " + host);
    }
  }

  private static boolean hasDnsName(SSLSocket socket) throws SSLException {
    try {
      Collection<List<?>> names =
          socket.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
              ? certificate.getSubjectAlternativeNames()
              : null;
      return names != null && names.stream().anyMatch(name -> name.get(0).equals(2));
    } catch (CertificateParsingException e) {
      throw new SSLException("the certificate's names can't be read", e);
    }
  }

  private PolicyFailure failure(InetSocketAddress address, IOException why, boolean late) {
    if (late) {
      return new PolicyFailure(
          Reason.TIMEOUT,
          "%s: no policy within %d seconds".formatted(shown(address), limits.all().toSeconds()));
    }
    Reason reason = why instanceof SSLException ? Reason.TLS : Reason.CONNECTION;
    return new PolicyFailure(reason, shown(address) + ": " + text(why));
  }

  private static String shown(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + " port " + address.getPort();
  }

  private static String text(IOException why) {
    String message = why.getMessage();
    return message == null ? why.getClass().getSimpleName() : message;
  }
}
