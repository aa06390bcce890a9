package dev.bridgehead.relay.smtp;

import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.relay.config.CurrentConfig;
import dev.bridgehead.relay.config.InboundTls;
import dev.bridgehead.relay.config.RelayConfig;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate in force, and how TLS is spoken with it. A changed one serves from the next
 * handshake on. Any thread may ask for an engine; changes come from the thread of {@link
 * CurrentConfig}.
 */
final class ServerTls {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  /** RFC 8996: nothing older. */
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /** Forward secrecy and authenticated encryption only (RFC 9325 section 4.2). */
  private static final String[] SUITES = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  };

  /** The ones that every client has one of; the others cost a server much more. */
  private static final String[] GROUPS = {"x25519", "secp256r1", "secp384r1"};

  /** Sessions to resume; most clients keep their own in tickets. */
  private static final int MAX_RESUMABLE = 1000;

  private static final int RESUMABLE_SECONDS = 3600;

  private record Offer(TlsKeyPair keyPair, SSLContext context) {}

  private final Clock clock;
  private volatile @Nullable Offer offer;

  ServerTls(CurrentConfig config, Clock clock) {
    this.clock = clock;
    take(config.get());
    config.onChange((before, now) -> take(now));
  }

  private void take(RelayConfig config) {
    InboundTls tls = config.listening().tls();
    if (tls == null) {
      offer = null;
      return;
    }
    Offer before = offer;
    if (before != null && before.keyPair().equals(tls.keyPair())) {
      return;
    }
    try {
      offer = new Offer(tls.keyPair(), context(tls.keyPair()));
      report(tls.keyPair().chain().getFirst());
    } catch (GeneralSecurityException failure) {
      LOG.error("the new certificate can't be used, the one before stays in force", failure);
    }
  }

  private static SSLContext context(TlsKeyPair keyPair) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {new OneKeyPair(keyPair)}, new TrustManager[0], null);
    context.getServerSessionContext().setSessionCacheSize(MAX_RESUMABLE);
    context.getServerSessionContext().setSessionTimeout(RESUMABLE_SECONDS);
    return context;
  }

  private void report(X509Certificate certificate) {
    Instant now = clock.instant();
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (now.isAfter(until)) {
      LOG.warn("the TLS certificate has expired: clients that check it refuse it; {}", until);
    } else if (now.isBefore(from)) {
      LOG.warn("the TLS certificate is not valid yet: clients that check it refuse it; {}", from);
    }
    LOG.atInfo()
        .addKeyValue("subject", certificate.getSubjectX500Principal())
        .addKeyValue("serial", certificate.getSerialNumber().toString(16))
        .addKeyValue("until", until)
        .log("TLS certificate in force");
  }

  /** Whether TLS can be had. */
  boolean offered() {
    return offer != null;
  }

  /** When the certificate in force expires; NaN where there is none. */
  double expiry() {
    Offer current = offer;
    return current == null
        ? Double.NaN
        : current.keyPair().chain().getFirst().getNotAfter().toInstant().getEpochSecond();
  }

  /**
   * For one handshake.
   *
   * @return null where no TLS is offered
   */
  @Nullable SSLEngine engine() {
    Offer current = offer;
    if (current == null) {
      return null;
    }
    SSLEngine engine = current.context().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(PROTOCOLS);
    parameters.setCipherSuites(SUITES);
    parameters.setNamedGroups(GROUPS);
    // All are good: a client without AES in its processor knows what is fast for it.
    parameters.setUseCipherSuitesOrder(false);
    engine.setSSLParameters(parameters);
    return engine;
  }
}
