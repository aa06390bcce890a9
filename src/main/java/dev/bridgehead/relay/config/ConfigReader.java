package dev.bridgehead.relay.config;

import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.CaBundleRef;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.RefKind;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.VirtualServer;
import dev.bridgehead.manifest.ConnectorManifest;
import dev.bridgehead.manifest.Credentials;
import dev.bridgehead.manifest.ManifestException;
import dev.bridgehead.manifest.PemCertificates;
import dev.bridgehead.manifest.TlsKeyPair;
import dev.bridgehead.relay.auth.Accounts;
import dev.bridgehead.relay.config.RelayConfig.Access;
import dev.bridgehead.relay.config.RelayConfig.Identity;
import dev.bridgehead.relay.config.RelayConfig.Limits;
import dev.bridgehead.relay.config.RelayConfig.Listening;
import dev.bridgehead.relay.config.RelayConfig.Outgoing;
import dev.bridgehead.relay.config.RelayConfig.Retry;
import dev.bridgehead.relay.config.RelayConfig.Routes;
import dev.bridgehead.relay.config.RelayConfig.SmartHostTarget;
import dev.bridgehead.relay.mail.MailAddress;
import dev.bridgehead.validation.AddressLiteral;
import dev.bridgehead.validation.AddressSpacePattern;
import dev.bridgehead.validation.Cidr;
import dev.bridgehead.validation.DomainName;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Follows a manifest's references and fills in its defaults; gathers faults as it goes. */
final class ConfigReader {
  private static final String OWN_ADDRESSES = "bridgehead.dev/own-addresses";
  private static final String DRAIN_FROM = "bridgehead.dev/drain-from";
  private static final String CLUSTER_DOMAIN = "bridgehead.dev/cluster-domain";

  private final ConnectorManifest manifest;
  private final String hash;
  private final @Nullable String wanted;
  private final String clusterDomain;
  private final boolean laptop;
  private final SmtpConnectorSpec spec;
  private final List<String> faults = new ArrayList<>();

  ConfigReader(
      ConnectorManifest manifest,
      String hash,
      @Nullable String wanted,
      String clusterDomain,
      boolean laptop) {
    this.manifest = manifest;
    this.hash = hash;
    this.wanted = wanted;
    this.clusterDomain = manifest.annotations().getOrDefault(CLUSTER_DOMAIN, clusterDomain);
    this.laptop = laptop;
    this.spec = manifest.spec();
  }

  RelayConfig read() throws ManifestException {
    BridgeheadEntry bridgehead = bridgehead();
    VirtualServer server = bridgehead.virtualServerOrDefault();
    RelayConfig config;
    try {
      List<Cidr> clients = spec.allowedClients().stream().map(Cidr::parse).toList();
      config =
          new RelayConfig(
              identity(bridgehead),
              new Listening(
                  server.portOrDefault(),
                  laptop && clients.isEmpty(),
                  server.maxMessageBytes(),
                  server.bareLineEndingsOrDefault(),
                  server.addMissingHeadersOrDefault(),
                  drainFrom(),
                  inboundTls(bridgehead, server)),
              access(clients),
              routes(server),
              outgoing(),
              new Retry(
                  spec.deliveryOrDefault().retryIntervalsOrDefault(),
                  spec.deliveryOrDefault().expireAfterOrDefault(),
                  spec.deliveryOrDefault().delayNotificationAfterOrDefault()),
              limits(bridgehead));
    } catch (IllegalArgumentException e) { // the rules were not asked, or don't agree with us
      faults.add("the connector " + manifest.name() + " can't be used: " + e.getMessage());
      throw ManifestException.refused(faults);
    }
    if (!faults.isEmpty()) {
      throw ManifestException.refused(faults);
    }
    return config;
  }

  private @Nullable InboundTls inboundTls(BridgeheadEntry bridgehead, VirtualServer server) {
    if (server.tls() == null) {
      return null;
    }
    String field =
        "spec.bridgeheads["
            + spec.bridgeheads().indexOf(bridgehead)
            + "].virtualServer.tls.secretRef";
    TlsKeyPair keyPair = keyPair(server.tls().secretRef().name(), field);
    return keyPair == null
        ? null
        : new InboundTls(keyPair, server.tls().requiredOrDefault(), server.tls().implicitPort());
  }

  private @Nullable TlsKeyPair keyPair(String name, String field) {
    Map<String, byte[]> secret = manifest.secrets().get(name);
    if (secret == null) {
      faults.add(missing(field, "Secret", name));
      return null;
    }
    try {
      return TlsKeyPair.parse(secret);
    } catch (IllegalArgumentException e) {
      faults.add(field + ": the Secret \"" + name + "\": " + e.getMessage());
      return null;
    }
  }

  private @Nullable Integer drainFrom() {
    String text = manifest.annotations().get(DRAIN_FROM);
    if (text == null) {
      return null;
    }
    if (!text.matches("[0-9]{1,9}")) {
      faults.add("metadata.annotations[" + DRAIN_FROM + "]: must be the ordinal of a pod");
      return null;
    }
    return Integer.valueOf(text);
  }

  /** On a laptop there is one process, whatever number of pods the manifest asks for. */
  private Limits limits(BridgeheadEntry bridgehead) {
    Integer rate = spec.deliveryOrDefault().maxMessagesPerMinutePerDestination();
    Integer replicas = bridgehead.replicas();
    int sharers = laptop || replicas == null ? 1 : Math.max(1, replicas);
    return new Limits(
        spec.deliveryOrDefault().maxConnectionsPerDestinationOrDefault(),
        rate == null ? null : (double) rate / sharers);
  }

  private BridgeheadEntry bridgehead() throws ManifestException {
    List<BridgeheadEntry> all = spec.bridgeheads();
    if (wanted == null && all.size() == 1) {
      return all.getFirst();
    }
    for (BridgeheadEntry each : all) {
      if (each.name().equals(wanted)) {
        return each;
      }
    }
    String names = all.stream().map(BridgeheadEntry::name).collect(Collectors.joining(", "));
    String fault =
        wanted == null
            ? "the connector " + manifest.name() + " has several bridgeheads"
            : "the connector " + manifest.name() + " has no bridgehead \"" + wanted + "\"";
    throw ManifestException.refused(List.of(fault + ": choose one with --bridgehead: " + names));
  }

  private Identity identity(BridgeheadEntry bridgehead) {
    return new Identity(
        manifest.name(),
        manifest.namespace(),
        bridgehead.name(),
        manifest.generation(),
        hash,
        DomainName.parse(bridgehead.hostname()).ascii(),
        clusterDomain,
        ownAddresses());
  }

  private Set<InetAddress> ownAddresses() {
    Set<InetAddress> addresses = new HashSet<>();
    for (String address : manifest.annotations().getOrDefault(OWN_ADDRESSES, "").split(",")) {
      if (!address.isBlank()) {
        addresses.add(AddressLiteral.parse("[" + address.strip() + "]"));
      }
    }
    return addresses;
  }

  private Access access(List<Cidr> clients) {
    return new Access(
        clients,
        trustedPeers(),
        laptop,
        postmaster(),
        accounts(),
        spec.accessOrDefault().maxMessagesPerMinutePerClient(),
        spec.xclientPeers().stream().map(Cidr::parse).toList());
  }

  private List<Cidr> trustedPeers() {
    return spec.serviceOrDefault().trustedPeers().stream().map(Cidr::parse).toList();
  }

  private @Nullable MailAddress postmaster() {
    if (spec.postmaster() == null) {
      return null;
    }
    var address = dev.bridgehead.validation.MailAddress.parse(spec.postmaster());
    return new MailAddress(address.localPart(), address.domain().ascii());
  }

  private Accounts accounts() {
    return new AccountsReader(manifest, laptop, faults).read();
  }

  private Routes routes(VirtualServer server) {
    List<SmartHostTarget> targets = new ArrayList<>();
    List<SmartHost> hosts = spec.routing().smartHostsOrNone();
    for (int i = 0; i < hosts.size(); i++) {
      targets.add(
          target(hosts.get(i), server, "spec.routing.smartHosts[" + i + "].credentialsRef"));
    }
    return new Routes(
        spec.routing().mode(),
        targets,
        spec.routing().selectionOrDefault(),
        server.outboundPortOrDefault(),
        spec.addressSpacesOrDefault().stream()
            .map(space -> AddressSpacePattern.parse(space.domain()))
            .toList(),
        spec.routing().mode() == RoutingMode.SMART_HOST
            || spec.routing().allowPrivateAddressesOrDefault());
  }

  private SmartHostTarget target(SmartHost host, VirtualServer server, String field) {
    boolean literal = AddressLiteral.isMeant(host.host());
    String name = literal ? host.host() : DomainName.parse(host.host()).ascii();
    return new SmartHostTarget(
        name,
        literal ? AddressLiteral.parse(host.host()) : null,
        host.port() == null ? server.outboundPortOrDefault() : host.port(),
        host.implicitTlsOrDefault(),
        host.tlsName() == null ? name : DomainName.parse(host.tlsName()).ascii(),
        host.credentialsRef() == null ? null : credentials(host.credentialsRef(), field));
  }

  private @Nullable Credentials credentials(LocalRef ref, String field) {
    Map<String, byte[]> secret = manifest.secrets().get(ref.name());
    if (secret == null) {
      faults.add(missing(field, "Secret", ref.name()));
      return null;
    }
    try {
      return Credentials.parse(secret);
    } catch (IllegalArgumentException e) {
      faults.add(field + ": the Secret \"" + ref.name() + "\" " + e.getMessage());
      return null;
    }
  }

  private Outgoing outgoing() {
    CaBundleRef ref = spec.outboundOrDefault().caBundleRef();
    LocalRef client = spec.outboundOrDefault().clientCertificateRef();
    return new Outgoing(
        spec.outboundOrDefault().tlsModeOrDefault(),
        ref == null ? List.of() : certificates(ref),
        client == null ? null : keyPair(client.name(), "spec.outbound.tls.clientCertificateRef"),
        spec.outboundOrDefault().addressFamilyOrDefault());
  }

  private List<X509Certificate> certificates(CaBundleRef ref) {
    String field = "spec.outbound.tls.caBundleRef";
    boolean secret = ref.kindOrDefault() == RefKind.SECRET;
    String kind = secret ? "Secret" : "ConfigMap";
    Map<String, byte[]> keys =
        (secret ? manifest.secrets() : manifest.configMaps()).get(ref.name());
    if (keys == null) {
      faults.add(missing(field, kind, ref.name()));
      return List.of();
    }
    String where = field + ": the " + kind + " \"" + ref.name() + "\"";
    byte[] pem = keys.get("ca.crt");
    if (pem == null) {
      faults.add(where + " has no key \"ca.crt\"");
      return List.of();
    }
    try {
      return PemCertificates.parse(pem);
    } catch (IllegalArgumentException e) {
      faults.add(where + ": the key \"ca.crt\" " + e.getMessage());
      return List.of();
    }
  }

  private String missing(String field, String kind, String name) {
    return missing(field, kind, name, manifest, laptop);
  }

  static String missing(
      String field, String kind, String name, ConnectorManifest manifest, boolean laptop) {
    return "%s: Not found: \"%s\": no %s of that name in namespace %s%s"
        .formatted(
            field,
            name,
            kind,
            manifest.namespace(),
            laptop ? ": give the file that has it with another -f" : "");
  }
}
