package dev.bridgehead.relay.smtp;

import dev.bridgehead.manifest.TlsKeyPair;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** The server's one certificate, whatever name a client asks for. */
final class OneKeyPair extends X509ExtendedKeyManager {
  private static final String ALIAS = "server";

  private final TlsKeyPair keyPair;
  private final String keyType;

  OneKeyPair(TlsKeyPair keyPair) {
    this.keyPair = keyPair;
    this.keyType = keyPair.chain().getFirst().getPublicKey().getAlgorithm();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String type, Principal @Nullable [] issuers, SSLEngine engine) {
    return keyType.equals(type) ? ALIAS : null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, Socket socket) {
    return keyType.equals(type) ? ALIAS : null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return keyPair.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return keyPair.key();
  }

  @Override
  public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
    return keyType.equals(type) ? new String[] {ALIAS} : new String[0];
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
