package dev.bridgehead.relay.auth;

import dev.bridgehead.relay.auth.Turn.Challenge;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** LOGIN: the name, then the password. Some clients send the name as initial response. */
final class LoginExchange implements Exchange {
  private final BiFunction<String, String, Turn> check;
  private @Nullable String name;

  /**
   * @param check of a name and its password
   */
  LoginExchange(BiFunction<String, String, Turn> check) {
    this.check = check;
  }

  @Override
  public Turn begin() {
    return new Challenge(Utf8.encode("Username:")); // clients compare the text
  }

  @Override
  public Turn respond(byte[] response) {
    String text = Utf8.decode(response).orElse("");
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      return new Rejected(Reason.MALFORMED, name == null ? "" : name, "");
    }
    if (name == null) {
      name = text;
      return new Challenge(Utf8.encode("Password:"));
    }
    return check.apply(name, text);
  }
}
