package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connector's spec with one bridgehead's fields in place of the list: what one group of relay
 * pods does. Written by the operator.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription(
    "What the pods of this bridgehead do: the connector's spec with one bridgehead's fields in place of the list. Written by the operator.")
public record BridgeheadSpec(
    @Required @JsonPropertyDescription("The connector that this bridgehead belongs to.")
        ConnectorRef connector,
    @Required
        @Pattern("^[a-z0-9]{1,20}$")
        @Size(min = 1, max = 20)
        @JsonPropertyDescription("Name of the bridgehead in its connector.")
        String name,
    @Required
        @Size(min = 1, max = 253)
        @JsonPropertyDescription("This server's fully qualified domain name.")
        String hostname,
    @Min(0) @Max(100) @SpecReplicas @JsonPropertyDescription("Number of pods. Default: 1.")
        @Nullable Integer replicas,
    @JsonPropertyDescription("How many pods there are, by load.") @Nullable Autoscaling autoscaling,
    @JsonPropertyDescription("The SMTP virtual server of each pod.")
        @Nullable VirtualServer virtualServer,
    @Required @JsonPropertyDescription("Where mail goes.") Routing routing,
    @Size(max = 256)
        @JsonPropertyDescription(
            "Recipient domains that this connector carries. Absent: every domain.")
        @Nullable List<AddressSpace> addressSpaces,
    @JsonPropertyDescription("TLS and addresses on the way out.") @Nullable Outbound outbound,
    @JsonPropertyDescription("Who may relay. Absent: nobody.") @Nullable Access access,
    @Size(min = 3, max = 254)
        @JsonPropertyDescription(
            "Address that takes mail for <postmaster> and notices that can't be delivered.")
        @Nullable String postmaster,
    @JsonPropertyDescription(
            "When delivery is tried again, for how long, and how hard a destination is pressed.")
        @Nullable Delivery delivery,
    @JsonPropertyDescription("The volume of each pod.") @Nullable Storage storage,
    @JsonPropertyDescription("What deletion does with queued mail.") @Nullable Deletion deletion,
    @JsonPropertyDescription("The pods of the bridgehead, as far as they are not the operator's.")
        @Nullable PodSettings pod,
    @JsonPropertyDescription("The Services that clients connect to.")
        @Nullable ClientService service) {
  public VirtualServer virtualServerOrDefault() {
    return virtualServer == null ? VirtualServer.DEFAULT : virtualServer;
  }

  public int replicasOrDefault() {
    return replicas == null ? 1 : replicas;
  }

  /** The address spaces; every domain where there are none. */
  public List<AddressSpace> addressSpacesOrDefault() {
    return addressSpaces == null || addressSpaces.isEmpty()
        ? List.of(new AddressSpace("*"))
        : addressSpaces;
  }

  public Outbound outboundOrDefault() {
    return outbound == null ? Outbound.DEFAULT : outbound;
  }

  public Access accessOrDefault() {
    return access == null ? Access.DEFAULT : access;
  }

  public List<String> allowedClients() {
    return accessOrDefault().allowedClientsOrNone();
  }

  public Delivery deliveryOrDefault() {
    return delivery == null ? Delivery.DEFAULT : delivery;
  }

  public Storage storageOrDefault() {
    return storage == null ? Storage.DEFAULT : storage;
  }

  public Deletion deletionOrDefault() {
    return deletion == null ? Deletion.DEFAULT : deletion;
  }

  public PodSettings podOrDefault() {
    return pod == null ? PodSettings.DEFAULT : pod;
  }

  public ClientService serviceOrDefault() {
    return service == null ? ClientService.DEFAULT : service;
  }
}
