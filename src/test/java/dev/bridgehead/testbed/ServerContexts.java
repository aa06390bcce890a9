package dev.bridgehead.testbed;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What servers of tests speak TLS with. */
public final class ServerContexts {
  private ServerContexts() {}

  /**
   * @param clients whose certificates it would believe
   */
  public static SSLContext of(SelfSigned server, X509Certificate... clients) {
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
      KeyStore roots = empty();
      for (int i = 0; i < clients.length; i++) {
        roots.setCertificateEntry("client-" + i, clients[i]);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(roots);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
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
}
