package dev.bridgehead.webhook;

import dev.bridgehead.manifest.TlsKeyPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A certificate that somebody else makes, cert-manager for instance: {@code tls.crt} and {@code
 * tls.key} in a folder that a Secret is mounted at. Read again on a timer: the kubelet changes what
 * a link points to, of which a watch of files learns nothing on every file system.
 */
final class MountedCertificate implements CertificateKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(MountedCertificate.class);

  private final Path folder;
  private final CurrentCertificate shown;
  private final Rounds rounds;
  private byte[] seen = {}; // the thread that starts, then that of the rounds
  private String said = ""; // the rounds' thread only

  MountedCertificate(Path folder, CurrentCertificate shown, Duration interval) {
    this.folder = folder;
    this.shown = shown;
    this.rounds = new Rounds("webhook-certificate", interval, this::look);
  }

  /**
   * @throws IllegalStateException in one line, where there is no good certificate
   */
  @Override
  public void start() {
    try {
      take(read(TlsKeyPair.CERTIFICATE), read(TlsKeyPair.KEY));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "the webhook has no certificate: " + folder + ": " + e.getMessage(), e);
    }
    rounds.begin();
  }

  private void look() {
    try {
      byte[] certificate = read(TlsKeyPair.CERTIFICATE);
      if (!Arrays.equals(certificate, seen)) {
        take(certificate, read(TlsKeyPair.KEY));
        LOG.info("Shows the new certificate in {}", folder);
      }
      said = "";
    } catch (IOException | IllegalArgumentException e) {
      String why = String.valueOf(e.getMessage());
      if (!said.equals(why)) {
        LOG.warn("The certificate in {} is not taken over: {}", folder, why);
      }
      said = why;
    }
  }

  private void take(byte[] certificate, byte[] key) {
    TlsKeyPair read =
        TlsKeyPair.parse(Map.of(TlsKeyPair.CERTIFICATE, certificate, TlsKeyPair.KEY, key));
    shown.show(new ServerCertificate(read.key(), read.chain()));
    seen = certificate;
  }

  private byte[] read(String file) throws IOException {
    return Files.readAllBytes(folder.resolve(file));
  }

  @Override
  public void close() {
    rounds.close();
  }
}
