package dev.bridgehead.relay.auth;

import dev.bridgehead.relay.auth.Turn.Challenge;
import dev.bridgehead.relay.auth.Turn.Reason;
import dev.bridgehead.relay.auth.Turn.Rejected;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER (RFC 7628) and XOAUTH2: a token, and a name that says nothing beside it. Why a token
 * is refused goes as a challenge, which the client acknowledges, before the failure itself.
 */
final class BearerExchange implements Exchange {
  /** The two forms of the same. */
  enum Form {
    OAUTHBEARER("{\"status\":\"invalid_token\"}"),
    XOAUTH2("{\"status\":\"401\",\"schemes\":\"Bearer\"}");

    private final String refusal;

    Form(String refusal) {
      this.refusal = refusal;
    }
  }

  /** RFC 7628 section 3.1: kvsep is ^A, and the message ends with one more. */
  private static final Pattern FIELDS =
      Pattern.compile("(?:[A-Za-z]+=[\\x09\\x0A\\x0D\\x20-\\x7E]*+\u0001)*+\u0001");

  private static final Pattern BEARER =
      Pattern.compile("(?:^|\u0001)auth=(?i:Bearer) +([A-Za-z0-9._~+/=-]+)\u0001");

  private static final Pattern USER = Pattern.compile("user=([^\u0001]*+)\u0001");

  private final Form form;
  private final Function<String, Turn> check;
  private @Nullable Rejected rejected;

  BearerExchange(Form form, Function<String, Turn> check) {
    this.form = form;
    this.check = check;
  }

  @Override
  public Turn respond(byte[] response) {
    if (rejected != null) {
      return rejected;
    }
    String message = Utf8.decode(response).orElse("");
    Optional<String> fields = fields(message);
    if (fields.isEmpty() || !FIELDS.matcher(fields.get()).matches()) {
      return new Rejected(Reason.MALFORMED, "", "");
    }
    Matcher bearer = BEARER.matcher(fields.get());
    if (!bearer.find()) {
      return refuse(new Rejected(Reason.BAD_CREDENTIALS, "", "no bearer token"));
    }
    Turn turn = check.apply(bearer.group(1));
    return turn instanceof Rejected no ? refuse(no) : turn;
  }

  private Turn refuse(Rejected why) {
    rejected = why;
    return new Challenge(Utf8.encode(form.refusal));
  }

  private Optional<String> fields(String message) {
    return switch (form) {
      case OAUTHBEARER ->
          Gs2Header.of(message)
              .filter(header -> header.rest().startsWith("\u0001"))
              .map(header -> header.rest().substring(1));
      case XOAUTH2 -> {
        Matcher user = USER.matcher(message);
        yield user.lookingAt() ? Optional.of(message.substring(user.end())) : Optional.empty();
      }
    };
  }
}
