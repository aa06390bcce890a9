package dev.bridgehead.relay.delivery;

import dev.bridgehead.manifest.TlsKeyPair;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Who this server is to next hops that ask. Its certificate is shown whatever authorities a peer
 * lists, as OpenSSL's clients do, Postfix among them: a peer that knows a certificate by its
 * fingerprint lists none for it, and many that know the authority lack the one in between. Any
 * thread may use it.
 */
final class ClientIdentity extends X509ExtendedKeyManager {
  private static final String ALIAS = "client";
  private static final String REF = "outbound.tls.clientCertificateRef";

  private final @Nullable TlsKeyPair keyPair;
  private final Map<Socket, Answer> answers = new ConcurrentHashMap<>();

  /** What a peer got that asked for a client certificate. */
  enum Answer {
    UNASKED(""),
    NONE("; it asks for a client certificate: name one in " + REF),
    UNFIT(
        "; it asks for a client certificate, and not for one with such a key as in "
            + REF
            + ": RSA of 2048 bits, or ECDSA on P-256, suits most"),
    SHOWN(
        "; it was shown the client certificate of "
            + REF
            + ": renew that, or have the host trust it");

    private final String advice;

    Answer(String advice) {
      this.advice = advice;
    }

    /** A failure of the peer's, with what may be the cause of it. */
    IOException explain(IOException failure) {
      return this == UNASKED || failure instanceof SocketTimeoutException
          ? failure
          : new SSLException(Peer.text(failure) + advice, failure);
    }
  }

  /**
   * @param keyPair null: there is none to show
   */
  ClientIdentity(@Nullable TlsKeyPair keyPair) {
    this.keyPair = keyPair;
  }

  /** What the peer of a handshake got; asked once, when the handshake is over. */
  Answer answer(Socket socket) {
    Answer answer = answers.remove(socket);
    return answer == null ? Answer.UNASKED : answer;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, Socket socket) {
    Answer answer =
        keyPair == null
            ? Answer.NONE
            : List.of(types).contains(keyPair.key().getAlgorithm()) ? Answer.SHOWN : Answer.UNFIT;
    answers.put(socket, answer);
    return answer == Answer.SHOWN ? ALIAS : null;
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return keyPair == null ? null : keyPair.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return keyPair == null ? null : keyPair.key();
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
