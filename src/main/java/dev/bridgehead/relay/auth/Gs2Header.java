package dev.bridgehead.relay.auth;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What SCRAM and OAUTHBEARER begin with (RFC 5801 section 4).
 *
 * @param text the header, its last comma included
 * @param channelBinding the client insists on it
 * @param authzid whom the client wants to act as, unescaped; empty: itself
 * @param rest what follows the header
 */
record Gs2Header(String text, boolean channelBinding, String authzid, String rest) {
  private static final Pattern FORM =
      Pattern.compile("((?:n|y|p=[A-Za-z0-9.-]{1,64}),(?:a=([^,\0]{1,1024}))?,)", Pattern.DOTALL);

  /** Empty where the text does not begin so. */
  static Optional<Gs2Header> of(String message) {
    Matcher form = FORM.matcher(message);
    if (!form.lookingAt()) {
      return Optional.empty();
    }
    boolean binding = message.startsWith("p");
    String authzid = form.group(2);
    return (authzid == null ? Optional.of("") : saslname(authzid))
        .map(name -> new Gs2Header(form.group(1), binding, name, message.substring(form.end())));
  }

  /** A name as it goes over the wire. */
  static String escaped(String name) {
    return name.replace("=", "=3D").replace(",", "=2C");
  }

  /** A name whose commas and equals signs are escaped; empty where one is not. */
  static Optional<String> saslname(String text) {
    String unescaped = text.replace("=2C", ",").replace("=3D", "\0");
    return unescaped.indexOf('=') >= 0 || text.indexOf('\0') >= 0
        ? Optional.empty()
        : Optional.of(unescaped.replace('\0', '='));
  }
}
