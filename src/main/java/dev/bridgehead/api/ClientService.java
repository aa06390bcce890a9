package dev.bridgehead.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The Services that clients connect to.
 *
 * @param type ClusterIP when null
 * @param annotations none when null
 * @param externalTrafficPolicy with LoadBalancer or NodePort Local when null
 * @param ipFamilyPolicy the cluster's default (SingleStack) when null
 * @param ipFamilies the cluster's first when null
 * @param proxyProtocol nobody is trusted when null
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClientService(
    @JsonPropertyDescription("ClusterIP, NodePort or LoadBalancer. Default: ClusterIP.")
        @Nullable ServiceType type,
    @JsonPropertyDescription("Annotations of the Services, such as a load balancer's settings.")
        @Nullable Map<String, @Size(max = 16384) String> annotations,
    @JsonPropertyDescription(
            "Local keeps the client address, which allowedClients needs; Cluster may hide it behind a node's. Only with NodePort and LoadBalancer. Default there: Local.")
        @Nullable TrafficPolicy externalTrafficPolicy,
    @JsonPropertyDescription(
            "SingleStack, PreferDualStack or RequireDualStack. Default: the cluster's, SingleStack.")
        @Nullable IpFamilyPolicy ipFamilyPolicy,
    @Size(max = 2)
        @JsonPropertyDescription(
            "IP families of the Services, the first one first; the first can't be changed later. Default: the cluster's.")
        @Nullable List<IpFamily> ipFamilies,
    @JsonPropertyDescription(
            "Load balancers that say in a PROXY protocol header who the client is. Default: none.")
        @Nullable ProxyProtocol proxyProtocol) {
  /** What an absent {@code service} means. */
  public static final ClientService DEFAULT = new ClientService(null, null, null, null, null, null);

  public ServiceType typeOrDefault() {
    return type == null ? ServiceType.CLUSTER_IP : type;
  }

  public Map<String, String> annotationsOrNone() {
    return annotations == null ? Map.of() : annotations;
  }

  public TrafficPolicy externalTrafficPolicyOrDefault() {
    return externalTrafficPolicy == null ? TrafficPolicy.LOCAL : externalTrafficPolicy;
  }

  public List<String> trustedPeers() {
    return proxyProtocol == null ? List.of() : proxyProtocol.trustedPeersOrNone();
  }
}
