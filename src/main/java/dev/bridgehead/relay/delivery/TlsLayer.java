package dev.bridgehead.relay.delivery;

import dev.bridgehead.api.TlsMode;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS towards next hops, as the connector's mode wants it. Any thread may use it. */
final class TlsLayer {
  /** RFC 8996: nothing older. */
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /** Contexts hold the sessions that can be resumed; a changed bundle gets a context of its own. */
  private static final int MAX_CONTEXTS = 8;

  private final Map<Trust, SSLContext> contexts = new ConcurrentHashMap<>();

  /**
   * @param roots empty: the system's; null: certificates aren't checked
   */
  private record Trust(@Nullable Set<X509Certificate> roots) {}

  /**
   * Shakes hands over a connected socket, whose time-outs are the caller's.
   *
   * @param host the name to ask for, and in mode Verified the name to be proven
   */
  SSLSocket handshake(Socket socket, String host, TlsMode mode, List<X509Certificate> roots)
      throws IOException {
    boolean verified = mode == TlsMode.VERIFIED;
    SSLContext context = context(new Trust(verified ? Set.copyOf(roots) : null));
    SSLSocket tls =
        (SSLSocket) context.getSocketFactory().createSocket(socket, host, socket.getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setServerNames(serverNames(host));
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    if (verified) {
      requireName(tls, host);
    }
    return tls;
  }

  /** RFC 6066 §3: a literal is no server name, nor is what has odd characters. */
  private static List<SNIServerName> serverNames(String host) {
    boolean name = host.matches("[a-z0-9-]+(\\.[a-z0-9-]+)*");
    return name ? List.of(new SNIHostName(host.getBytes(StandardCharsets.US_ASCII))) : List.of();
  }

  private static void requireName(SSLSocket tls, String host) throws SSLException {
    try {
      boolean proven =
          tls.getSession().getPeerCertificates()[0] instanceof X509Certificate certificate
              && PeerName.provenBy(certificate, host);
      if (!proven) {
        throw new SSLPeerUnverifiedException("the certificate does not prove the name " + host);
      }
    } catch (CertificateParsingException e) {
      throw new SSLException("the certificate's names can't be read", e);
    }
  }

  private SSLContext context(Trust trust) throws IOException {
    SSLContext known = contexts.get(trust);
    if (known != null) {
      return known;
    }
    try {
      SSLContext fresh = SSLContext.getInstance("TLS");
      fresh.init(null, trustManagers(trust), null);
      if (contexts.size() >= MAX_CONTEXTS) {
        contexts.clear();
      }
      contexts.put(trust, fresh);
      return fresh;
    } catch (GeneralSecurityException e) {
      throw new SSLException("TLS is not available: " + e.getMessage(), e);
    }
  }

  private static TrustManager[] trustManagers(Trust trust)
      throws GeneralSecurityException, IOException {
    Set<X509Certificate> roots = trust.roots();
    if (roots == null) {
      return new TrustManager[] {new Anyone()};
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(roots.isEmpty() ? null : keyStore(roots));
    return factory.getTrustManagers();
  }

  private static KeyStore keyStore(Set<X509Certificate> roots)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int number = 0;
    for (X509Certificate root : roots) {
      store.setCertificateEntry("root-" + number++, root);
    }
    return store;
  }

  /** Opportunistic TLS keeps listeners out, not impostors (RFC 7435 §3). */
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
