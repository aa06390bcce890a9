package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a connector should do. Components are null where the field was absent. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("What the connector should do.")
@ValidationRule(
    value =
        "(has(self.storage) && has(self.storage.storageClassName) ? self.storage.storageClassName : '') == (has(oldSelf.storage) && has(oldSelf.storage.storageClassName) ? oldSelf.storage.storageClassName : '')",
    message = "the storage class of existing volumes can't be changed",
    fieldPath = ".storage.storageClassName",
    reason = "FieldValueForbidden")
@ValidationRule(
    value =
        "quantity(has(self.storage) && has(self.storage.size) ? string(self.storage.size) : '2Gi').compareTo(quantity(has(oldSelf.storage) && has(oldSelf.storage.size) ? string(oldSelf.storage.size) : '2Gi')) >= 0",
    message = "volumes can grow, never shrink",
    fieldPath = ".storage.size",
    reason = "FieldValueForbidden")
public record SmtpConnectorSpec(
    @Required @JsonPropertyDescription("Where mail goes.") Routing routing,
    @Size(max = 256)
        @JsonPropertyDescription(
            "Recipient domains that this connector carries. Absent: every domain.")
        @Nullable List<AddressSpace> addressSpaces,
    @Required
        @Size(min = 1, max = 16)
        @JsonPropertyDescription(
            "The servers that accept and send mail for this connector; at least one.")
        List<BridgeheadEntry> bridgeheads,
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
    @JsonPropertyDescription("The pods of every bridgehead, as far as they are not the operator's.")
        @Nullable PodSettings pod,
    @JsonPropertyDescription("The Services that clients connect to.")
        @Nullable ClientService service) {
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

  public List<String> xclientPeers() {
    return accessOrDefault().xclientPeersOrNone();
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
