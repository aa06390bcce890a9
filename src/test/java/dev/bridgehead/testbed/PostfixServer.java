package dev.bridgehead.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A real Postfix as next hop: it takes mail for every domain and puts all of it into one Maildir.
 * It needs root, as Postfix does, and is not installed: see {@code src/testbed/mail-peers}.
 */
public final class PostfixServer implements MailPeer {
  private final Setup setup;
  private final Path folder;
  private final Daemon master;
  private List<String> onward = List.of();

  private PostfixServer(Setup setup) {
    this.setup = setup;
    try {
      // Not below target: the user postfix may not be able to get there.
      folder = Files.createTempDirectory("bridgehead-postfix-");
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      new PostfixFiles(setup, folder).write();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    master =
        Daemon.start(
            "master",
            folder,
            MailPeers.program("usr/lib/postfix/sbin/master")
                .with("-c", folder.resolve("etc").toString(), "-d")
                .by(setup.prefix()));
    master.await(this::greets);
  }

  /** On loopback, a free port, no TLS, no authentication. */
  public static Setup setup() {
    Tier.requireRoot("Postfix");
    return new Setup(
        "127.0.0.1",
        Daemon.freePort(),
        Optional.empty(),
        "mx.example.test",
        Optional.empty(),
        Map.of(),
        Map.of(),
        List.of(),
        "PLAIN LOGIN",
        List.of());
  }

  /** Where it listens. */
  @Override
  public int port() {
    return setup.port();
  }

  /** Every message delivered so far, octet for octet as ISO 8859-1, in the order of arrival. */
  @Override
  public List<String> messages() {
    return mail().messages();
  }

  /** Waits for a message, 30 seconds at most. */
  @Override
  public String awaitMessage(Predicate<String> wanted) {
    return mail().awaitMessage(wanted);
  }

  private Maildir mail() {
    return new Maildir(folder.resolve("mail/inbox"));
  }

  /** What it logged: connections, TLS, authentication, queue ids. */
  @Override
  public String log() {
    Path log = folder.resolve("log");
    return Files.exists(log) ? text(log) : master.log();
  }

  /**
   * Becomes another kind of server at the same place for clients that connect from now on. Where it
   * listens can't change.
   */
  public void become(Setup changed) {
    try {
      new PostfixFiles(changed, folder).settings(onward);
      String pid = Files.readString(folder.resolve("queue/pid/master.pid")).strip();
      Command.of("kill", "-HUP", pid).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * From now on it sends all mail on to the server at an address, port 25, in place of keeping it,
   * and tries again every second or two.
   */
  public void sendOnTo(String nextHop) {
    onward =
        List.of(
            "virtual_mailbox_domains =",
            "relayhost = [" + nextHop + "]:25",
            "queue_run_delay = 1s",
            "minimal_backoff_time = 1s",
            "maximal_backoff_time = 2s");
    become(setup);
  }

  private boolean greets() {
    String address = setup.address() + "/" + setup.port();
    return Command.of("bash", "-c", "exec 3<>/dev/tcp/" + address + " && head -c 3 <&3")
        .by(setup.prefix())
        .within(Duration.ofSeconds(10))
        .attempt()
        .out()
        .equals("220");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    master.close();
    Folders.delete(folder);
  }

  /** A peer that also sends. */
  public static PostfixServer peer(TestCa.Identity identity, Onward onward) {
    String plain = "[127.0.0.1]:" + onward.port();
    String named = "[" + Onward.HOST + "]:" + onward.port();
    String refusal = "{" + NOBODY + " = 550 5.1.1 nobody here}";
    return setup()
        .tls(identity)
        .user(USER, PASSWORD)
        .with(
            List.of(
                "smtpd_recipient_restrictions = check_recipient_access inline:{" + refusal + "}",
                "transport_maps = inline:{{%s = smtp:%s}, {%s = smtp:%s}, {%s = smtp:%s}, {%s = login:%s}}"
                    .formatted(
                        Onward.PLAIN,
                        plain,
                        Onward.REFUSED,
                        plain,
                        Onward.TLS,
                        named,
                        Onward.LOGIN,
                        named),
                "smtp_tls_policy_maps = inline:{{%s = none}, {%s = secure match=%s}}"
                    .formatted(plain, named, Onward.HOST),
                "smtp_tls_CAfile = " + onward.authority(),
                "smtp_sasl_password_maps = inline:{{%s = %s:%s}}"
                    .formatted(named, onward.user(), onward.password()),
                "smtp_sasl_security_options = noanonymous"))
        .start();
  }

  /**
   * What kind of server it is to be. Immutable: each method gives another setup.
   *
   * @param address where it listens, in its network namespace
   * @param implicitTlsPort where it expects TLS from the first octet
   * @param users who may send, and then nobody else; AUTH is offered over TLS only
   * @param replies what it answers to RCPT for an address or a domain, such as {@code 550 5.1.1 No}
   * @param prefix words before the program, such as {@code nsenter --net=…}
   * @param mechanisms that AUTH offers, separated by blanks
   * @param settings lines of main.cf, which win over all others
   */
  public record Setup(
      String address,
      int port,
      Optional<Integer> implicitTlsPort,
      String hostname,
      Optional<Tls> tls,
      Map<String, String> users,
      Map<String, String> replies,
      List<String> prefix,
      String mechanisms,
      List<String> settings) {

    /** Copies what it is given. */
    public Setup {
      users = Map.copyOf(users);
      replies = Map.copyOf(replies);
      prefix = List.copyOf(prefix);
      settings = List.copyOf(settings);
    }

    /** Where it listens. */
    public Setup listen(String newAddress, int newPort) {
      return new Setup(
          newAddress,
          newPort,
          implicitTlsPort,
          hostname,
          tls,
          users,
          replies,
          prefix,
          mechanisms,
          settings);
    }

    /** What it calls itself. */
    public Setup hostname(String name) {
      return new Setup(
          address, port, implicitTlsPort, name, tls, users, replies, prefix, mechanisms, settings);
    }

    /** Offers STARTTLS. */
    public Setup tls(TestCa.Identity identity) {
      return tls(new Tls(identity, false));
    }

    /** Refuses mail without TLS. */
    public Setup tlsOnly(TestCa.Identity identity) {
      return tls(new Tls(identity, true));
    }

    private Setup tls(Tls newTls) {
      return new Setup(
          address,
          port,
          implicitTlsPort,
          hostname,
          Optional.of(newTls),
          users,
          replies,
          prefix,
          mechanisms,
          settings);
    }

    /** Listens on a second port, with TLS from the first octet. */
    public Setup implicitTls(int newPort) {
      return new Setup(
          address,
          port,
          Optional.of(newPort),
          hostname,
          tls,
          users,
          replies,
          prefix,
          mechanisms,
          settings);
    }

    /** Takes mail only of clients that authenticate: PLAIN and LOGIN. */
    public Setup user(String name, String password) {
      return new Setup(
          address,
          port,
          implicitTlsPort,
          hostname,
          tls,
          and(users, name, password),
          replies,
          prefix,
          mechanisms,
          settings);
    }

    /** Offers these for AUTH, separated by blanks. */
    public Setup mechanisms(String names) {
      return new Setup(
          address, port, implicitTlsPort, hostname, tls, users, replies, prefix, names, settings);
    }

    /** Answers RCPT for an address or a domain with a reply of its own. */
    public Setup reply(String recipient, String reply) {
      return new Setup(
          address,
          port,
          implicitTlsPort,
          hostname,
          tls,
          users,
          and(replies, recipient, reply),
          prefix,
          mechanisms,
          settings);
    }

    /** Runs it by another program, which puts it into a network namespace. */
    public Setup by(List<String> words) {
      return new Setup(
          address,
          port,
          implicitTlsPort,
          hostname,
          tls,
          users,
          replies,
          words,
          mechanisms,
          settings);
    }

    /** Lines of main.cf, which win over all others. */
    public Setup with(List<String> lines) {
      return new Setup(
          address, port, implicitTlsPort, hostname, tls, users, replies, prefix, mechanisms, lines);
    }

    /** Starts it, and waits for its greeting. */
    public PostfixServer start() {
      return new PostfixServer(this);
    }

    private static Map<String, String> and(Map<String, String> map, String key, String value) {
      var all = new LinkedHashMap<>(map);
      all.put(key, value);
      return all;
    }
  }

  /** Its certificate, and whether it insists. */
  public record Tls(TestCa.Identity identity, boolean required) {}
}
