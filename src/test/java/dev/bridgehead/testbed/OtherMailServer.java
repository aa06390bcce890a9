package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Predicate;

/**
 * Exim or OpenSMTPD as next hop on loopback, with STARTTLS: takes mail for every domain and puts
 * all of it into one Maildir. Both look for their own parts below {@code /usr}, so each runs in a
 * mount namespace where its unpacked package lies over it. Needs root.
 */
public final class OtherMailServer implements AutoCloseable {
  /** The machine's own files stay as they are: what is mounted here nobody else sees. */
  private static final String IN_PLACE =
      """
      set -e
      mount -t overlay -o "lowerdir=$1/usr:/usr" none /usr
      mount -t tmpfs -o mode=755 none /var/spool
      mkdir -m 711 /var/spool/smtpd
      mount -t tmpfs -o mode=755 none /var/lib
      mkdir -p /var/lib/opensmtpd/empty
      shift
      exec "$@"
      """;

  private final int port;
  private final Path folder;
  private final Maildir mail;
  private final Daemon server;

  private OtherMailServer(Flavour flavour, TestCa.Identity identity) {
    Tier.requireRoot(flavour.toString());
    port = Daemon.freePort();
    try {
      folder = Files.createTempDirectory("bridgehead-" + flavour.name().toLowerCase() + "-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      mail = new Maildir(Files.createDirectory(folder.resolve("mail")));
      MailPeers.folder();
      flavour.prepare(folder, identity);
      Files.writeString(folder.resolve("conf"), flavour.configuration(folder, port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server =
        Daemon.start(flavour.name(), folder, inPlace(flavour.command(folder)))
            .await(this::connects);
  }

  /** Exim 4. */
  public static OtherMailServer exim(TestCa.Identity identity) {
    return new OtherMailServer(Flavour.EXIM, identity);
  }

  /** OpenSMTPD. */
  public static OtherMailServer openSmtpd(TestCa.Identity identity) {
    return new OtherMailServer(Flavour.OPENSMTPD, identity);
  }

  /** Where it listens, on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** Every message delivered so far, octet for octet as ISO 8859-1. */
  public List<String> messages() {
    return mail.messages();
  }

  /** Waits for a message, 30 seconds at most. */
  public String awaitMessage(Predicate<String> wanted) {
    return mail.awaitMessage(wanted);
  }

  /** What it logged. */
  public String log() {
    return server.log();
  }

  private static Command inPlace(Command command) {
    return command.by(
        List.of(
            "unshare",
            "--mount",
            "bash",
            "-c",
            IN_PLACE,
            "in-place",
            MailPeers.folder().toString()));
  }

  private boolean connects() throws IOException {
    try (var socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    }
  }

  @Override
  public void close() {
    server.close();
    Folders.delete(folder);
  }

  private enum Flavour {
    EXIM("Debian-exim") {
      @Override
      String configuration(Path folder, int port) {
        return """
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
            .formatted(folder, port);
      }

      @Override
      Command command(Path folder) {
        return Command.of(
            "/usr/sbin/exim4", "-C", folder.resolve("conf").toString(), "-bdf", "-q1h");
      }
    },
    OPENSMTPD("opensmtpd") {
      @Override
      String configuration(Path folder, int port) {
        return """
            pki here cert "%1$s/certificate"
            pki here key "%1$s/key"
            table catchall { "@" = opensmtpd }
            listen on 127.0.0.1 port %2$d tls pki here hostname opensmtpd.example.test
            action deliver maildir "%1$s/mail" virtual <catchall>
            match from any for any action deliver
            """
            .formatted(folder, port);
      }

      @Override
      Command command(Path folder) {
        return Command.of("/usr/sbin/smtpd", "-d", "-f", folder.resolve("conf").toString());
      }
    };

    private final String user;

    Flavour(String user) {
      this.user = user;
    }

    abstract String configuration(Path folder, int port);

    abstract Command command(Path folder);

    void prepare(Path folder, TestCa.Identity identity) throws IOException {
      var owner =
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
      Files.setOwner(folder.resolve("mail"), owner);
      Files.setOwner(Files.createDirectory(folder.resolve("state")), owner);
      Files.copy(identity.certificate(), folder.resolve("certificate"));
      Path key =
          Files.copy(identity.key(), folder.resolve("key"), StandardCopyOption.COPY_ATTRIBUTES);
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
      if (this == EXIM) {
        Files.setOwner(key, owner);
      }
    }
  }
}
