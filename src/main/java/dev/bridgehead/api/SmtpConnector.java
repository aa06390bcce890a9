package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn.Type;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** The SMTP connector: what users write. */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Plural("smtpconnectors")
@ShortNames("smtpc")
@Categories("mail")
@AdditionalPrinterColumn(
    name = "Mode",
    jsonPath = ".spec.routing.mode",
    type = Type.STRING,
    getDescription = "DNS or SmartHost.")
@AdditionalPrinterColumn(
    name = "Bridgeheads",
    jsonPath = ".status.bridgeheadsReady",
    type = Type.STRING,
    getDescription = "Bridgeheads ready, of all.")
@AdditionalPrinterColumn(
    name = "Queued",
    jsonPath = ".status.queuedMessages",
    type = Type.INTEGER,
    getDescription = "Messages queued.")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    type = Type.STRING,
    getDescription = "Whether every bridgehead runs what the connector says.")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = Type.DATE,
    getDescription = "Time since it was made.")
@JsonClassDescription(
    "An SMTP connector: relay pods (bridgeheads) that take mail from your workloads, keep it safely on disk, and deliver it by DNS or through smart hosts. Its name is an RFC 1035 label of at most 30 characters.")
public final class SmtpConnector extends CustomResource<SmtpConnectorSpec, SmtpConnectorStatus>
    implements Namespaced {}
