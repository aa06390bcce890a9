package dev.bridgehead.relay.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** Makes tokens and key sets as a cluster does; AccountsIT has those of a real one. */
public record Tokens(String id, String algorithm, KeyPair pair) {
  public static Tokens rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return new Tokens("rsa" + bits, "RS256", generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @param bits 256, 384 or 521
   */
  public static Tokens elliptic(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp" + bits + "r1"));
      String algorithm = "ES" + (bits == 521 ? 512 : bits);
      return new Tokens("ec" + bits, algorithm, generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public String jwk() {
    if (pair.getPublic() instanceof RSAPublicKey key) {
      return "{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}"
          .formatted(id, number(key.getModulus()), number(key.getPublicExponent()));
    }
    ECPublicKey key = (ECPublicKey) pair.getPublic();
    int bits = key.getParams().getCurve().getField().getFieldSize();
    return "{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"%s\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"}"
        .formatted(id, bits, number(key.getW().getAffineX()), number(key.getW().getAffineY()));
  }

  public static String set(String... keys) {
    return "{\"keys\":[" + String.join(",", keys) + "]}";
  }

  private static String number(BigInteger value) {
    byte[] octets = value.toByteArray();
    int sign = octets[0] == 0 && octets.length > 1 ? 1 : 0;
    return base64(java.util.Arrays.copyOfRange(octets, sign, octets.length));
  }

  String header() {
    return "{\"alg\":\"" + algorithm + "\",\"kid\":\"" + id + "\"}";
  }

  public String token(String claims) {
    return token(header(), claims);
  }

  public String token(String header, String claims) {
    String content = base64(header.getBytes(UTF_8)) + "." + base64(claims.getBytes(UTF_8));
    String name =
        algorithm.startsWith("RS")
            ? "SHA256withRSA"
            : "SHA" + algorithm.substring(2) + "withECDSAinP1363Format";
    try {
      Signature signature = Signature.getInstance(name);
      signature.initSign(pair.getPrivate());
      signature.update(content.getBytes(UTF_8));
      return content + "." + base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static String base64(byte[] octets) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }
}
