package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.operator.model.PodState;
import java.util.Optional;

/** The management API of relay pods. */
@FunctionalInterface
public interface RelayApi {
  /**
   * Asks a relay for its state.
   *
   * @param pod that is meant: the address may be another's by now
   * @param podIp an IPv4 or IPv6 address
   * @param token of the bridgehead's effective Secret
   * @return empty where that pod doesn't answer, or not as a relay does
   */
  Optional<PodState> state(String pod, String podIp, String token);
}
