package dev.bridgehead.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Haraka, in the foreground, with the plugin {@code src/testbed/node/haraka-peer.js}. */
final class Haraka implements MailProgram {
  /** It has no defaults for what is missing here. */
  private static final String CONNECTION =
      """
      [haproxy]
      [headers]
      max_lines=1000
      max_received=100
      [max]
      bytes=0
      data_line_length=998
      line_length=4096
      mime_parts=1000
      [message]
      helo=ready
      close=bye
      [uuid]
      banner_chars=0
      deny_chars=0
      """;

  @Override
  public String name() {
    return "haraka";
  }

  @Override
  public String user() {
    return "root";
  }

  @Override
  public void configure(Path folder, int port, @Nullable Onward onward) throws IOException {
    Files.createDirectories(folder.resolve("mail/tmp"));
    Files.createDirectories(folder.resolve("mail/new"));
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    Files.copy(
        Script.project().resolve("src/testbed/node/haraka-peer.js"), plugins.resolve("peer.js"));
    Path config = Files.createDirectories(folder.resolve("config"));
    Files.writeString(config.resolve("plugins"), "tls\nauth/flat_file\npeer\n");
    Files.writeString(config.resolve("me"), "haraka.example.test\n");
    Files.writeString(config.resolve("smtp.ini"), "listen=127.0.0.1:" + port + "\nnodes=0\n");
    Files.writeString(config.resolve("connection.ini"), CONNECTION);
    Files.writeString(config.resolve("outbound.ini"), "local_mx_ok=true\n");
    Files.writeString(config.resolve("tls.ini"), tls(folder));
    // Without them it computes its own, for many seconds.
    Command.of("openssl", "genpkey", "-genparam", "-algorithm", "DH")
        .with("-pkeyopt", "group:ffdhe2048", "-out", config.resolve("dhparams.pem").toString())
        .run();
    Files.writeString(
        config.resolve("auth_flat_file.ini"),
        "[core]\nmethods=PLAIN,LOGIN\nconstrain_sender=false\n[users]\n%s=%s\n"
            .formatted(MailPeer.USER, MailPeer.PASSWORD));
    Files.writeString(
        config.resolve("peer.json"),
        """
        {"port": %d, "nobody": "%s", "maildir": "%s/mail", "onward": {%s}}
        """
            .formatted(port, MailPeer.NOBODY, folder, onward == null ? "" : exchangers(onward)));
  }

  /** Where it sends over TLS, it verifies the certificate and its name. */
  private static String tls(Path folder) {
    return """
        key=%1$s/key
        cert=%1$s/certificate
        [outbound]
        rejectUnauthorized=true
        no_tls_hosts[]=%2$s
        no_tls_hosts[]=%3$s
        no_tls_hosts[]=client.test
        force_tls_hosts[]=%4$s
        force_tls_hosts[]=%5$s
        """
        .formatted(folder, Onward.PLAIN, Onward.REFUSED, Onward.TLS, Onward.LOGIN);
  }

  private static String exchangers(Onward onward) {
    String there =
        "\"exchange\": \"127.0.0.1\", \"from_dns\": \"%s\", \"port\": %d"
            .formatted(Onward.HOST, onward.port());
    return """
        "%1$s": {%5$s}, "%2$s": {%5$s}, "%3$s": {%5$s},
        "%4$s": {%5$s, "auth_user": "%6$s", "auth_pass": "%7$s"}
        """
        .formatted(
            Onward.PLAIN,
            Onward.REFUSED,
            Onward.TLS,
            Onward.LOGIN,
            there,
            onward.user(),
            onward.password());
  }

  @Override
  public Command command(Path folder) {
    Path programs = MailClients.folder();
    // Of a file that tls.ini names as "ca" it takes the name for the certificate.
    Command haraka =
        Command.of(
            programs.resolve("node").toString(),
            programs.resolve("node_modules/haraka/bin/haraka").toString(),
            "-c",
            folder.toString());
    return haraka.withVariable(
        "NODE_EXTRA_CA_CERTS", folder.resolve(OtherMailServer.TRUSTED).toString());
  }
}
