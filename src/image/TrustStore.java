import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/**
 * Writes Java's trust store from a folder of PEM certificates: {@code java TrustStore.java FOLDER FILE}. The image trusts Debian's
 * list of authorities and nothing that the building machine happens to trust.
 */
final class TrustStore {
  public static void main(String[] args) throws Exception {
    CertificateFactory x509 = CertificateFactory.getInstance("X.509");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(args[0]), "*.crt")) {
      for (Path file : files) {
        try (InputStream pem = Files.newInputStream(file)) {
          Certificate authority = x509.generateCertificate(pem);
          store.setCertificateEntry(file.getFileName().toString(), authority);
        }
      }
    }
    if (store.size() < 50) {
      throw new IllegalStateException(args[0] + ": " + store.size() + " certificates, far too few");
    }
    // As the JDK's own cacerts: no password, so that it opens without one.
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    try (var out = Files.newOutputStream(Path.of(args[1]))) {
      store.store(out, null);
    }
  }
}
