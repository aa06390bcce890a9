package dev.bridgehead.operator.model;

import dev.bridgehead.api.Access;
import dev.bridgehead.api.AddressSpace;
import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.CaBundleRef;
import dev.bridgehead.api.ClientService;
import dev.bridgehead.api.InboundTls;
import dev.bridgehead.api.LocalRef;
import dev.bridgehead.api.Outbound;
import dev.bridgehead.api.OutboundTls;
import dev.bridgehead.api.Routing;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.TlsMode;
import dev.bridgehead.api.VirtualServer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connectors and bridgeheads as the API server would have them. */
public final class Samples {
  /** A self-signed certificate. */
  public static final String CERTIFICATE =
      """
      -----BEGIN CERTIFICATE-----
      MIIBNjCB3aADAgECAggmuf7mVSo7vzAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDEwR0
      ZXN0MCAXDTI2MTEyMzE2MDE1NloYDzIxMjYxMDMwMTYwMTU2WjAPMQ0wCwYDVQQD
      EwR0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJ7Q5sIz2ynIzB4l9ZeqU
      jQkaGDLiMhXgcz1e0dKnXuJoc+i838oPtczbem0unvS2//JM5zE6tVN2mwjWkvAV
      kqMhMB8wHQYDVR0OBBYEFOiWJ+N4uZq6lOouSqUPvTGOnhJNMAoGCCqGSM49BAMC
      A0gAMEUCIQDIM8+eDxCKIhSxm6ClX/h1qOFr9ZSIn6sss0owS3026QIgWqTruK+y
      BzLewFosx4OPw2yIkMt4aU2nqUAXj7inobc=
      -----END CERTIFICATE-----
      """;

  private Samples() {}

  /** Name internet, namespace mail, uid connector-uid, generation 3. */
  public static SmtpConnector connector(SmtpConnectorSpec spec) {
    SmtpConnector connector = new SmtpConnector();
    connector.getMetadata().setNamespace("mail");
    connector.getMetadata().setName("internet");
    connector.getMetadata().setUid("connector-uid");
    connector.getMetadata().setGeneration(3L);
    connector.setSpec(spec);
    return connector;
  }

  /** One entry, edge, on port 2525, by DNS. */
  public static SmtpConnectorSpec dns(@Nullable Integer replicas, @Nullable ClientService service) {
    return spec(new Routing(RoutingMode.DNS, null, null), null, replicas, service);
  }

  /** To each address space, with somebody who may relay. */
  public static SmtpConnectorSpec dns(Access access) {
    SmtpConnectorSpec spec = dns(null, null);
    return new SmtpConnectorSpec(
        spec.routing(),
        spec.addressSpaces(),
        spec.bridgeheads(),
        null,
        access,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  /** To one smart host with credentials (Secret relay), verified by a CA (ConfigMap our-ca). */
  public static SmtpConnectorSpec smartHost() {
    return spec(
        new Routing(
            RoutingMode.SMART_HOST,
            List.of(new SmartHost("smtp.example.net", 587, null, null, new LocalRef("relay"))),
            null),
        new Outbound(
            new OutboundTls(TlsMode.VERIFIED, new CaBundleRef(null, "our-ca"), null), null),
        null,
        null);
  }

  /** By DNS, with a certificate for clients. */
  public static SmtpConnectorSpec tls(String secret, @Nullable Integer implicitPort) {
    return spec(
        new Routing(RoutingMode.DNS, null, null),
        null,
        2,
        null,
        new InboundTls(new LocalRef(secret), null, implicitPort));
  }

  /** By DNS, with a certificate for next hops that ask. */
  public static SmtpConnectorSpec clientCertificate(String secret) {
    return spec(
        new Routing(RoutingMode.DNS, null, null),
        new Outbound(new OutboundTls(null, null, new LocalRef(secret)), null),
        null,
        null);
  }

  private static SmtpConnectorSpec spec(
      Routing routing,
      @Nullable Outbound outbound,
      @Nullable Integer replicas,
      @Nullable ClientService service) {
    return spec(routing, outbound, replicas, service, null);
  }

  private static SmtpConnectorSpec spec(
      Routing routing,
      @Nullable Outbound outbound,
      @Nullable Integer replicas,
      @Nullable ClientService service,
      @Nullable InboundTls tls) {
    return new SmtpConnectorSpec(
        routing,
        List.of(new AddressSpace("*")),
        List.of(
            new BridgeheadEntry(
                "edge",
                "mail.example.com",
                replicas,
                null,
                new VirtualServer(2525, null, null, null, null, tls))),
        outbound,
        null,
        null,
        null,
        null,
        null,
        null,
        service);
  }

  /** What the API server has of the connector's bridgehead edge, generation 7. */
  public static Bridgehead bridgehead(SmtpConnectorSpec spec) {
    Bridgehead bridgehead = BridgeheadResource.allOf(connector(spec)).getFirst();
    bridgehead.getMetadata().setUid("bridgehead-uid");
    bridgehead.getMetadata().setGeneration(7L);
    return bridgehead;
  }
}
