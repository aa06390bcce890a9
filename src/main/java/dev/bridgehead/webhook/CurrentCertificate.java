package dev.bridgehead.webhook;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that the next handshake shows: replaced without touching the server or its
 * connections. Shown by one thread, asked by those of handshakes.
 */
final class CurrentCertificate extends X509ExtendedKeyManager {
  /**
   * The one before is kept for a handshake that has chosen it and not yet asked for its key.
   *
   * @param alias of the current one
   */
  private record Shown(String alias, ServerCertificate current, @Nullable Shown before) {}

  private volatile @Nullable Shown shown; // replaced as a whole

  void show(ServerCertificate certificate) {
    Shown before = shown;
    shown =
        new Shown(
            certificate.certificate().getSerialNumber().toString(16),
            certificate,
            before == null ? null : new Shown(before.alias, before.current, null));
  }

  Optional<ServerCertificate> current() {
    Shown now = shown;
    return now == null ? Optional.empty() : Optional.of(now.current);
  }

  /** A server's context that shows whatever is current. */
  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {this}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has TLS", e);
    }
  }

  private Optional<ServerCertificate> named(@Nullable String alias) {
    Shown now = shown;
    return Stream.iterate(now, s -> s != null, s -> s.before)
        .filter(s -> s.alias.equals(alias))
        .findFirst()
        .map(s -> s.current);
  }

  private @Nullable String alias(String keyType) {
    Shown now = shown;
    return now != null && now.current.key().getAlgorithm().equals(keyType) ? now.alias : null;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    return alias(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, Socket socket) {
    return alias(keyType);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return named(alias).map(c -> c.chain().toArray(X509Certificate[]::new)).orElse(null);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return named(alias).map(ServerCertificate::key).orElse(null);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = alias(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
    return null;
  }
}
