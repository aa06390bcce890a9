package dev.bridgehead.relay.smtp;

import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import dev.bridgehead.testbed.SelfSigned;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Configurations with TLS, and what clients need to believe their certificates. */
public final class TlsClients {
  private TlsClients() {}

  /** On free ports. */
  static RelayConfig config(SelfSigned certificate) {
    return with(
        ServerUnderTest.config(true, null, "*"), new InboundTls(certificate.keyPair(), false, 0));
  }

  static RelayConfig with(RelayConfig config, @Nullable InboundTls tls) {
    RelayConfig.Listening listening = config.listening();
    return new RelayConfig(
        config.identity(),
        new RelayConfig.Listening(
            listening.port(),
            listening.loopbackOnly(),
            listening.maxMessageBytes(),
            listening.bareLineEndings(),
            listening.addMissingHeaders(),
            listening.drainFrom(),
            tls),
        config.access(),
        config.routes(),
        config.outgoing(),
        config.retry());
  }

  /** Trusts this one certificate. */
  public static SSLContext trusting(SelfSigned server) {
    return trusting(server.certificate(), "TLS");
  }

  /**
   * @param protocol the newest one, such as TLSv1.2
   */
  static SSLContext trusting(X509Certificate server, String protocol) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("server", server);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance(protocol);
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
