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
import org.jspecify.annotations.Nullable;

/**
 * Exim or OpenSMTPD. Both look for their own parts below {@code /usr}, so each runs in a mount
 * namespace where its unpacked package lies over it. Needs root.
 */
public final class OtherMailServer implements MailPeer {
  /** The file in its folder that becomes the machine's trusted authorities, for it alone. */
  static final String TRUSTED = "trusted";

  /** The machine's own files stay as they are: what is mounted here nobody else sees. */
  private static final String IN_PLACE =
      """
      set -e
      mount -t overlay -o "lowerdir=$1/usr:/usr" none /usr
      mount -t tmpfs -o mode=755 none /var/spool
      mkdir -m 711 /var/spool/smtpd
      mount -t tmpfs -o mode=755 none /var/lib
      mkdir -p /var/lib/opensmtpd/empty
      if [ -e "$2" ]; then mount --bind "$2" /etc/ssl/certs/ca-certificates.crt; fi
      shift 2
      exec "$@"
      """;

  private final MailProgram program;
  private final int port;
  private final Path folder;
  private final Maildir mail;
  private final Daemon server;

  private OtherMailServer(MailProgram program, TestCa.Identity identity, @Nullable Onward onward) {
    this.program = program;
    Tier.requireRoot(program.name());
    port = Daemon.freePort();
    try {
      folder = Files.createTempDirectory("bridgehead-" + program.name() + "-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      mail = new Maildir(Files.createDirectory(folder.resolve("mail")));
      MailPeers.folder();
      prepare(program.user(), identity);
      if (onward != null) {
        Files.copy(onward.authority(), folder.resolve(TRUSTED));
      }
      program.configure(folder, port, onward);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server =
        Daemon.start(program.name(), folder, inPlace(program.command(folder)))
            .await(this::connects);
  }

  /** Exim 4. */
  public static OtherMailServer exim(TestCa.Identity identity) {
    return new OtherMailServer(new Exim(), identity, null);
  }

  /** Exim 4 that also sends. */
  public static OtherMailServer exim(TestCa.Identity identity, Onward onward) {
    return new OtherMailServer(new Exim(), identity, onward);
  }

  /** OpenSMTPD. */
  public static OtherMailServer openSmtpd(TestCa.Identity identity) {
    return new OtherMailServer(new OpenSmtpd(), identity, null);
  }

  /** OpenSMTPD that also sends. */
  public static OtherMailServer openSmtpd(TestCa.Identity identity, Onward onward) {
    return new OtherMailServer(new OpenSmtpd(), identity, onward);
  }

  /** Haraka that also sends. */
  public static OtherMailServer haraka(TestCa.Identity identity, Onward onward) {
    return new OtherMailServer(new Haraka(), identity, onward);
  }

  private void prepare(String user, TestCa.Identity identity) throws IOException {
    var owner = folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
    Files.setOwner(folder.resolve("mail"), owner);
    Files.setOwner(Files.createDirectory(folder.resolve("state")), owner);
    Files.copy(identity.certificate(), folder.resolve("certificate"));
    Path key =
        Files.copy(identity.key(), folder.resolve("key"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public List<String> messages() {
    return mail.messages();
  }

  @Override
  public String awaitMessage(Predicate<String> wanted) {
    return mail.awaitMessage(wanted);
  }

  @Override
  public String log() {
    Path file = folder.resolve(program.logFile());
    try {
      return server.log() + (Files.isRegularFile(file) ? Files.readString(file) : "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Command inPlace(Command command) {
    return command.by(
        List.of(
            "unshare",
            "--mount",
            "bash",
            "-c",
            IN_PLACE,
            "in-place",
            MailPeers.folder().toString(),
            folder.resolve(TRUSTED).toString()));
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
}
