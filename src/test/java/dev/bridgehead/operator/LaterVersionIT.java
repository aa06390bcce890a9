package dev.bridgehead.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bridgehead.testbed.ApiServer;
import dev.bridgehead.testbed.ReplicaProcess;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaPropsBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Definitions of a later version than the operator, as after a roll-back: the schema lets values
 * pass that the operator doesn't know, in forms that it can't read.
 */
@Tag("tier2")
class LaterVersionIT {
  private static final List<String> LATER =
      List.of(
          "{routing: {mode: CarrierPigeon}, bridgeheads: [{name: edge, hostname: m.example.com}]}",
          "{routing: DNS, bridgeheads: [{name: edge, hostname: m.example.com}]}",
          "{routing: {mode: DNS}, bridgeheads: {edge: {hostname: m.example.com}}}",
          "{routing: {mode: DNS}, bridgeheads: [{name: edge, hostname: m.example.com,"
              + " replicas: many}]}",
          "{routing: {mode: DNS}, bridgeheads: [{name: edge, hostname: m.example.com,"
              + " replicas: 99999999999}]}",
          "{routing: {mode: DNS}, bridgeheads: [edge]}",
          "[]");

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @SuppressWarnings("NullAway.Init") // before each test
  private ApiServer server;

  @SuppressWarnings("NullAway.Init") // before each test
  private ReplicaProcess operator;

  @BeforeEach
  void start() {
    server = ApiServer.start().withCrds().startControllers();
    new ConnectorsInNamespace(server, "bridgehead");
    operator =
        ReplicaProcess.start(server.kubeconfig(), "bridgehead", "older", Map.of(), folder)
            .awaitLine("The controllers run");
  }

  @AfterEach
  void end() {
    operator.close();
    server.close();
  }

  @Test
  void whatCannotBeReadMakesOneConnectorNotReadyAndStopsNobodyElse() {
    ConnectorsInNamespace fine = new ConnectorsInNamespace(server, "fine");
    fine.apply("before", "10.0.0.0/8");
    await("converged", () -> fine.converged("before"));
    relax();

    new ConnectorsInNamespace(server, "later");
    for (int i = 0; i < LATER.size(); i++) {
      create("c" + i, LATER.get(i));
    }

    for (int i = 0; i < LATER.size(); i++) {
      String name = "c" + i;
      await(name + " refused", () -> condition("smtpconnector", name, "Ready").equals("False"));
      assertThat(condition("smtpconnector", name, "Accepted")).isEqualTo("False");
      assertThat(message("smtpconnector", name, "Accepted"))
          .startsWith("spec")
          .contains("this operator can't read it");
    }
    fine.apply("before", "10.9.0.0/16");
    fine.apply("after", "10.9.0.0/16");
    await("converged", () -> fine.converged("before") && fine.converged("after"));
    for (int i = 0; i < LATER.size(); i++) {
      kubectl("delete", "smtpconnector", "c" + i, "--wait=false");
    }
    await("all gone", () -> kubectl("get", "smtpconnectors", "-o", "name").isEmpty());
    assertUnharmed();
  }

  /** A TLS mode that is read as absent would be the default, which is a weaker one. */
  @Test
  void whatRunsIsLeftAloneWhereItCannotBeReadAnyMore() {
    ConnectorsInNamespace later = new ConnectorsInNamespace(server, "later");
    create(
        "c",
        "{routing: {mode: DNS}, bridgeheads: [{name: edge, hostname: m.example.com}],"
            + " outbound: {tls: {mode: Required}}}");
    await("converged", () -> later.converged("c"));
    String configuration = later.effective("c");
    assertThat(configuration).contains("Required");
    relax();

    setMode("smtpconnector", "c", "Later");
    await("refused", () -> condition("smtpconnector", "c", "Accepted").equals("False"));
    setMode("bridgehead", "c-edge", "Later");
    await("not ready", () -> condition("bridgehead", "c-edge", "Accepted").equals("False"));

    assertThat(message("bridgehead", "c-edge", "Ready"))
        .contains("spec.outbound.tls.mode: Unsupported value: \"Later\"");
    assertThat(later.effective("c")).isEqualTo(configuration);
    // Something that makes it look at everything else, and put it back.
    kubectl("delete", "service", "c");
    await(
        "the shared Service again",
        () -> !kubectl("get", "service", "c", "--ignore-not-found", "-o", "name").isEmpty());
    assertThat(later.effective("c")).isEqualTo(configuration);

    setMode("smtpconnector", "c", "Verified");

    await("accepted", () -> condition("smtpconnector", "c", "Accepted").equals("True"));
    await("taken over", () -> later.effective("c").contains("Verified"));
    assertUnharmed();
  }

  /** Lets every value pass. */
  private void relax() {
    JSONSchemaProps anything =
        new JSONSchemaPropsBuilder()
            .withType("object")
            .withXKubernetesPreserveUnknownFields(true)
            .build();
    for (String name : List.of("smtpconnectors.bridgehead.dev", "bridgeheads.bridgehead.dev")) {
      CustomResourceDefinition definition =
          server
              .admin()
              .apiextensions()
              .v1()
              .customResourceDefinitions()
              .withName(name)
              .edit(
                  found -> {
                    found
                        .getSpec()
                        .getVersions()
                        .forEach(version -> version.getSchema().setOpenAPIV3Schema(anything));
                    return found;
                  });
      assertThat(definition.getSpec().getVersions()).isNotEmpty();
    }
  }

  /** The API server takes a new schema up a moment after it has taken it. */
  private void create(String name, String spec) {
    await(
        name + " stored",
        () ->
            server
                    .kubectl("-n", "later", "create", "--validate=false", "-f", "-")
                    .withInput(
                        """
                        {apiVersion: bridgehead.dev/v1, kind: SmtpConnector,
                         metadata: {name: %s}, spec: %s}
                        """
                            .formatted(name, spec))
                    .attempt()
                    .status()
                == 0);
  }

  private void setMode(String kind, String name, String mode) {
    await(
        mode + " stored",
        () ->
            server
                    .kubectl("-n", "later", "patch", kind, name, "--type=merge")
                    .with("--patch={\"spec\":{\"outbound\":{\"tls\":{\"mode\":\"" + mode + "\"}}}}")
                    .attempt()
                    .status()
                == 0);
  }

  private String condition(String kind, String name, String type) {
    return field(kind, name, type, "status");
  }

  private String message(String kind, String name, String type) {
    return field(kind, name, type, "message");
  }

  private String field(String kind, String name, String type, String field) {
    String path = "{.status.conditions[?(@.type==\"%s\")].%s}".formatted(type, field);
    return kubectl("get", kind, name, "-o", "jsonpath=" + path);
  }

  private String kubectl(String... words) {
    return server.kubectl("-n", "later").with(words).run();
  }

  private void assertUnharmed() {
    assertThat(operator.alive()).isTrue();
    assertThat(operator.log()).doesNotContain("a watch ended").doesNotContain("\tat ");
  }

  private void await(String what, BooleanSupplier condition) {
    try {
      Awaitility.await(what)
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .failFast(() -> !operator.alive())
          .until(condition::getAsBoolean);
    } catch (RuntimeException e) {
      throw new AssertionError(what + "; the operator said:\n" + operator.log(), e);
    }
  }
}
