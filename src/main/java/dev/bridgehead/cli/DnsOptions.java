package dev.bridgehead.cli;

import dev.bridgehead.dns.DnsSetup;
import dev.bridgehead.dns.Validation;
import dev.bridgehead.validation.DomainName;
import dev.bridgehead.validation.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Whom a command asks for names, and whom it believes; read the same way by all that look up. */
final class DnsOptions {
  private static final int DNS_PORT = 53;

  /** More than any set of trust anchors. */
  private static final long LONGEST_ANCHORS = 1 << 20;

  /** The names are what is typed. */
  enum Validator {
    validate,
    trust,
    off
  }

  @Option(
      names = "--dns-server",
      paramLabel = "ADDRESS[:PORT]",
      description = {
        "Name server to ask; may be given again, for where one fails. IPv6 in brackets before a"
            + " port. Default: those of /etc/resolv.conf."
      })
  private List<String> servers = new ArrayList<>();

  @Option(
      names = "--dnssec",
      paramLabel = "WHO",
      description = {
        "validate: this process validates answers. trust: the name servers do, and are trusted,"
            + " such as a validating resolver on this machine. off: nobody. Default: off."
      })
  private Validator validator = Validator.off;

  @Option(
      names = "--trust-anchors",
      paramLabel = "FILE",
      description = {
        "DS or DNSKEY records, as in a zone file, to validate by. Default: those of the root."
      })
  private @Nullable Path anchors;

  @Option(
      names = "--dnssec-unsigned",
      paramLabel = "DOMAIN",
      description = {
        "Do not validate this domain and what is below: a private one that the world's signed zones"
            + " deny. May be given again. Says nothing without --dnssec validate."
      })
  private List<String> unsigned = new ArrayList<>();

  /**
   * What the options say.
   *
   * @param clusterDomain of the cluster's own DNS, which nobody signs
   */
  DnsSetup setup(CommandSpec spec, String clusterDomain) {
    if (anchors != null && validator != Validator.validate) {
      throw wrong(spec, "--trust-anchors is only for --dnssec validate");
    }
    List<InetSocketAddress> asked = servers.stream().map(it -> server(spec, it)).toList();
    return DnsSetup.of(
        asked.isEmpty() ? DnsSetup.systemServers() : asked,
        switch (validator) {
          case validate -> inProcess(spec, clusterDomain);
          case trust -> new Validation.ByServers();
          case off -> new Validation.Off();
        });
  }

  private Validation inProcess(CommandSpec spec, String clusterDomain) {
    Set<String> domains = new TreeSet<>(Set.of(clusterDomain));
    for (String domain : unsigned) {
      domains.add(DomainName.canonical(domain));
    }
    if (anchors == null) {
      return Validation.InProcess.standard(domains);
    }
    try {
      if (Files.size(anchors) > LONGEST_ANCHORS) {
        throw wrong(spec, "--trust-anchors " + anchors + ": longer than 1 MiB");
      }
      return Validation.InProcess.anchored(Files.readString(anchors), domains);
    } catch (IOException e) {
      throw wrong(spec, "--trust-anchors " + anchors + ": can't be read: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw wrong(spec, "--trust-anchors " + anchors + ": " + e.getMessage());
    }
  }

  private static InetSocketAddress server(CommandSpec spec, String text) {
    boolean bare = IpAddress.parse(text).isPresent();
    int colon = bare || text.endsWith("]") ? -1 : text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    InetAddress address =
        IpAddress.parse(host)
            .orElseThrow(
                () ->
                    wrong(
                        spec,
                        "--dns-server "
                            + text
                            + ": must be an IP address, such as"
                            + " 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353"));
    String port = colon < 0 ? String.valueOf(DNS_PORT) : text.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}")
        || Integer.parseInt(port) < 1
        || Integer.parseInt(port) > 65_535) {
      throw wrong(spec, "--dns-server " + text + ": the port must be from 1 to 65535");
    }
    return new InetSocketAddress(address, Integer.parseInt(port));
  }

  private static CommandLine.ParameterException wrong(CommandSpec spec, String text) {
    return new CommandLine.ParameterException(spec.commandLine(), text);
  }
}
