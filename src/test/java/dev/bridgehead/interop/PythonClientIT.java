package dev.bridgehead.interop;

import dev.bridgehead.interop.Letter.Login;
import dev.bridgehead.testbed.MailClients;
import dev.bridgehead.testbed.Onward;
import java.io.IOException;

/** Python's smtplib. */
class PythonClientIT extends MailClientContract {
  private static final String PROGRAM =
      """
      import smtplib, ssl, sys
      host, port, tls, ca, mechanism, user, password, utf8, sender, file, *to = sys.argv[1:]
      context = ssl.create_default_context(cafile=ca)
      options = ['BODY=8BITMIME'] + (['SMTPUTF8'] if utf8 == 'true' else [])
      if tls == 'IMPLICIT':
          client = smtplib.SMTP_SSL(host, int(port), context=context)
      else:
          client = smtplib.SMTP(host, int(port))
      with client:
          if tls == 'STARTTLS':
              client.starttls(context=context)
          client.ehlo()
          if mechanism:
              client.esmtp_features['auth'] = mechanism
              client.login(user, password)
          with open(file, 'rb') as content:
              for refused in client.sendmail(sender, to, content.read(), options):
                  print('refused', refused)
      """;

  @Override
  Submitted submit(Letter letter) throws IOException {
    Login login = letter.login() == null ? new Login("", "", "") : letter.login();
    return Submitted.by(
        MailClients.python(PROGRAM)
            .with(Onward.HOST, "" + letter.port(), letter.tls().name())
            .with(letter.authority().toString(), login.mechanism(), login.user(), login.password())
            .with("" + letter.international(), letter.from(), letter.file(folder()).toString())
            .with(letter.to().toArray(String[]::new))
            .attempt());
  }

  @Override
  boolean declaresEightBits() {
    return true;
  }

  @Override
  boolean speaksUtf8() {
    return true;
  }
}
