package dev.bridgehead.relay.delivery;

import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.relay.policy.DaneProof;
import dev.bridgehead.relay.policy.TlsDemand;
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
import javax.net.ssl.KeyManager;
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

/** TLS towards next hops, as it is demanded of them. Any thread may use it. */
final class TlsLayer {
  /** RFC 8996: nothing older. */
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /**
   * Contexts hold the sessions that can be resumed; a changed bundle, or client certificate, gets a
   * context of its own.
   */
  private static final int MAX_CONTEXTS = 8;

  private final Map<Terms, Context> contexts = new ConcurrentHashMap<>();

  /**
   * TLS stands.
   *
   * @param answer to the peer's question who this server is
   */
  record Secured(SSLSocket socket, ClientIdentity.Answer answer) {}

  /**
   * @param roots empty: the system's; null: certificates aren't checked
   */
  private record Trust(@Nullable Set<X509Certificate> roots) {}

  /**
   * @param own null: no client certificate
   */
  private record Terms(Trust trust, @Nullable TlsKeyPair own) {}

  private record Context(SSLContext ssl, ClientIdentity identity) {}

  /**
   * Shakes hands over a connected socket, whose time-outs are the caller's.
   *
   * @throws IOException also where the peer does not prove what it has to
   */
  Secured handshake(Socket socket, Peer peer) throws IOException {
    String name = peer.tls().name(peer.hop().tlsName());
    Context context = context(peer);
    SSLSocket tls =
        (SSLSocket)
            context.ssl().getSocketFactory().createSocket(socket, name, socket.getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setServerNames(serverNames(name));
    tls.setSSLParameters(parameters);
    ClientIdentity.Answer answer = shakeHands(tls, context.identity());
    if (peer.tls() instanceof TlsDemand.Proven(_, _, String proven, _) && proven != null) {
      requireName(tls, proven);
    }
    return new Secured(tls, answer);
  }

  /** Whoever is asked who he is has taken the peer's certificate already, in TLS 1.2 and 1.3. */
  private static ClientIdentity.Answer shakeHands(SSLSocket tls, ClientIdentity identity)
      throws IOException {
    try {
      tls.startHandshake();
    } catch (IOException e) {
      throw identity.answer(tls).explain(e);
    }
    return identity.answer(tls);
  }

  private Context context(Peer peer) throws IOException {
    Trust pkix = new Trust(Set.copyOf(peer.roots()));
    return switch (peer.tls()) {
      case TlsDemand.Proven(_, DaneProof dane, String name, _) when dane != null ->
          dane(dane, name == null ? null : pkix, peer.own());
      case TlsDemand.Proven _ -> context(new Terms(pkix, peer.own()));
      case TlsDemand.Never _, TlsDemand.Opportunistic _, TlsDemand.Encrypted _ ->
          context(new Terms(new Trust(null), peer.own()));
    };
  }

  /** Of its own for each handshake: a session that is resumed would not be proven anew. */
  private static Context dane(DaneProof proof, @Nullable Trust pkix, @Nullable TlsKeyPair own)
      throws IOException {
    try {
      return context(
          new TrustManager[] {new DaneTrust(proof, pkix == null ? null : pkix(pkix))}, own);
    } catch (GeneralSecurityException e) {
      throw new SSLException("TLS is not available: " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager pkix(Trust trust)
      throws GeneralSecurityException, IOException {
    for (TrustManager manager : trustManagers(trust)) {
      if (manager instanceof X509ExtendedTrustManager it) {
        return it;
      }
    }
    throw new GeneralSecurityException("no verifier of certificates");
  }

  private static Context context(TrustManager[] trust, @Nullable TlsKeyPair own)
      throws GeneralSecurityException {
    ClientIdentity identity = new ClientIdentity(own);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {identity}, trust, null);
    return new Context(context, identity);
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

  private Context context(Terms terms) throws IOException {
    Context known = contexts.get(terms);
    if (known != null) {
      return known;
    }
    try {
      Context fresh = context(trustManagers(terms.trust()), terms.own());
      if (contexts.size() >= MAX_CONTEXTS) {
        contexts.clear();
      }
      contexts.put(terms, fresh);
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
