package dev.bridgehead.operator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.api.BridgeheadEntry;
import dev.bridgehead.api.Routing;
import dev.bridgehead.api.RoutingMode;
import dev.bridgehead.api.SmartHost;
import dev.bridgehead.api.SmtpConnector;
import dev.bridgehead.api.SmtpConnectorSpec;
import dev.bridgehead.api.SmtpConnectorStatus;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rings of connectors, and who of them is refused. */
class LoopsTest {
  private final Map<String, SmtpConnector> connectors = new HashMap<>();
  private final Map<String, Service> services = new HashMap<>();
  private final Map<String, List<Bridgehead>> running = new HashMap<>();
  private final Loops loops =
      new Loops(
          new Loops.Neighbours() {
            @Override
            public Optional<SmtpConnector> connector(String namespace, String name) {
              return Optional.ofNullable(connectors.get(namespace + "/" + name));
            }

            @Override
            public List<Service> servicesAt(String address) {
              return Stream.ofNullable(services.get(address)).toList();
            }

            @Override
            public List<Bridgehead> bridgeheadsOf(SmtpConnector connector) {
              return running.getOrDefault(connector.getMetadata().getUid(), List.of());
            }
          },
          "cluster.local");

  /** Made in the minute of that number; each has one bridgehead, edge. */
  private SmtpConnector connector(String name, int minute, String... smartHosts) {
    SmtpConnector connector = new SmtpConnector();
    connector.getMetadata().setNamespace("mail");
    connector.getMetadata().setName(name);
    connector.getMetadata().setUid("uid of " + name);
    connector.getMetadata().setGeneration(1L);
    connector.getMetadata().setCreationTimestamp("2026-01-01T00:%02d:00Z".formatted(minute));
    connector.setSpec(spec(smartHosts));
    connectors.put("mail/" + name, connector);
    return connector;
  }

  private static SmtpConnectorSpec spec(String... smartHosts) {
    return new SmtpConnectorSpec(
        new Routing(
            smartHosts.length == 0 ? RoutingMode.DNS : RoutingMode.SMART_HOST,
            Stream.of(smartHosts).map(h -> new SmartHost(h, null, null, null, null)).toList(),
            null),
        null,
        List.of(new BridgeheadEntry("edge", "mail.example.com", null, null, null)),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  @Test
  void refusesTheYoungerOfTwoAndNamesTheFieldAndTheWay() {
    SmtpConnector old = connector("old", 1, "smtp.example.net", "young.mail.svc");
    SmtpConnector young = connector("young", 2, "smtp.example.net", "old.mail.svc");

    assertThat(loops.closedBy(young).map(Object::toString).orElse(""))
        .isEqualTo(
            "spec.routing.smartHosts[1].host: Invalid value: \"old.mail.svc\": is a Service of a"
                + " connector that leads back to this one: mail would go round by mail/old. Of"
                + " these this connector is the youngest: let it, or one of them, send elsewhere");
    assertThat(loops.closedBy(old)).isEmpty();
    assertThat(loops.closedWith(old)).containsExactly(young);
    assertThat(loops.closedWith(young)).isEmpty();
  }

  @Test
  void ofTwoThatAreEquallyOldTheUidDecides() {
    SmtpConnector a = connector("a", 1, "b.mail.svc");
    SmtpConnector b = connector("b", 1, "a.mail.svc");

    assertThat(loops.closedBy(a)).isEmpty();
    assertThat(loops.closedBy(b)).isPresent();
  }

  @Test
  void refusesTheYoungestOfThreeOnly() {
    SmtpConnector a = connector("a", 1, "b.mail.svc");
    SmtpConnector b = connector("b", 3, "c.mail.svc");
    SmtpConnector c = connector("c", 2, "a.mail.svc");

    assertThat(Stream.of(a, b, c).filter(each -> loops.closedBy(each).isPresent()))
        .containsExactly(b);
    assertThat(loops.closedBy(b).orElseThrow().message()).contains("go round by mail/c, mail/a.");
    assertThat(loops.closedWith(a)).containsExactly(b);
    assertThat(loops.closedWith(c)).containsExactly(b);
  }

  @Test
  void letsAChainBeAndARingThatItOnlyLeadsInto() {
    connector("a", 1, "b.mail.svc");
    connector("b", 2, "a.mail.svc");
    SmtpConnector outside = connector("outside", 3, "a.mail.svc", "b.mail.svc");
    SmtpConnector last = connector("last", 4, "outside.mail.svc");

    assertThat(loops.closedBy(outside)).isEmpty();
    assertThat(loops.closedBy(last)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "old.mail.svc",
        "OLD.mail.svc.",
        "old.mail.svc.cluster.local",
        "old-edge.mail.svc",
        "old-edge-pods.mail.svc",
        "old-edge-0.old-edge-pods.mail.svc.cluster.local",
        "[10.96.0.7]",
        "[::ffff:10.96.0.7]",
        "[fd00::7]"
      })
  void knowsAConnectorByAnyNameOrAddressOfItsServices(String host) {
    SmtpConnector old = connector("old", 1, "young.mail.svc");
    Service service =
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace("mail")
            .addToLabels(Labels.INSTANCE, "old")
            .addToLabels(Labels.CONNECTOR_UID, old.getMetadata().getUid())
            .endMetadata()
            .build();
    services.put("10.96.0.7", service);
    services.put("fd00:0:0:0:0:0:0:7", service);

    assertThat(loops.closedBy(connector("young", 2, host))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "old.other.svc",
        "old-inner.mail.svc",
        "old.mail.svc.example.com",
        "old.mail",
        "mail.svc",
        "[10.96.0.8]",
        "[10.96.0",
        "old..mail.svc",
        ""
      })
  void takesNothingElseForOne(String host) {
    connector("old", 1, "young.mail.svc");

    assertThat(loops.closedBy(connector("young", 2, host))).isEmpty();
  }

  @Test
  void doesNotTakeAServiceForThatOfAConnectorWhichHasTheNameOfOneThatIsGone() {
    connector("old", 1, "young.mail.svc");
    services.put(
        "10.96.0.7",
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace("mail")
            .addToLabels(Labels.INSTANCE, "old")
            .addToLabels(Labels.CONNECTOR_UID, "an earlier uid")
            .endMetadata()
            .build());

    assertThat(loops.closedBy(connector("young", 2, "[10.96.0.7]"))).isEmpty();
  }

  @Test
  void goesByWhatRunsWhereASpecWasRefused() {
    SmtpConnector old = connector("old", 1, "young.mail.svc");
    SmtpConnector young = connector("young", 2, "old.mail.svc");
    old.setStatus(refused(1));
    assertThat(loops.closedBy(young)).as("nothing runs of the other").isEmpty();

    Bridgehead edge = new Bridgehead();
    SmtpConnector asItRuns = connector("old", 1, "smtp.example.net", "young.mail.svc");
    edge.setSpec(BridgeheadResource.allOf(asItRuns).getFirst().getSpec());
    connectors.put("mail/old", old);
    running.put(old.getMetadata().getUid(), new ArrayList<>(List.of(edge)));
    assertThat(loops.closedBy(young)).isPresent();

    running.clear();
    old.setStatus(refused(0));
    assertThat(loops.closedBy(young)).as("the refusal was of an older spec").isPresent();
  }

  private static SmtpConnectorStatus refused(long generation) {
    return new SmtpConnectorStatus(
        generation,
        new Conditions(generation)
            .no(Conditions.ACCEPTED, Reason.INVALID, "no")
            .after(null, Instant.EPOCH),
        null,
        null,
        null,
        null,
        null);
  }

  @Test
  void endsWhateverRingsThereAre() {
    int many = 60;
    for (int i = 0; i < many; i++) {
      int from = i;
      String[] hosts =
          Stream.of(1, 2, 3, 5, 8, 13, 21, 34)
              .map(step -> "c" + (from + step) % many + ".mail.svc")
              .toArray(String[]::new);
      connector("c" + i, i, hosts);
    }

    assertThat(connectors.values().stream().filter(c -> loops.closedBy(c).isPresent()))
        .isNotEmpty()
        .hasSizeLessThan(many);
  }
}
