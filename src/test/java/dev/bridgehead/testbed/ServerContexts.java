package dev.bridgehead.testbed;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What servers of tests speak TLS with. */
public final class ServerContexts {
  private ServerContexts() {}

  /**
   * @param clients whose certificates it would believe
   */
  public static SSLContext of(SelfSigned server, X509Certificate... clients) {
    try {
      KeyStore roots = empty();
      for (int i = 0; i < clients.length; i++) {
        roots.setCertificateEntry("client-" + i, clients[i]);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(roots);
      return of(server, trust.getTrustManagers());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Believes every client.
   *
   * @param authorities that it says it wants
   */
  public static SSLContext listing(SelfSigned server, X509Certificate... authorities) {
    return of(server, new TrustManager[] {new Credulous(authorities)});
  }

  private static SSLContext of(SelfSigned server, TrustManager[] trust) {
    try {
      KeyStore own = empty();
      own.setKeyEntry(
          "server",
          server.keys().getPrivate(),
          new char[0],
          new Certificate[] {server.certificate()});
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private record Credulous(X509Certificate[] authorities) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return authorities;
    }
  }
}
