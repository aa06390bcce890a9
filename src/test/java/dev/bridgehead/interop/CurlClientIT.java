package dev.bridgehead.interop;

import dev.bridgehead.testbed.Command;
import dev.bridgehead.testbed.MailClients;
import dev.bridgehead.testbed.Onward;
import java.io.IOException;
import java.util.regex.Pattern;

class CurlClientIT extends MailClientContract {
  private static final Pattern REFUSED = Pattern.compile("(?m)^> RCPT TO:<(.*)>\\r?\\n< 5");

  @Override
  Submitted submit(Letter letter) throws IOException {
    String scheme = letter.tls() == Letter.Tls.IMPLICIT ? "smtps" : "smtp";
    Command curl =
        MailClients.curl()
            .with("--silent", "--show-error", "--verbose", "--cacert", "" + letter.authority())
            .with("--mail-from", letter.from(), "--mail-rcpt-allowfails")
            .with("--upload-file", letter.file(folder()).toString())
            .with(scheme + "://" + Onward.HOST + ":" + letter.port() + "/client.test");
    for (String recipient : letter.to()) {
      curl = curl.with("--mail-rcpt", recipient);
    }
    if (letter.tls() == Letter.Tls.STARTTLS) {
      curl = curl.with("--ssl-reqd");
    }
    Letter.Login login = letter.login();
    if (login != null) {
      curl =
          curl.with("--login-options", "AUTH=" + login.mechanism())
              .with("--user", login.user() + ":" + login.password());
    }
    return Submitted.by(curl.attempt(), REFUSED);
  }

  @Override
  boolean speaksUtf8() {
    return true;
  }
}
