package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may relay.
 *
 * @param allowedClients addresses and CIDRs; nobody when null
 * @param usersSecretRef names and hashed passwords of who may log in; nobody when null
 * @param serviceAccounts whose tokens are credentials; nobody's when null
 * @param maxMessagesPerMinutePerClient no limit when null
 * @param xclientPeers addresses and CIDRs; nobody when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Access(
    @Size(max = 64)
        @JsonPropertyDescription(
            "Addresses and CIDRs of clients that may relay, such as 10.0.0.0/8. Default: nobody.")
        @Nullable List<@Size(min = 1, max = 64) String> allowedClients,
    @JsonPropertyDescription(
            "Secret whose key users has a line for each user that may relay after SMTP AUTH: NAME:SCRAM-SHA-256$…, as `bridgehead user-hash` prints it. Default: no users.")
        @Nullable LocalRef usersSecretRef,
    @Size(max = 64)
        @JsonPropertyDescription(
            "ServiceAccounts that may relay after SMTP AUTH with a token of at most an hour for the audience CONNECTOR.NAMESPACE.svc. Default: none.")
        @Nullable List<ServiceAccountRef> serviceAccounts,
    @Min(1)
        @Max(1_000_000)
        @JsonPropertyDescription(
            "Messages that one client address may begin in a minute, at each pod; more are put off with 450. Default: no limit.")
        @Nullable Integer maxMessagesPerMinutePerClient,
    @Size(max = 64)
        @JsonPropertyDescription(
            "Addresses and CIDRs of content filters and proxies that may say by XCLIENT for which client they speak. Default: nobody.")
        @Nullable List<@Size(min = 1, max = 64) String> xclientPeers) {
  /** What an absent {@code access} means. */
  public static final Access DEFAULT = new Access(null, null, null, null, null);

  /** The entries, empty where there are none. */
  public List<String> allowedClientsOrNone() {
    return allowedClients == null ? List.of() : allowedClients;
  }

  /** The entries, empty where there are none. */
  public List<ServiceAccountRef> serviceAccountsOrNone() {
    return serviceAccounts == null ? List.of() : serviceAccounts;
  }

  /** Whether anybody may log in. */
  public boolean authenticates() {
    return usersSecretRef != null || !serviceAccountsOrNone().isEmpty();
  }

  /** The entries, empty where there are none. */
  public List<String> xclientPeersOrNone() {
    return xclientPeers == null ? List.of() : xclientPeers;
  }
}
