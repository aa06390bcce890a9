package dev.bridgehead.relay.auth;

import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.util.function.BiFunction;

/** PLAIN (RFC 4616): {@code [authzid] NUL authcid NUL passwd}. */
final class PlainExchange implements Exchange {
  private final BiFunction<String, String, Turn> check;

  /**
   * @param check of a name and its password
   */
  PlainExchange(BiFunction<String, String, Turn> check) {
    this.check = check;
  }

  @Override
  public Turn respond(byte[] response) {
    String[] parts = Utf8.decode(response).orElse("").split("\0", -1);
    if (parts.length != 3 || parts[1].isEmpty() || parts[2].isEmpty()) {
      return new Rejected(Reason.MALFORMED, "", "");
    }
    if (!parts[0].isEmpty() && !parts[0].equals(parts[1])) {
      return new Rejected(Reason.BAD_CREDENTIALS, parts[1], "nobody may act for another");
    }
    return check.apply(parts[1], parts[2]);
  }
}
