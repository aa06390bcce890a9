package dev.bridgehead.relay.delivery;

import dev.bridgehead.relay.policy.DaneProof;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Takes the certificates of one host, as its TLSA records have them. For one handshake. */
final class DaneTrust extends X509ExtendedTrustManager {
  private final DaneChain dane;
  private final @Nullable X509ExtendedTrustManager pkix;

  /**
   * @param pkix has to take them as well; null where nothing else has to
   */
  DaneTrust(DaneProof proof, @Nullable X509ExtendedTrustManager pkix) {
    this.dane = new DaneChain(proof);
    this.pkix = pkix;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    if (pkix != null) {
      pkix.checkServerTrusted(chain, type, socket);
    }
    dane.check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    if (pkix != null) {
      pkix.checkServerTrusted(chain, type);
    }
    dane.check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("next hops are no clients");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
