package dev.bridgehead.operator.election;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One Lease as the API server has it. Every write names the version that it replaces, so that of
 * two contenders one is refused (409). The times in it are for people: nobody compares them.
 */
final class LeaseStore {
  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private final String holder;
  private final Clock clock;

  LeaseStore(KubernetesClient client, String namespace, String name, String holder, Clock clock) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
    this.holder = holder;
    this.clock = clock;
  }

  /**
   * What matters of a Lease.
   *
   * @param holder empty: free
   * @param duration that its holder asked for
   */
  record Seen(Lease lease, String holder, Duration duration) {
    String version() {
      return lease.getMetadata().getResourceVersion();
    }
  }

  String holder() {
    return holder;
  }

  Optional<Seen> read() {
    return Optional.ofNullable(client.leases().inNamespace(namespace).withName(name).get())
        .map(LeaseStore::seen);
  }

  void create(Duration duration) {
    ZonedDateTime now = now();
    Lease lease =
        new LeaseBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .endMetadata()
            .withNewSpec()
            .withHolderIdentity(holder)
            .withLeaseDurationSeconds(Math.toIntExact(duration.toSeconds()))
            .withAcquireTime(now)
            .withRenewTime(now)
            .withLeaseTransitions(0)
            .endSpec()
            .build();
    client.resource(lease).create();
  }

  /** Puts back what somebody may have edited of it. */
  void renew(Seen mine, Duration duration) {
    Lease renewed =
        new LeaseBuilder(mine.lease())
            .editSpec()
            .withLeaseDurationSeconds(Math.toIntExact(duration.toSeconds()))
            .withRenewTime(now())
            .endSpec()
            .build();
    client.resource(renewed).update();
  }

  void take(Seen others, Duration duration) {
    ZonedDateTime now = now();
    @Nullable Integer transitions =
        others.lease().getSpec() == null ? null : others.lease().getSpec().getLeaseTransitions();
    Lease taken =
        new LeaseBuilder(others.lease())
            .editOrNewSpec()
            .withHolderIdentity(holder)
            .withLeaseDurationSeconds(Math.toIntExact(duration.toSeconds()))
            .withAcquireTime(now)
            .withRenewTime(now)
            .withLeaseTransitions(transitions == null ? 1 : transitions + 1)
            .endSpec()
            .build();
    client.resource(taken).update();
  }

  /** As client-go releases: nobody holds it, and it lasts a second. */
  void release(Seen mine) {
    Lease released =
        new LeaseBuilder(mine.lease())
            .editSpec()
            .withHolderIdentity("")
            .withLeaseDurationSeconds(1)
            .withRenewTime(now())
            .endSpec()
            .build();
    client.resource(released).update();
  }

  private ZonedDateTime now() {
    return ZonedDateTime.ofInstant(clock.instant(), ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
  }

  private static Seen seen(Lease lease) {
    if (lease.getSpec() == null) {
      return new Seen(lease, "", Duration.ZERO);
    }
    @Nullable String holder = lease.getSpec().getHolderIdentity();
    @Nullable Integer seconds = lease.getSpec().getLeaseDurationSeconds();
    return new Seen(
        lease, holder == null ? "" : holder, Duration.ofSeconds(seconds == null ? 0 : seconds));
  }
}
