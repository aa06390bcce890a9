package dev.bridgehead.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.api.model.admission.v1.AdmissionResponse;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectorAdmissionTest {
  private static final ObjectMapper YAML = new YAMLMapper();

  private static final String GOOD =
      """
      routing: {mode: SmartHost, smartHosts: [{host: smtp.example.net}]}
      bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
      access: {allowedClients: [10.0.0.0/8]}
      postmaster: postmaster@example.com
      """;

  private static final String BAD =
      """
      routing: {mode: SmartHost, smartHosts: [{host: Server Name}, {host: 192.0.2.25}]}
      bridgeheads: [{name: edge, hostname: mail.example.com, replicas: 2}]
      access: {allowedClients: [10.0.0.0/8]}
      postmaster: postmaster@example.com
      """;

  private final ConnectorAdmission admission =
      new ConnectorAdmission("cluster.local", (namespace, names) -> List.of());

  @Test
  void acceptsAGoodConnector() {
    AdmissionResponse response = admission.judge(creation(GOOD));

    assertThat(response.getAllowed()).isTrue();
    assertThat(response.getWarnings()).isEmpty();
  }

  @Test
  void namesEveryFaultAtOnceAsTheApiServerWould() {
    AdmissionResponse response = admission.judge(creation(BAD));

    assertThat(response.getAllowed()).isFalse();
    assertThat(response.getStatus().getCode()).isEqualTo(422);
    assertThat(response.getStatus().getReason()).isEqualTo("Invalid");
    assertThat(response.getStatus().getMessage())
        .startsWith(
            "SmtpConnector.bridgehead.dev \"internet\" is invalid: "
                + "[spec.routing.smartHosts[0].host: Invalid value: \"Server Name\": ")
        .contains(", spec.routing.smartHosts[1].host: Invalid value: \"192.0.2.25\": ")
        .endsWith("]");
    assertThat(response.getStatus().getDetails().getCauses())
        .extracting(StatusCause::getField, StatusCause::getReason)
        .containsExactly(
            tuple("spec.routing.smartHosts[0].host", "FieldValueInvalid"),
            tuple("spec.routing.smartHosts[1].host", "FieldValueInvalid"));
    assertThat(response.getStatus().getDetails().getCauses().getFirst().getMessage())
        .startsWith("Invalid value: \"Server Name\": ");
  }

  @Test
  void writesASingleFaultWithoutBrackets() {
    AdmissionResponse response = admission.judge(creation(BAD.replace(", {host: 192.0.2.25}", "")));

    assertThat(response.getStatus().getMessage())
        .startsWith(
            "SmtpConnector.bridgehead.dev \"internet\" is invalid: spec.routing.smartHosts[0].host: ");
  }

  @Test
  void warnsOfWhatIsAllowed() {
    AdmissionResponse response =
        admission.judge(creation(GOOD.replace("postmaster: postmaster@example.com\n", "")));

    assertThat(response.getAllowed()).isTrue();
    assertThat(response.getWarnings()).singleElement().asString().startsWith("spec.postmaster: ");
  }

  @Test
  void asksForTheConnectorsOwnServices() {
    ConnectorAdmission knowing =
        new ConnectorAdmission(
            "cluster.local",
            (namespace, names) -> {
              assertThat(namespace).isEqualTo("mail");
              assertThat(names).containsExactly("internet", "internet-edge");
              return List.of(InetAddress.ofLiteral("10.96.3.7"));
            });

    AdmissionResponse response =
        knowing.judge(creation(GOOD.replace("smtp.example.net", "'[10.96.3.7]'")));

    assertThat(response.getAllowed()).isFalse();
    assertThat(response.getStatus().getMessage()).contains("[10.96.3.7]");
  }

  @Test
  void passesAnUpdateThatLeavesTheSpecAlone() {
    ObjectNode request = creation(BAD);
    request.put("operation", "UPDATE").set("oldObject", request.path("object").deepCopy());

    assertThat(admission.judge(request).getAllowed()).isTrue();
  }

  @Test
  void judgesAnUpdateOfTheSpec() {
    ObjectNode request = creation(BAD);
    request.put("operation", "UPDATE").set("oldObject", creation(GOOD).path("object").deepCopy());

    assertThat(admission.judge(request).getAllowed()).isFalse();
  }

  @Test
  void passesWhatIsBeingDeleted() {
    ObjectNode request = creation(BAD);
    ((ObjectNode) request.path("object").path("metadata"))
        .put("deletionTimestamp", "2026-01-01T00:00:00Z");

    assertThat(admission.judge(request).getAllowed()).isTrue();
  }

  @Test
  void refusesAValueOfANewerSchemaAndNamesItsField() {
    AdmissionResponse response =
        admission.judge(creation(GOOD.replace("mode: SmartHost", "mode: Pigeon")));

    assertThat(response.getAllowed()).isFalse();
    assertThat(response.getStatus().getMessage())
        .contains(": spec.routing.mode: Invalid value: this operator can't read the value");
  }

  @Test
  void refusesAnObjectWithoutSpec() {
    ObjectNode request = creation(GOOD);
    ((ObjectNode) request.path("object")).remove("spec");

    assertThat(admission.judge(request).getStatus().getMessage())
        .endsWith("is invalid: spec: Required value");
  }

  @Test
  void judgesAConnectorThatTheApiServerWillName() {
    ObjectNode request = creation(BAD);
    ((ObjectNode) request.path("object").path("metadata")).remove("name");
    ((ObjectNode) request.path("object").path("metadata")).put("generateName", "out-");

    assertThat(admission.judge(request).getStatus().getMessage()).contains("\"out-xxxxx\"");
  }

  private static ObjectNode creation(String spec) {
    try {
      ObjectNode request =
          (ObjectNode)
              YAML.readTree(
                  """
                  uid: 8f2a
                  operation: CREATE
                  namespace: mail
                  object:
                    apiVersion: bridgehead.dev/v1
                    kind: SmtpConnector
                    metadata: {name: internet, namespace: mail}
                  """);
      ((ObjectNode) request.path("object")).set("spec", YAML.readTree(spec));
      return request;
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
