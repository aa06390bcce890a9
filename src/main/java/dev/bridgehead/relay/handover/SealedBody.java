package dev.bridgehead.relay.handover;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Cipher;
import javax.crypto.CipherInputStream;

/**
 * The content of a message as it goes over the wire or comes from it, and its digest there. One
 * thread.
 */
final class SealedBody {
  private final MessageDigest digest;
  private final InputStream wire;

  private SealedBody(InputStream wire) {
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    this.wire = new DigestInputStream(wire, digest);
  }

  /** What came over the wire; is to be read by {@link #opened}. */
  static SealedBody received(InputStream wire) {
    return new SealedBody(wire);
  }

  /** What is to be sent. */
  static InputStream sealed(InputStream plain, Cipher cipher) {
    return new CipherInputStream(plain, cipher);
  }

  /**
   * The digest of what is to be sent.
   *
   * @param size octets that make it whole
   * @throws IOException where it can't be read to its end, or has another length
   */
  static byte[] digest(InputStream sealed, long size) throws IOException {
    SealedBody body = new SealedBody(sealed);
    long count = body.wire.transferTo(OutputStream.nullOutputStream());
    if (count != size) {
      throw new IOException("has " + count + " octets instead of " + size);
    }
    return body.digest.digest();
  }

  /** As it was before it was sealed. Not to be trusted before {@link #is} says so. */
  InputStream opened(Cipher cipher) {
    return new CipherInputStream(wire, cipher);
  }

  /** Reads what is left, and says whether it is the content that its sender proved. */
  boolean is(byte[] expected) throws IOException {
    wire.transferTo(OutputStream.nullOutputStream());
    return MessageDigest.isEqual(digest.digest(), expected);
  }
}
