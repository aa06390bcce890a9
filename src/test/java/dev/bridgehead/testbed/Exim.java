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
    Files.writeString(
        folder.resolve("conf"),
        """
        primary_hostname = exim.example.test
        spool_directory = %1$s/state
        pid_file_path = %1$s/state/pid
        log_file_path = %1$s/state/%%slog
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = %2$d
        keep_environment =
        host_lookup =
        rfc1413_hosts =
        tls_advertise_hosts = *
        tls_certificate = %1$s/certificate
        tls_privatekey = %1$s/key
        acl_smtp_rcpt = accept
        acl_smtp_data = accept
        begin routers
        all:
          driver = accept
          transport = mailbox
        begin transports
        mailbox:
          driver = appendfile
          directory = %1$s/mail
          maildir_format
          envelope_to_add
        """
            .formatted(folder, port));
    // The daemon reads it as its own user.
    Path key = folder.resolve("key");
    Files.setOwner(
        key, folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user()));
  }

  @Override
  public Command command(Path folder) {
    return Command.of("/usr/sbin/exim4", "-C", folder.resolve("conf").toString(), "-bdf", "-q1h");
  }
}
