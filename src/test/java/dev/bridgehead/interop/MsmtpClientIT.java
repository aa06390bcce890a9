package dev.bridgehead.interop;

import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.MailClients;
import dev.bridgehead.testbed.Onward;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** msmtp, a sendmail for machines without a mail server. */
class MsmtpClientIT extends MailClientContract {
  /** Standard input is a file, whose octets nobody decodes. */
  private static final String READING = "exec \"$@\" <\"$0\"";

  private static final Pattern REFUSED =
      Pattern.compile("recipient address (\\S+) not accepted by the server");

  @Override
  Submitted submit(Letter letter) throws IOException {
    Command msmtp =
        MailClients.msmtp()
            .with("--host=" + Onward.HOST, "--port=" + letter.port(), "--domain=client.test")
            .with("--from=" + letter.from());
    if (letter.tls() != Letter.Tls.NONE) {
      msmtp =
          msmtp
              .with("--tls=on", "--tls-trust-file=" + letter.authority())
              .with("--tls-starttls=" + (letter.tls() == Letter.Tls.STARTTLS ? "on" : "off"));
    }
    Letter.Login login = letter.login();
    if (login != null) {
      msmtp =
          msmtp
              .with("--auth=" + login.mechanism().toLowerCase(Locale.ROOT))
              .with("--user=" + login.user(), "--passwordeval=echo " + login.password());
    }
    return Submitted.by(
        msmtp
            .with("--")
            .with(letter.to().toArray(String[]::new))
            .by(List.of("sh", "-c", READING, "" + letter.file(folder())))
            .attempt(),
        REFUSED);
  }

  @Override
  List<String> mechanisms() {
    return List.of("PLAIN", "LOGIN", "SCRAM-SHA-256");
  }

  /** It gives up the whole message. */
  @Override
  boolean goesOnWithTheOthers() {
    return false;
  }
}
