package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.handover.SiblingRequest.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * What an offered message's body begins with. Its request's proof is that of this, so that nothing
 * of a message is looked at, or made room for, before it is known that a sibling sent it.
 *
 * @param content SHA-256 of the sealed content that follows
 * @param form envelope and state
 */
record MessageHead(byte[] content, byte[] form) {
  /** Octets before the form. */
  static final int DIGEST = 32;

  /** Octets of the longest: ten thousand recipients with all they can have. */
  static final int LONGEST = DIGEST + (16 << 20);

  /** As it goes over the wire. */
  byte[] sealed(String token, String path, long number) {
    byte[] plain = ByteBuffer.allocate(DIGEST + form.length).put(content).put(form).array();
    return through(SiblingRequest.cipher(token, Part.ENVELOPE, path, number), plain);
  }

  /**
   * @param sealed as it came over the wire, and was proved
   * @throws IOException where it is none
   */
  static MessageHead opened(byte[] sealed, String token, String path, long number)
      throws IOException {
    if (sealed.length < DIGEST) {
      throw new IOException("the message is none");
    }
    ByteBuffer plain =
        ByteBuffer.wrap(through(SiblingRequest.cipher(token, Part.ENVELOPE, path, number), sealed));
    byte[] content = new byte[DIGEST];
    byte[] form = new byte[sealed.length - DIGEST];
    plain.get(content).get(form);
    return new MessageHead(content, form);
  }

  private static byte[] through(Cipher cipher, byte[] octets) {
    try {
      return cipher.doFinal(octets);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("counter mode takes any octets", e);
    }
  }
}
