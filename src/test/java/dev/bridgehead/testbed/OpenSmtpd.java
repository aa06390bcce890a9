package dev.bridgehead.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** OpenSMTPD, in the foreground. */
final class OpenSmtpd implements MailProgram {
  @Override
  public String name() {
    return "opensmtpd";
  }

  @Override
  public String user() {
    return "opensmtpd";
  }

  @Override
  public void configure(Path folder, int port, @Nullable Onward onward) throws IOException {
    String hash = Command.of("openssl", "passwd", "-6", MailPeer.PASSWORD).run();
    String text =
        """
        pki here cert "%1$s/certificate"
        pki here key "%1$s/key"
        table catchall { "@" = opensmtpd }
        table accounts { "%3$s" = "%4$s" }
        listen on 127.0.0.1 port %2$d tls pki here auth-optional <accounts> received-auth hostname opensmtpd.example.test
        action deliver maildir "%1$s/mail" virtual <catchall>
        match from any for rcpt-to "%5$s" reject
        """
            .formatted(folder, port, MailPeer.USER, hash, MailPeer.NOBODY);
    Files.writeString(
        folder.resolve("conf"),
        text
            + (onward == null ? "" : relaying(onward))
            + "match from any for any action deliver\n");
  }

  /** At once. The schemes that ask for TLS verify the certificate and its name. */
  private static String relaying(Onward onward) {
    return """
        mta limit conn-delay-host 0
        mta limit conn-delay-source 0
        mta limit conn-delay-connector 0
        mta limit conn-delay-relay 0
        mta limit conn-delay-domain 0
        table logins { "here" = "%1$s:%2$s" }
        action "plain" relay host "smtp+notls://%3$s:%4$d"
        action "tls" relay host "smtp+tls://%3$s:%4$d"
        action "login" relay host "smtp+tls://here@%3$s:%4$d" auth <logins>
        match from any for domain "%5$s" action "plain"
        match from any for domain "%8$s" action "plain"
        match from any for domain "%6$s" action "tls"
        match from any for domain "%7$s" action "login"
        """
        .formatted(
            onward.user(),
            onward.password(),
            Onward.HOST,
            onward.port(),
            Onward.PLAIN,
            Onward.TLS,
            Onward.LOGIN,
            Onward.REFUSED);
  }

  @Override
  public Command command(Path folder) {
    return Command.of("/usr/sbin/smtpd", "-d", "-v", "-f", folder.resolve("conf").toString());
  }
}
