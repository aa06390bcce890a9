package dev.bridgehead.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Exim 4, in the foreground. */
final class Exim implements MailProgram {
  @Override
  public String name() {
    return "exim";
  }

  @Override
  public String user() {
    return "Debian-exim";
  }

  @Override
  public void configure(Path folder, int port, @Nullable Onward onward) throws IOException {
    Files.writeString(folder.resolve("conf"), text(folder, port, onward));
    // The daemon reads it as its own user.
    Path key = folder.resolve("key");
    Files.setOwner(
        key, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user()));
  }

  private static String text(Path folder, int port, @Nullable Onward onward) {
    String text =
        """
        primary_hostname = exim.example.test
        spool_directory = %1$s/state
        pid_file_path = %1$s/state/pid
        log_file_path = %1$s/state/%%slog
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = %2$d
        disable_ipv6
        keep_environment =
        host_lookup =
        rfc1413_hosts =
        tls_advertise_hosts = *
        tls_certificate = %1$s/certificate
        tls_privatekey = %1$s/key
        dsn_advertise_hosts = *
        smtputf8_advertise_hosts = *
        acl_smtp_rcpt = recipient
        acl_smtp_data = accept
        begin acl
        recipient:
          deny
            recipients = %3$s
            message = nobody here
          accept
        begin routers
        """
            .formatted(folder, port, MailPeer.NOBODY);
    return text
        + (onward == null ? "" : routers())
        + """
        all:
          driver = accept
          transport = mailbox
        begin transports
        mailbox:
          driver = appendfile
          directory = %s/mail
          maildir_format
          envelope_to_add
          return_path_add
        """
            .formatted(folder)
        + (onward == null ? "" : transports(onward))
        + "begin authenticators\n"
        + authenticator("PLAIN", ":", 2, onward, "^%s^%s")
        + authenticator("LOGIN", "Username:: : Password::", 1, onward, ": %s : %s");
  }

  private static String routers() {
    return router("plain", Onward.PLAIN + " : " + Onward.REFUSED)
        + router("tls", Onward.TLS)
        + router("login", Onward.LOGIN);
  }

  private static String router(String name, String domains) {
    return """
        %1$s:
          driver = manualroute
          domains = %2$s
          transport = %1$s
          route_list = * %3$s byname
          self = send
        """
        .formatted(name, domains, Onward.HOST);
  }

  private static String transports(Onward onward) {
    String verified =
        """
          hosts_require_tls = *
          tls_verify_certificates = system
          tls_verify_hosts = *
          tls_verify_cert_hostnames = *
        """;
    return transport("plain", onward, "  hosts_avoid_tls = *\n")
        + transport("tls", onward, verified)
        + transport("login", onward, verified + "  hosts_require_auth = *\n");
  }

  private static String transport(String name, Onward onward, String options) {
    return """
        %s:
          driver = smtp
          port = %d
          allow_localhost
        """
            .formatted(name, onward.port())
        + options;
  }

  /**
   * @param first which of the values that the client gave is the name; the password follows
   */
  private static String authenticator(
      String mechanism, String prompts, int first, @Nullable Onward onward, String sends) {
    return """
        %1$s:
          driver = plaintext
          public_name = %1$s
          server_prompts = %2$s
          server_advertise_condition = ${if def:tls_in_cipher}
          server_condition = ${if and {{eq{$auth%3$d}{%4$s}}{eq{$auth%5$d}{%6$s}}}}
          server_set_id = $auth%3$d
        """
            .formatted(mechanism, prompts, first, MailPeer.USER, first + 1, MailPeer.PASSWORD)
        + (onward == null
            ? ""
            : "  client_send = " + sends.formatted(onward.user(), onward.password()) + "\n");
  }

  @Override
  public Command command(Path folder) {
    return Command.of("/usr/sbin/exim4", "-C", folder.resolve("conf").toString(), "-bdf", "-q1h");
  }

  @Override
  public String logFile() {
    return "state/mainlog";
  }
}
