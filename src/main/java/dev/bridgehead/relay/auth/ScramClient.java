package dev.bridgehead.relay.auth;

import dev.bridgehead.validation.Base64Text;
import dev.bridgehead.validation.Saslprep;
import dev.bridgehead.validation.StoredPassword;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side: the password stays here, and the server
 * has to prove that it knows it too. Without binding to the channel, which says so ({@code n}).
 */
public final class ScramClient implements ClientExchange {
  /** As many as a core does in a second or so: the server is not to keep us busy at its will. */
  static final int MOST_ITERATIONS = 4_000_000;

  private static final String HEADER = "n,,";

  /** A mandatory extension would stand first, and is none that we know. */
  private static final Pattern FIRST =
      Pattern.compile(
          "r=([!-+\\--~]{1,1024}),s=([A-Za-z0-9+/=]{1,1024}),i=([1-9][0-9]{0,8})"
              + "(?:,[A-Za-z]=[^,\0]+)*+");

  private static final Pattern FINAL =
      Pattern.compile("v=([A-Za-z0-9+/=]{1,1024})(?:,[A-Za-z]=[^,\0]+)*+");

  private static final Pattern REFUSAL = Pattern.compile("e=([A-Za-z0-9-]{1,64})(?:,.*)?");

  private enum Stage {
    FIRST,
    FINAL,
    PROVED
  }

  private final String password;
  private final String nonce;
  private final String bare;
  private Stage stage = Stage.FIRST;
  private byte[] expected = {};

  /**
   * @param nonce printable ASCII without commas, never used before
   * @throws IllegalArgumentException whose message continues "the name or password …", without the
   *     text itself
   */
  public ScramClient(String username, String password, String nonce) {
    this.password = Saslprep.query(password);
    this.nonce = nonce;
    this.bare = "n=" + Gs2Header.escaped(Saslprep.query(username)) + ",r=" + nonce;
  }

  @Override
  public byte @Nullable [] begin() {
    return Utf8.encode(HEADER + bare);
  }

  @Override
  public byte[] respond(byte[] challenge) throws UnfitChallengeException {
    String message = Utf8.decode(challenge).orElse("\0");
    return switch (stage) {
      case FIRST -> prove(message);
      case FINAL -> believe(message);
      case PROVED -> throw new UnfitChallengeException("asks for more than SCRAM has");
    };
  }

  private byte[] prove(String first) throws UnfitChallengeException {
    Matcher form = FIRST.matcher(first);
    if (!form.matches()) {
      throw new UnfitChallengeException("doesn't begin as SCRAM does");
    }
    String both = form.group(1);
    if (!both.startsWith(nonce) || both.length() == nonce.length()) {
      throw new UnfitChallengeException("does not answer this login: its nonce is another one's");
    }
    int iterations = Integer.parseInt(form.group(3));
    if (iterations < StoredPassword.MIN_ITERATIONS || iterations > MOST_ITERATIONS) {
      throw new UnfitChallengeException(
          "asks for %d iterations; %d to %d are accepted"
              .formatted(iterations, StoredPassword.MIN_ITERATIONS, MOST_ITERATIONS));
    }
    String unproved = "c=" + Base64Text.encode(Utf8.encode(HEADER)) + ",r=" + both;
    String authMessage = bare + "," + first + "," + unproved;
    byte[] salted = Scram.salted(password, octets(form.group(2)), iterations);
    expected = Scram.serverSignature(salted, authMessage);
    stage = Stage.FINAL;
    return Utf8.encode(
        unproved + ",p=" + Base64Text.encode(Scram.clientProof(salted, authMessage)));
  }

  private byte[] believe(String last) throws UnfitChallengeException {
    Matcher refusal = REFUSAL.matcher(last);
    if (refusal.matches()) {
      throw new UnfitChallengeException("refuses the login: " + refusal.group(1));
    }
    Matcher form = FINAL.matcher(last);
    if (!form.matches() || !MessageDigest.isEqual(octets(form.group(1)), expected)) {
      throw new UnfitChallengeException("did not prove that it knows the password");
    }
    stage = Stage.PROVED;
    return new byte[0];
  }

  private static byte[] octets(String base64) throws UnfitChallengeException {
    try {
      return Base64Text.decode(base64);
    } catch (IllegalArgumentException notBase64) {
      throw new UnfitChallengeException("says in SCRAM what is no base64");
    }
  }

  @Override
  public boolean serverProved() {
    return stage == Stage.PROVED;
  }
}
