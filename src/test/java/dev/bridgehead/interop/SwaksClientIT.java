package dev.bridgehead.interop;

import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.MailClients;
import dev.bridgehead.testbed.Onward;
import java.io.IOException;
import java.util.regex.Pattern;

/** swaks, the tester's client. */
class SwaksClientIT extends MailClientContract {
  private static final Pattern REFUSED =
      Pattern.compile("(?m)^ ~?[-~]+> RCPT TO:<(.*)>\\n<[~*]\\S* 5");

  @Override
  Submitted submit(Letter letter) throws IOException {
    // It ends the last line itself.
    String lines = letter.content().replaceFirst("\r\n$", "");
    Command swaks =
        MailClients.swaks()
            .with("--server", Onward.HOST, "--port", "" + letter.port(), "--ehlo", "client.test")
            .with("--from", letter.from(), "--to", String.join(",", letter.to()))
            .with("--data", "@" + Letter.file(folder(), lines), "--hide-informational");
    Letter.Login login = letter.login();
    if (login != null) {
      swaks =
          swaks
              .with("--auth", login.mechanism(), "--auth-user", login.user())
              .with("--auth-password", login.password());
    }
    return Submitted.by(secured(swaks, letter).attempt(), REFUSED);
  }

  private static Command secured(Command swaks, Letter letter) {
    String[] verified = {"--tls-verify", "--tls-ca-path", "" + letter.authority()};
    return switch (letter.tls()) {
      case NONE -> swaks;
      case STARTTLS -> swaks.with("--tls").with(verified);
      case IMPLICIT -> swaks.with("--tls-on-connect").with(verified);
    };
  }
}
