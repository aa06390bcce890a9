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

/**
 * One group of relay pods: what the operator makes of a connector's entry. Users read it and may
 * scale it.
 */
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Plural("bridgeheads")
@ShortNames("bh")
@Categories("mail")
@AdditionalPrinterColumn(
    name = "ReadyReplicas",
    jsonPath = ".status.readyReplicas",
    type = Type.INTEGER,
    getDescription = "Pods ready with the current configuration.")
@AdditionalPrinterColumn(
    name = "Queued",
    jsonPath = ".status.queuedMessages",
    type = Type.INTEGER,
    getDescription = "Messages queued.")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
    type = Type.STRING,
    getDescription = "Whether a pod is ready with what the connector says.")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = Type.DATE,
    getDescription = "Time since it was made.")
@JsonClassDescription(
    "One group of relay pods of an SmtpConnector. The operator writes it; read it and scale it, and change the connector for everything else.")
public final class Bridgehead extends CustomResource<BridgeheadSpec, BridgeheadStatus>
    implements Namespaced {}
