package dev.bridgehead.relay.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.TlsMode;
import dev.bridgehead.relay.delivery.DanePeers.Result;
import dev.bridgehead.testbed.PostfixServer;
import dev.bridgehead.testbed.SignedZone;
import dev.bridgehead.testbed.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Postfix with certificates of openssl, found by DANE. */
@Tag("tier3")
class DanePostfixIT {
  @Test
  void deliversToAPostfixWhoseRecordsFitAndToNoOther(@TempDir Path folder)
      throws IOException, CertificateException {
    TestCa ca = TestCa.in(folder, "test-ca");
    TestCa.Identity identity = ca.issue("mx.signed.test");
    X509Certificate own = certificate(identity.certificate());
    X509Certificate root = certificate(ca.certificate());
    try (PostfixServer postfix = PostfixServer.setup().tls(identity).start();
        DanePeers peers =
            new DanePeers()
                .serving(
                    SignedZone.nsec(
                        "signed.test",
                        """
                        ee IN MX 10 ee-mx
                        ee-mx IN A 198.51.100.21
                        _25._tcp.ee-mx IN TLSA %s
                        ta IN MX 10 mx
                        mx IN A 198.51.100.21
                        _25._tcp.mx IN TLSA %s
                        wrong IN MX 10 wrong-mx
                        wrong-mx IN A 198.51.100.21
                        _25._tcp.wrong-mx IN TLSA %s
                        """
                            .formatted(
                                Tlsa.of("3 1 1", own),
                                Tlsa.of("2 0 1", root),
                                Tlsa.of("3 1 1", root))))) {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), postfix.port());

      assertThat(attempt(peers, "ee.signed.test", address).tls()).isEqualTo("dane/proven");
      // Postfix sends its own certificate only: an issuer that it doesn't send proves nothing.
      assertThat(attempt(peers, "ta.signed.test", address).tls())
          .isEqualTo("dane/certificate_not_trusted");
      assertThat(attempt(peers, "wrong.signed.test", address).tls())
          .isEqualTo("dane/certificate_not_trusted");
      assertThat(postfix.awaitMessage(it -> it.contains("Subject: hello"))).contains("TLSv1.3");
      assertThat(postfix.messages()).hasSize(1);
    }
  }

  private static Result attempt(DanePeers peers, String domain, InetSocketAddress postfix) {
    return DanePeers.attempt(
        domain,
        peers
            .deliveries(TlsMode.OPPORTUNISTIC, peers.resolver())
            .timeouts(Timeouts.STANDARD)
            .connect("198.51.100.21", postfix));
  }

  private static X509Certificate certificate(Path file) throws IOException, CertificateException {
    try (var in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
