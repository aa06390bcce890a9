package dev.bridgehead.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All that a Postfix needs to run from its unpacked package, in one folder. */
final class PostfixFiles {
  /** No chroot anywhere; the maximum of processes where there may be one only. */
  private static final String SERVICES =
      """
      postlog unix-dgram n - n - 1 postlogd
      cleanup unix n - n - 0 cleanup
      qmgr unix n - n 300 1 qmgr
      tlsmgr unix - - n 1000? 1 tlsmgr
      rewrite unix - - n - - trivial-rewrite
      bounce unix - - n - 0 bounce
      defer unix - - n - 0 bounce
      trace unix - - n - 0 bounce
      verify unix - - n - 1 verify
      flush unix n - n 1000? 0 flush
      proxymap unix - - n - - proxymap
      error unix - - n - - error
      retry unix - - n - - error
      virtual unix - n n - - virtual
      smtp unix - - n - - smtp
      login unix - - n - - smtp -o smtp_sasl_auth_enable=yes
      anvil unix - - n - 1 anvil
      """;

  private static final List<String> QUEUES =
      List.of(
          "active",
          "bounce",
          "corrupt",
          "defer",
          "deferred",
          "flush",
          "hold",
          "incoming",
          "private",
          "saved",
          "trace");

  private final PostfixServer.Setup setup;
  private final Path folder;
  private final UserPrincipal postfix;

  PostfixFiles(PostfixServer.Setup setup, Path folder) throws IOException {
    this.setup = setup;
    this.folder = folder;
    // Made by the script, where it is not there.
    MailPeers.folder();
    postfix =
        folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postfix");
  }

  void write() throws IOException {
    for (String queue : QUEUES) {
      owned(folder.resolve("queue").resolve(queue), "rwx------");
    }
    owned(folder.resolve("queue/maildrop"), "rwx------");
    owned(folder.resolve("queue/public"), "rwx--x---");
    Files.createDirectories(folder.resolve("queue/pid"));
    owned(folder.resolve("data"), "rwx------");
    owned(folder.resolve("mail"), "rwxr-xr-x");
    owned(folder.resolve("mail/inbox"), "rwx------");
    for (String part : List.of("new", "cur", "tmp")) {
      owned(folder.resolve("mail/inbox").resolve(part), "rwx------");
    }
    Files.createDirectories(folder.resolve("etc"));
    settings(List.of());
  }

  /**
   * What may change while it runs.
   *
   * @param more lines of main.cf, which win over those before
   */
  void settings(List<String> more) throws IOException {
    var lines = new ArrayList<>(mainCf());
    lines.addAll(setup.settings());
    lines.addAll(more);
    Files.write(folder.resolve("etc/main.cf"), lines);
    Files.writeString(folder.resolve("etc/master.cf"), masterCf());
    for (var user : setup.users().entrySet()) {
      addUser(user.getKey(), user.getValue());
    }
  }

  private void owned(Path path, String permissions) throws IOException {
    Files.createDirectories(path);
    Files.setOwner(path, postfix);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  private List<String> mainCf() throws IOException {
    Path peers = MailPeers.folder();
    int uid = (Integer) Files.getAttribute(folder.resolve("data"), "unix:uid");
    var lines =
        new ArrayList<>(
            List.of(
                "compatibility_level = 3.7",
                "queue_directory = " + folder.resolve("queue"),
                "data_directory = " + folder.resolve("data"),
                "command_directory = " + peers.resolve("usr/sbin"),
                "daemon_directory = " + peers.resolve("usr/lib/postfix/sbin"),
                "shlib_directory = " + peers.resolve("usr/lib/postfix"),
                "meta_directory = " + peers.resolve("etc/postfix"),
                // The libraries of the unpacked package, for the programs that master starts.
                "import_environment = LD_LIBRARY_PATH SASL_PATH MAIL_CONFIG TZ LANG=C",
                "maillog_file = " + folder.resolve("log"),
                "maillog_file_prefixes = " + folder,
                "inet_protocols = ipv4",
                "inet_interfaces = " + setup.address(),
                "myhostname = " + setup.hostname(),
                "mydestination =",
                "alias_maps =",
                "local_recipient_maps =",
                // Nothing but the client's own words decides, and no name server is asked.
                "smtpd_peername_lookup = no",
                "disable_dns_lookups = yes",
                "message_size_limit = 0",
                "virtual_mailbox_limit = 0",
                "virtual_mailbox_domains = static:all",
                "virtual_mailbox_base = " + folder.resolve("mail"),
                "virtual_mailbox_maps = static:inbox/",
                "virtual_minimum_uid = 1",
                "virtual_uid_maps = static:" + uid,
                "virtual_gid_maps = static:" + uid));
    lines.addAll(restrictions());
    lines.addAll(tls());
    return lines;
  }

  private List<String> restrictions() {
    var rules = new ArrayList<String>();
    if (!setup.replies().isEmpty()) {
      rules.add(
          "check_recipient_access inline:{"
              + setup.replies().entrySet().stream()
                  .map(e -> "{" + e.getKey() + " = " + e.getValue() + "}")
                  .collect(Collectors.joining(", "))
              + "}");
    }
    if (setup.users().isEmpty()) {
      return List.of("smtpd_recipient_restrictions = " + String.join(", ", rules));
    }
    rules.add("permit_sasl_authenticated");
    rules.add("reject");
    return List.of(
        "smtpd_recipient_restrictions = " + String.join(", ", rules),
        "smtpd_sasl_auth_enable = yes",
        "smtpd_tls_auth_only = yes",
        "smtpd_sasl_local_domain = " + setup.hostname(),
        "smtpd_sasl_path = smtpd");
  }

  private List<String> tls() {
    return setup
        .tls()
        .map(
            t ->
                List.of(
                    "smtpd_tls_security_level = " + (t.required() ? "encrypt" : "may"),
                    "smtpd_tls_cert_file = " + t.identity().certificate(),
                    "smtpd_tls_key_file = " + t.identity().key(),
                    "smtpd_tls_loglevel = 1",
                    "smtpd_tls_received_header = yes"))
        .orElse(List.of("smtpd_tls_security_level = none"));
  }

  private String masterCf() {
    // A process for each client: one that waits for the next would serve that one as it was.
    String smtpd = " inet n - n - - smtpd -o max_use=1";
    String services = setup.address() + ":" + setup.port() + smtpd + "\n" + SERVICES;
    return setup
        .implicitTlsPort()
        .map(
            port ->
                services + setup.address() + ":" + port + smtpd + " -o smtpd_tls_wrappermode=yes\n")
        .orElse(services);
  }

  /** Cyrus SASL's own small database: the way that needs no further server. */
  private void addUser(String name, String password) throws IOException {
    Path database = folder.resolve("data/sasldb2");
    // In Debian's Postfix this is where it looks.
    Files.createDirectories(folder.resolve("etc/sasl"));
    Files.write(
        folder.resolve("etc/sasl/smtpd.conf"),
        List.of(
            "pwcheck_method: auxprop",
            "auxprop_plugin: sasldb",
            "sasldb_path: " + database,
            "mech_list: " + setup.mechanisms()));
    MailPeers.program("usr/sbin/saslpasswd2")
        .with("-p", "-c", "-f", database.toString(), "-u", setup.hostname(), name)
        .withInput(password)
        .run();
    Files.setOwner(database, postfix);
  }
}
