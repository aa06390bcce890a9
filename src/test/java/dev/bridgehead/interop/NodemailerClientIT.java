package dev.bridgehead.interop;

import dev.bridgehead.interop.Letter.Login;
import dev.bridgehead.testbed.MailClients;
import dev.bridgehead.testbed.Onward;
import java.io.IOException;

/** Node's nodemailer. */
class NodemailerClientIT extends MailClientContract {
  private static final String PROGRAM =
      """
      const [host, port, tls, ca, method, user, pass, from, file, ...to] = process.argv.slice(1);
      const fs = require('fs');
      const transport = require('nodemailer').createTransport({
        host, port, name: 'client.test',
        secure: tls === 'IMPLICIT',
        requireTLS: tls === 'STARTTLS',
        ignoreTLS: tls === 'NONE',
        tls: { ca: fs.readFileSync(ca) },
        auth: method ? { method, user, pass } : undefined,
      });
      transport
        .sendMail({ envelope: { from, to, use8BitMime: true }, raw: fs.readFileSync(file) })
        .then(info => info.rejected.forEach(refused => console.log('refused ' + refused)))
        .catch(error => { console.error(error); process.exitCode = 1; });
      """;

  @Override
  Submitted submit(Letter letter) throws IOException {
    Login login = letter.login() == null ? new Login("", "", "") : letter.login();
    return Submitted.by(
        MailClients.node(PROGRAM)
            .with(Onward.HOST, "" + letter.port(), letter.tls().name())
            .with(letter.authority().toString(), login.mechanism(), login.user(), login.password())
            .with(letter.from(), letter.file(folder()).toString())
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
