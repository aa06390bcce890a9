package dev.bridgehead.relay.config;

import dev.bridgehead.api.AddressFamily;
import dev.bridgehead.api.BareLineEndings;
import dev.bridgehead.api.Delivery;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.Selection;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.manifest.ConnectorManifest;
import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.validation.AddressSpacePattern;
import dev.bridgehead.validation.Cidr;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All that one relay runs by, with every default filled in and every reference followed. */
public record RelayConfig(
    Identity identity,
    Listening listening,
    Access access,
    Routes routes,
    Outgoing outgoing,
    Retry retry,
    Limits limits) {
  /** With the default limits. */
  public RelayConfig(
      Identity identity,
      Listening listening,
      Access access,
      Routes routes,
      Outgoing outgoing,
      Retry retry) {
    this(identity, listening, access, routes, outgoing, retry, Limits.DEFAULT);
  }

  /**
   * Who this relay is.
   *
   * @param connector the connector's name
   * @param bridgehead which of its bridgeheads
   * @param generation of the connector, 0 on a laptop
   * @param hash lower-case hex SHA-256 of the manifest's octets
   * @param hostname A-labels, lower case
   * @param clusterDomain what names that end in {@code .svc} continue with
   * @param ownAddresses of the connector's Services; those of local interfaces come on top
   */
  public record Identity(
      String connector,
      String namespace,
      String bridgehead,
      long generation,
      String hash,
      String hostname,
      String clusterDomain,
      Set<InetAddress> ownAddresses) {
    public Identity {
      ownAddresses = Set.copyOf(ownAddresses);
    }
  }

  /**
   * How clients reach it.
   *
   * @param loopbackOnly binds no other address
   * @param maxMessageBytes octets of the largest content accepted
   * @param drainFrom pods of this ordinal and above drain; 0: all of them, since the bridgehead is
   *     being deleted; null: none
   * @param tls null: none is offered
   */
  public record Listening(
      int port,
      boolean loopbackOnly,
      long maxMessageBytes,
      BareLineEndings bareLineEndings,
      boolean addMissingHeaders,
      @Nullable Integer drainFrom,
      @Nullable InboundTls tls) {
    /** Without TLS, of a bridgehead that refuses bare line endings, and of which no pod drains. */
    public Listening(
        int port, boolean loopbackOnly, long maxMessageBytes, boolean addMissingHeaders) {
      this(
          port,
          loopbackOnly,
          maxMessageBytes,
          BareLineEndings.REJECT,
          addMissingHeaders,
          null,
          null);
    }
  }

  /**
   * Who may relay.
   *
   * @param trustedPeers whose connections begin with a PROXY header that says who the client is
   * @param loopbackMayRelay clients on this machine may, whatever the list says
   * @param postmaster takes mail for {@code <postmaster>} and notices that can't be delivered
   * @param accounts who may log in, and relay from anywhere then
   * @param messagesPerMinute that one client may begin; null for no limit
   * @param xclientPeers who may say by XCLIENT who the client is
   */
  public record Access(
      List<Cidr> allowedClients,
      List<Cidr> trustedPeers,
      boolean loopbackMayRelay,
      @Nullable MailAddress postmaster,
      Accounts accounts,
      @Nullable Integer messagesPerMinute,
      List<Cidr> xclientPeers) {
    /** Without load balancers and accounts. */
    public Access(
        List<Cidr> allowedClients, boolean loopbackMayRelay, @Nullable MailAddress postmaster) {
      this(allowedClients, List.of(), loopbackMayRelay, postmaster);
    }

    /** Without accounts, a limit, and filters in front. */
    public Access(
        List<Cidr> allowedClients,
        List<Cidr> trustedPeers,
        boolean loopbackMayRelay,
        @Nullable MailAddress postmaster) {
      this(
          allowedClients,
          trustedPeers,
          loopbackMayRelay,
          postmaster,
          Accounts.NONE,
          null,
          List.of());
    }

    public Access {
      allowedClients = List.copyOf(allowedClients);
      trustedPeers = List.copyOf(trustedPeers);
      xclientPeers = List.copyOf(xclientPeers);
    }

    /** Whether a peer may speak for clients by XCLIENT. */
    public boolean maySpeakForOthers(InetAddress peer) {
      return xclientPeers.stream().anyMatch(range -> range.contains(peer));
    }

    /** Whether a peer is believed, and has to say, who the client is. */
    public boolean trusts(InetAddress peer) {
      return trustedPeers.stream().anyMatch(range -> range.contains(peer));
    }

    public boolean mayRelay(InetAddress client) {
      return (loopbackMayRelay && client.isLoopbackAddress())
          || allowedClients.stream().anyMatch(range -> range.contains(client));
    }
  }

  /**
   * Where mail goes.
   *
   * @param smartHosts empty in DNS mode
   * @param outboundPort the port of next hops found by DNS
   * @param privateAddresses next hops may have private addresses
   */
  public record Routes(
      RoutingMode mode,
      List<SmartHostTarget> smartHosts,
      Selection selection,
      int outboundPort,
      List<AddressSpacePattern> addressSpaces,
      boolean privateAddresses) {
    /** As by default: smart hosts may have private addresses, what strangers' MX name may not. */
    public Routes(
        RoutingMode mode,
        List<SmartHostTarget> smartHosts,
        Selection selection,
        int outboundPort,
        List<AddressSpacePattern> addressSpaces) {
      this(
          mode, smartHosts, selection, outboundPort, addressSpaces, mode == RoutingMode.SMART_HOST);
    }

    public Routes {
      smartHosts = List.copyOf(smartHosts);
      addressSpaces = List.copyOf(addressSpaces);
    }

    /** Whether the connector takes mail for a domain. */
    public boolean carries(String domain) {
      return addressSpaces.stream().anyMatch(space -> space.matches(domain));
    }
  }

  /**
   * One smart host.
   *
   * @param name FQDN as A-labels in lower case, or an address literal with its brackets
   * @param literal the address where the name is a literal
   * @param implicitTls TLS from the first octet
   * @param tlsName whose certificate it has: {@code name} unless the connector says otherwise
   */
  public record SmartHostTarget(
      String name,
      @Nullable InetAddress literal,
      int port,
      boolean implicitTls,
      String tlsName,
      @Nullable Credentials credentials) {
    /** With a certificate of its own name. */
    public SmartHostTarget(
        String name,
        @Nullable InetAddress literal,
        int port,
        boolean implicitTls,
        @Nullable Credentials credentials) {
      this(name, literal, port, implicitTls, name, credentials);
    }
  }

  /**
   * How next hops are spoken to.
   *
   * @param caBundle empty: the system's
   * @param clientCertificate shown to those who ask for one; null: none
   */
  public record Outgoing(
      TlsMode tls,
      List<X509Certificate> caBundle,
      @Nullable TlsKeyPair clientCertificate,
      AddressFamily addressFamily) {
    /** Without a client certificate. */
    public Outgoing(TlsMode tls, List<X509Certificate> caBundle, AddressFamily addressFamily) {
      this(tls, caBundle, null, addressFamily);
    }

    public Outgoing {
      caBundle = List.copyOf(caBundle);
    }
  }

  /**
   * When delivery is tried again.
   *
   * @param intervals at least one; the last one repeats
   * @param expireAfter counted from arrival
   * @param delayNotificationAfter when the sender is told that it takes longer, counted from
   *     arrival
   */
  public record Retry(
      List<Duration> intervals, Duration expireAfter, Duration delayNotificationAfter) {
    /** With the default time of the delay notice. */
    public Retry(List<Duration> intervals, Duration expireAfter) {
      this(intervals, expireAfter, Delivery.DEFAULT.delayNotificationAfterOrDefault());
    }

    public Retry {
      intervals = List.copyOf(intervals);
      if (intervals.isEmpty()) {
        throw new IllegalArgumentException("a retry schedule needs an interval");
      }
    }
  }

  /**
   * How hard this pod presses a destination.
   *
   * @param connections deliveries at a time
   * @param messagesPerMinute this pod's share of the rate; null for no limit
   */
  public record Limits(int connections, @Nullable Double messagesPerMinute) {
    public static final Limits DEFAULT =
        new Limits(Delivery.DEFAULT.maxConnectionsPerDestinationOrDefault(), null);
  }

  /**
   * From a manifest that the rules accepted.
   *
   * @param hash lower-case hex SHA-256 of the manifest's octets
   * @param bridgehead which one; may be null where the connector has one only
   * @param laptop {@code run}: loopback clients may relay, and without {@code allowedClients} it
   *     listens on loopback only
   * @throws ManifestException one line per fault: a missing Secret, a wrong key, a bad certificate
   */
  public static RelayConfig of(
      ConnectorManifest manifest,
      String hash,
      @Nullable String bridgehead,
      String clusterDomain,
      boolean laptop)
      throws ManifestException {
    return new ConfigReader(manifest, hash, bridgehead, clusterDomain, laptop).read();
  }

  /**
   * What of a manifest is not in force on a laptop, a line each for a person; empty where all is.
   */
  public static List<String> leftOutOnALaptop(ConnectorManifest manifest) {
    return AccountsReader.leavesOutServiceAccounts(manifest)
        ? List.of(
            "spec.access.serviceAccounts is not in force here: their tokens are checked with a"
                + " cluster's keys, which the operator adds")
        : List.of();
  }
}
