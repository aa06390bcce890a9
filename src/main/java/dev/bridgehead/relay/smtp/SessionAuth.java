package dev.bridgehead.relay.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.auth.Exchange;
import dev.bridgehead.relay.auth.Mechanism;
import dev.bridgehead.relay.auth.TokenTrust;
import dev.bridgehead.relay.auth.Turn;
import dev.bridgehead.validation.Base64Text;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one session says and does about AUTH (RFC 4954), which there is inside TLS only. Used by the
 * session's thread.
 */
final class SessionAuth {
  private static final Logger LOG = LoggerFactory.getLogger(SessionAuth.class);

  private static final int SHOWN = 64;

  private final Surroundings around;
  private final Connection connection;

  SessionAuth(Surroundings around, Connection connection) {
    this.around = around;
    this.connection = connection;
  }

  /**
   * The answer to AUTH.
   *
   * @param user who the client is from now on; null where it is nobody
   * @param asked what was asked for, fit for a log line
   */
  record Result(Answer answer, @Nullable String user, String asked) {}

  /** What EHLO says; empty where nothing is offered. */
  Optional<String> offeredTo(Client client) {
    List<Mechanism> offered = accounts().mechanisms();
    return client.tls() == null || offered.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "AUTH " + offered.stream().map(Mechanism::toString).collect(Collectors.joining(" ")));
  }

  /** Whether {@code AUTH=} is a parameter of MAIL here (RFC 4954 section 5). */
  boolean takesSender(Client client) {
    return offeredTo(client).isPresent();
  }

  /**
   * Runs an exchange.
   *
   * @param argument of AUTH
   * @throws RefusedException where there is none
   */
  Result run(Client client, String argument) throws RefusedException, IOException {
    Accounts accounts = accounts();
    if (accounts.mechanisms().isEmpty() || (client.tls() == null && !around.tls().offered())) {
      throw new RefusedException(SmtpSession.notImplemented());
    }
    if (client.tls() == null) {
      throw new RefusedException(
          Refusal.TLS_REQUIRED, 538, 7, 11, "encryption required: issue STARTTLS first");
    }
    if (client.user() != null) {
      throw new RefusedException(Refusal.BAD_SEQUENCE, 503, 5, 1, "authenticated already");
    }
    if (!around.failures().allows(client.address())) {
      throw new RefusedException(
          Answer.refused(
                  Refusal.TOO_MANY_FAILURES,
                  421,
                  7,
                  0,
                  "too many failed logins from your address, try again later")
              .closing());
    }
    String[] words = argument.split(" ", -1);
    if (argument.isEmpty() || words.length > 2) {
      throw MailParameters.syntax("expected a mechanism and at most one initial response");
    }
    Mechanism mechanism =
        Mechanism.named(words[0])
            .filter(accounts.mechanisms()::contains)
            .orElseThrow(SessionAuth::notOffered);
    return result(client, mechanism, turns(mechanism, accounts, words));
  }

  private static RefusedException notOffered() {
    return new RefusedException(
        Refusal.UNSUPPORTED_PARAMETER, 504, 5, 4, "authentication mechanism is not offered");
  }

  /** Up to the last turn. */
  private Turn turns(Mechanism mechanism, Accounts accounts, String[] words)
      throws RefusedException, IOException {
    Exchange exchange = around.authenticator().start(mechanism, accounts);
    Turn turn =
        words.length == 1
            ? exchange.begin()
            // An equals sign is a response without an octet (RFC 4954 section 4).
            : exchange.respond(words[1].equals("=") ? new byte[0] : decoded(words[1]));
    while (turn instanceof Turn.Challenge(byte[] octets)) {
      connection.replies().send(Answer.plain(334, List.of(Base64Text.encode(octets))).reply());
      turn = exchange.respond(decoded(line()));
    }
    return turn;
  }

  private String line() throws RefusedException, IOException {
    return switch (connection.input().readLine(around.limits().command())) {
      case ClientInput.Line.Text(byte[] octets) -> {
        String text = new String(octets, ISO_8859_1);
        if (text.equals("*")) {
          throw new RefusedException(Refusal.AUTH_ENDED, 501, 7, 0, "authentication cancelled");
        }
        yield text;
      }
      case ClientInput.Line.TooLong tooLong ->
          throw new RefusedException(
              Refusal.SYNTAX, 500, 5, 6, "authentication exchange line is too long");
      case ClientInput.Line.BareEnding(boolean unfinished) -> {
        Answer bare =
            Answer.refused(Refusal.SYNTAX, 500, 5, 2, "lines end with CR LF, neither comes alone");
        throw new RefusedException(unfinished ? bare.closing() : bare);
      }
      case ClientInput.Line.End end -> throw new EOFException("the connection ended within AUTH");
    };
  }

  private static byte[] decoded(String base64) throws RefusedException {
    try {
      return Base64Text.decode(base64);
    } catch (IllegalArgumentException notBase64) {
      throw new RefusedException(Refusal.SYNTAX, 501, 5, 2, "the response is not base64");
    }
  }

  private Result result(Client client, Mechanism mechanism, Turn last) {
    return switch (last) {
      case Turn.Accepted(String user) -> {
        around.metrics().auth(mechanism, SmtpMetrics.Login.OK);
        LOG.atInfo()
            .addKeyValue("client", client)
            .addKeyValue("user", LogText.of(user))
            .addKeyValue("mechanism", mechanism)
            .log("authenticated");
        yield new Result(Answer.ok(235, 7, 0, "authentication successful"), user, "");
      }
      case Turn.Rejected(Turn.Reason why, String name, String detail) -> {
        around.metrics().auth(mechanism, login(why));
        if (why == Turn.Reason.BAD_CREDENTIALS) {
          around.failures().failed(client.address());
        }
        yield new Result(answer(why), null, asked(mechanism, name, detail));
      }
      case Turn.Challenge challenge -> throw new IllegalStateException("not the last turn");
    };
  }

  private static SmtpMetrics.Login login(Turn.Reason why) {
    return switch (why) {
      case MALFORMED -> SmtpMetrics.Login.MALFORMED;
      case BAD_CREDENTIALS -> SmtpMetrics.Login.FAILED;
      case NOT_NOW -> SmtpMetrics.Login.NOT_NOW;
    };
  }

  /** The same for every wrong name, password, proof and token. */
  private static Answer answer(Turn.Reason why) {
    return switch (why) {
      case MALFORMED ->
          Answer.refused(Refusal.SYNTAX, 501, 5, 2, "the response is not one of this mechanism");
      case BAD_CREDENTIALS ->
          Answer.refused(Refusal.AUTH_FAILED, 535, 7, 8, "authentication credentials invalid");
      case NOT_NOW ->
          Answer.refused(
              Refusal.AUTH_NOT_NOW, 454, 7, 0, "temporary authentication failure, try again later");
    };
  }

  /** The name too, but for one that may be a secret in the wrong place. */
  private static String asked(Mechanism mechanism, String name, String detail) {
    boolean shown = name.length() <= SHOWN && !TokenTrust.isMeant(name);
    return ", AUTH "
        + mechanism
        + (name.isEmpty() ? "" : " as " + (shown ? LogText.of(name) : "(a long name)"))
        + (detail.isEmpty() ? "" : " (" + LogText.of(detail) + ")");
  }

  private Accounts accounts() {
    return around.config().get().access().accounts();
  }
}
