package dev.bridgehead.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.validation.FieldError;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("tier2")
class CrdIT {
  private static final String PATH = "/apis/bridgehead.dev/v1/namespaces/default/smtpconnectors";
  private static final ApiServer SERVER = ApiServer.shared().withCrds();

  /** Lines that replace or add to a good connector's. */
  static ObjectNode connector(String changes) throws Exception {
    ObjectNode good =
        (ObjectNode)
            new YAMLMapper()
                .readTree(
                    """
                    apiVersion: bridgehead.dev/v1
                    kind: SmtpConnector
                    metadata: {name: internet, namespace: default}
                    spec:
                      routing: {mode: DNS}
                      bridgeheads: [{name: edge, hostname: mail.example.com}]
                    """);
    ObjectNode spec = (ObjectNode) good.path("spec");
    spec.setAll((ObjectNode) new YAMLMapper().readTree(changes));
    return good;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "routing: {}",
        "routing: {mode: dns}",
        "routing: {mode: 1}",
        "routing: {mode: null}",
        "routing: null",
        "routing: []",
        "routing: {mode: SmartHost, smartHosts: {}}",
        "routing: {mode: SmartHost, smartHosts: [a, null, {}]}",
        "routing: {mode: SmartHost, smartHosts: [{host: '', port: 0}, {host: a.b, port: 65536}, {host: 1, port: '25'}]}",
        "routing: {mode: SmartHost, smartHosts: [{host: a.b, port: 25.5, implicitTls: 'true'}]}",
        "routing: {mode: SmartHost, smartHosts: [{host: a.b, port: 25.0, credentialsRef: relay}]}",
        "routing: {mode: SmartHost, smartHosts: [{host: a.b, port: -99999999999}]}",
        "bridgeheads: []",
        "bridgeheads: null",
        "bridgeheads: {}",
        "bridgeheads: [{name: edge}, {hostname: a.b}, {}]",
        "bridgeheads: [edge]",
        "bridgeheads: [{name: Edge, hostname: a.b}, {name: '', hostname: a.b}]",
        "bridgeheads: [{name: a, hostname: a.b}, {name: a, hostname: a.c}, {name: a, hostname: a.d}]",
        "bridgeheads: [{name: a, hostname: a.b, replicas: 101}, {name: b, hostname: a.c, replicas: -1}]",
        "bridgeheads: [{name: a, hostname: a.b, virtualServer: {port: 0, maxMessageSize: 1.5, addMissingHeaders: yes please}}]",
        "bridgeheads: [{name: a, hostname: a.b, virtualServer: {maxMessageSize: 25 Mi}}]",
        "bridgeheads: [{name: a, hostname: a.b, virtualServer: {maxMessageSize: true}}]",
        "bridgeheads: [{name: abcdefghijklmnopqrstu, hostname: a.b}]",
        "addressSpaces: [{domain: a.b}, {domain: a.b}, {}]",
        "addressSpaces: ['*']",
        "access: {allowedClients: [10.0.0.0/8, 10.0.0.0/8, 10.0.0.0/8, 1, '']}",
        "delivery: {retryIntervals: [], expireAfter: 5 days}",
        "delivery: {retryIntervals: [1m, 5, '0m', \"1m\\n\"], expireAfter: 12345678901d}",
        "outbound: {tls: {mode: verified, caBundleRef: {}}, addressFamily: ipv4}",
        "outbound: {tls: {caBundleRef: {kind: configmap, name: ''}}}",
        "outbound: {tls: {clientCertificateRef: {}}}",
        "outbound: {tls: {clientCertificateRef: {name: ''}}}",
        "postmaster: ab",
        "postmaster: [a@b.example]",
        "storage: {size: {}, storageClassName: ''}",
        "service: {type: clusterip, annotations: {a: 1, b: null, c: {}}, externalTrafficPolicy: local}",
        "service: {ipFamilyPolicy: DualStack, ipFamilies: [IPv4, ipv6, IPv4], proxyProtocol: {trustedPeers: [a, a, '']}}",
        "deletion: {policy: drain, timeout: 1h30m}",
        "bridgeheads: [{name: a, hostname: a.b, autoscaling: {}}, {name: b, hostname: a.b, autoscaling: {minReplicas: 0, maxReplicas: 101}}]",
        "bridgeheads: [{name: a, hostname: a.b, autoscaling: {maxReplicas: 2, metrics: [{}, {type: CPU}, {type: Resource, resource: {target: {averageValue: 1 m}}}]}}]",
        "pod: {labels: {a: 1}, annotations: {a: [b]}, nodeSelector: a, priorityClassName: '', imagePullSecrets: [{}, a]}",
        "pod: {resources: {requests: {cpu: 1 m}, limits: {memory: true}}}",
        "pod: {tolerations: [{effect: no, tolerationSeconds: 1.5}, a], topologySpreadConstraints: [{}, {maxSkew: a, topologyKey: '', whenUnsatisfiable: no}]}",
        "pod: {affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {}, preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0}]}}}",
        "pod: {affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchExpressions: [{key: a}, {operator: in}]}}]}}}",
      })
  void shapeIsRefusedInTheApiServersWords(String changes) throws Exception {
    ObjectNode connector = connector(changes);

    assertThat(Shape.judge(connector))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrderElementsOf(refusals(connector));
  }

  @Test
  void listsAndTextsPastTheirBoundsAreRefusedInTheApiServersWords() throws Exception {
    ObjectNode connector = connector("postmaster: " + "a".repeat(255));
    var hosts =
        connector.withObjectProperty("spec").withObjectProperty("routing").withArray("smartHosts");
    for (int i = 0; i < 17; i++) {
      hosts.addObject().put("host", "h" + i + ".example.net");
    }

    assertThat(Shape.judge(connector))
        .extracting(FieldError::toString)
        .containsExactlyInAnyOrderElementsOf(refusals(connector))
        .hasSize(2);
  }

  /**
   * What the API server says of an object, without what is no news: the note that further rules
   * were not looked at, an enum's fault of a value that has the wrong type already, and keys that
   * are missing twice.
   */
  static List<String> refusals(ObjectNode connector) {
    List<String> refusals = new ArrayList<>();
    Set<String> mistyped = new HashSet<>();
    for (StatusCause cause : refused(connector)) {
      String field = cause.getField();
      if (cause.getReason().equals("FieldValueTypeInvalid")) {
        mistyped.add(field);
      } else if (field.equals("<nil>")
          || mistyped.contains(field)
          || cause.getMessage().equals("Duplicate value: {}")) {
        continue;
      }
      refusals.add(field + ": " + cause.getMessage());
    }
    return refusals;
  }

  private static List<StatusCause> refused(ObjectNode connector) {
    try {
      SERVER.admin().raw(PATH + "?dryRun=All&fieldValidation=Strict", "POST", connector.toString());
      return List.of();
    } catch (KubernetesClientException refused) {
      return refused.getStatus().getDetails().getCauses();
    }
  }

  @Test
  void examplesAreAccepted() {
    assertThat(
            SERVER
                .kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "examples/")
                .run())
        .contains(
            "quickstart created",
            "internet created",
            "provider created",
            "balanced created",
            "encrypted created");
  }

  @Test
  void defaultsAreNotWrittenIntoTheObject() throws Exception {
    ObjectNode connector = named("no-defaults", "storage: {}");

    JsonNode stored = post(connector, "");

    assertThat(stored.path("spec")).isEqualTo(connector.path("spec"));
  }

  @Test
  void unknownFieldsAreRefusedWhereWeRefuseThem() throws Exception {
    ObjectNode connector =
        connector(
            "{foo: 1, routing: {mode: DNS, modes: 1}, access: {allowedClient: []},"
                + " pod: {affinity: {nodeAfinity: {}, podAffinity: {preferred: []}}}}");
    connector.put("spce", 1);
    connector.withObjectProperty("metadata").put("nmae", "x");

    assertThat(refusal(() -> post(connector, "?fieldValidation=Strict")).getMessage())
        .contains(
            Shape.judge(connector).stream()
                .map(e -> "unknown field \"" + e.field() + "\"")
                .toList());
    assertThat(Shape.judge(connector)).hasSize(7);
  }

  @Test
  void volumesGrowButDoNotShrinkAndKeepTheirClass() throws Exception {
    String name = "storage-rules";
    JsonNode stored = post(named(name, "storage: {size: 3Gi, storageClassName: fast}"), "");
    String path = PATH + "/" + stored.at("/metadata/name").asText();

    patch(path, "{'storage': {'size': '4096Mi'}}");

    for (String shrunk :
        List.of(
            "{'storage': {'size': '3Gi'}}", "{'storage': {'size': null}}", "{'storage': null}")) {
      assertThat(refusal(() -> patch(path, shrunk)).getMessage())
          .contains("spec.storage.size: Forbidden: volumes can grow, never shrink");
    }
    for (String other :
        List.of(
            "{'storage': {'storageClassName': 'slow'}}",
            "{'storage': {'storageClassName': null}}")) {
      assertThat(refusal(() -> patch(path, other)).getMessage())
          .contains("spec.storage.storageClassName: Forbidden: the storage class");
    }
    patch(path, "{'storage': {'size': 9000000000}, 'postmaster': 'postmaster@example.com'}");
  }

  @Test
  void defaultSizeCountsWhereNoneIsWritten() throws Exception {
    post(named("default-size", ""), "");
    String path = PATH + "/default-size";

    assertThat(refusal(() -> patch(path, "{'storage': {'size': '1Gi'}}")).getMessage())
        .contains("spec.storage.size: Forbidden");
    patch(path, "{'storage': {'size': '2Gi'}}");
  }

  @Test
  void bridgeheadsScale() throws Exception {
    String collection = "/apis/bridgehead.dev/v1/namespaces/default/bridgeheads";
    ObjectNode bridgehead = named("scaled-edge", "");
    bridgehead.put("kind", "Bridgehead");
    ObjectNode spec = bridgehead.withObjectProperty("spec");
    spec.remove("bridgeheads");
    spec.put("name", "edge").put("hostname", "mail.example.com");
    spec.putObject("connector").put("name", "scaled").put("uid", "1");
    json(SERVER.admin().raw(collection, "POST", bridgehead.toString()));

    SERVER.kubectl("scale", "bridgehead", "scaled-edge", "--replicas=3").run();

    assertThat(SERVER.kubectl("get", "bh", "scaled-edge", "-o", "jsonpath={.spec.replicas}").run())
        .isEqualTo("3");
  }

  @Test
  void kubectlShowsAndExplains() throws Exception {
    post(named("shown", ""), "");

    assertThat(
            SERVER
                .kubectl("get", "smtpc", "shown")
                .run()
                .lines()
                .findFirst()
                .orElseThrow()
                .split(" +"))
        .containsExactly("NAME", "MODE", "BRIDGEHEADS", "QUEUED", "READY", "AGE");
    assertThat(SERVER.kubectl("get", "mail").run()).contains("smtpconnector.bridgehead.dev/shown");
    assertThat(SERVER.kubectl("explain", "smtpconnector").run())
        .contains("An SMTP connector: relay pods");
    assertThat(SERVER.kubectl("explain", "smtpc.spec.routing.mode").run()).contains("by MX");
  }

  private static ObjectNode named(String name, String changes) throws Exception {
    ObjectNode connector = connector(changes.isEmpty() ? "{}" : changes);
    connector.withObjectProperty("metadata").put("name", name);
    return connector;
  }

  private static JsonNode post(ObjectNode object, String query) throws Exception {
    return json(SERVER.admin().raw(PATH + query, "POST", object.toString()));
  }

  private static JsonNode json(String answer) throws Exception {
    return new YAMLMapper().readTree(answer);
  }

  /** A merge patch of the spec, in JSON with single quotes. */
  private static void patch(String path, String spec) {
    SERVER
        .kubectl(
            "patch",
            "smtpconnector",
            path.substring(path.lastIndexOf('/') + 1),
            "--type=merge",
            "-p",
            ("{'spec': " + spec + "}").replace('\'', '"'))
        .run();
  }

  private static Throwable refusal(ThrowingCallable call) {
    Throwable refusal = catchThrowable(call);
    assertThat(refusal).isNotNull();
    return refusal;
  }
}
