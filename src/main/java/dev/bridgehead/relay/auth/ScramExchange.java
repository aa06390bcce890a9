package dev.bridgehead.relay.auth;

import dev.bridgehead.relay.auth.Turn.Accepted;
import dev.bridgehead.relay.auth.Turn.Challenge;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import dev.bridgehead.validation.Base64Text;
import dev.bridgehead.validation.Saslprep;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SCRAM-SHA-256 (RFC 5802, RFC 7677): the client proves that it knows the password, the server that
 * it has what was stored of it.
 *
 * <p>There is no -PLUS here: a client that could bind to the channel and believes that we can't
 * ({@code y}) is right, one that insists ({@code p}) is refused.
 */
final class ScramExchange implements Exchange {
  /** {@code n=NAME,r=NONCE} and extensions, of which a mandatory one would stand first. */
  private static final Pattern FIRST =
      Pattern.compile("n=([^,\0]{1,1024}),r=([!-+\\--~]{1,1024})(?:,[A-Za-z]=[^,\0]+)*+");

  /** Possessive: what goes back and forth over a thousand extensions needs a stack as deep. */
  private static final Pattern FINAL =
      Pattern.compile(
          "(c=([A-Za-z0-9+/=]+),r=([!-+\\--~]+)(?:,(?!p=)[A-Za-z]=[^,\0]+)*+),p=([A-Za-z0-9+/=]+)");

  private enum Stage {
    FIRST,
    FINAL,
    ACKNOWLEDGEMENT
  }

  private final Users users;
  private final String ownNonce;
  private Stage stage = Stage.FIRST;
  private String name = "";
  private String prepared = "";
  private String header = "";
  private String nonce = "";
  private String firstMessages = "";

  @SuppressWarnings("NullAway.Init") // set by the first message, before anything uses it
  private Users.Found found;

  ScramExchange(Users users, String ownNonce) {
    this.users = users;
    this.ownNonce = ownNonce;
  }

  @Override
  public Turn respond(byte[] response) {
    String message = Utf8.decode(response).orElse("\0");
    return switch (stage) {
      case FIRST -> first(message);
      case FINAL -> last(message);
      // SMTP has no room for data beside the 235, so the signature went as a challenge of its own.
      case ACKNOWLEDGEMENT -> message.isEmpty() ? new Accepted(prepared) : malformed();
    };
  }

  private Turn first(String message) {
    Optional<Gs2Header> given = Gs2Header.of(message);
    Matcher form = FIRST.matcher(given.map(Gs2Header::rest).orElse(""));
    if (given.isEmpty() || !form.matches()) {
      return malformed();
    }
    Optional<String> unescaped = Gs2Header.saslname(form.group(1));
    if (unescaped.isEmpty()) {
      return malformed();
    }
    name = unescaped.get();
    if (given.get().channelBinding()) {
      return rejected("channel binding is not offered");
    }
    try {
      prepared = Saslprep.query(name);
    } catch (IllegalArgumentException none) {
      return rejected("");
    }
    String authzid = given.get().authzid();
    if (!authzid.isEmpty() && !authzid.equals(name)) {
      return rejected("nobody may act for another");
    }
    found = users.find(prepared);
    header = given.get().text();
    nonce = form.group(2) + ownNonce;
    String challenge =
        "r=" + nonce + ",s=" + found.password().salt() + ",i=" + found.password().iterations();
    firstMessages = given.get().rest() + "," + challenge;
    stage = Stage.FINAL;
    return new Challenge(Utf8.encode(challenge));
  }

  private Turn last(String message) {
    Matcher form = FINAL.matcher(message);
    if (!form.matches()) {
      return malformed();
    }
    byte[] proof;
    try {
      proof = Base64Text.decode(form.group(4));
    } catch (IllegalArgumentException notBase64) {
      return malformed();
    }
    // A changed header would be somebody between who took the client's binding away.
    boolean same =
        form.group(2).equals(Base64Text.encode(Utf8.encode(header))) && form.group(3).equals(nonce);
    String authMessage = firstMessages + "," + form.group(1);
    boolean proved = Scram.proves(found.password(), proof, authMessage);
    if (!(same & proved & found.known())) {
      return rejected("");
    }
    stage = Stage.ACKNOWLEDGEMENT;
    byte[] signature = Scram.serverSignature(found.password(), authMessage);
    return new Challenge(Utf8.encode("v=" + Base64Text.encode(signature)));
  }

  private Turn malformed() {
    return new Rejected(Reason.MALFORMED, name, "");
  }

  private Turn rejected(String detail) {
    return new Rejected(Reason.BAD_CREDENTIALS, name, detail);
  }
}
