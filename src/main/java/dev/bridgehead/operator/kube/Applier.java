package dev.bridgehead.operator.kube;

import com.fasterxml.jackson.databind.JsonNode;
import dev.bridgehead.manifest.Fingerprint;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Server-side apply with a guard: an object that doesn't carry our connector's uid is never
 * touched. A repeated apply of what is there already is not even sent.
 *
 * <p>Between the look and the first apply a stranger could create the object; the window is one
 * round trip, and the API server has no apply that only creates.
 */
public final class Applier {
  /** What an apply did. */
  public enum Change {
    CREATED,
    CHANGED,
    NONE
  }

  /** The object as it now is, and what was done to it. */
  public record Applied<T extends HasMetadata>(T object, Change change) {}

  private record Place(String kind, String namespace, String name) {
    static Place of(HasMetadata object) {
      return new Place(
          object.getKind(), object.getMetadata().getNamespace(), object.getMetadata().getName());
    }
  }

  /** Whose an object is; of a whole connector where no bridgehead is named. */
  private record Owner(String connectorUid, Optional<String> bridgehead) {
    static Owner of(HasMetadata object) {
      return new Owner(
          Labels.connectorUid(object).orElse(""), Labels.label(object, Labels.BRIDGEHEAD));
    }

    boolean within(Owner other) {
      return connectorUid.equals(other.connectorUid)
          && (other.bridgehead.isEmpty() || bridgehead.equals(other.bridgehead));
    }
  }

  /**
   * @param desired digest of what was applied: thousands of whole objects would be half of the heap
   */
  private record Memory(Owner owner, String desired, String resourceVersion) {}

  private static final int UNPROCESSABLE = 422;

  private final KubernetesClient client;
  private final String fieldManager;
  private final Map<Place, Memory> remembered = new ConcurrentHashMap<>();

  public Applier(KubernetesClient client, String fieldManager) {
    this.client = client;
    this.fieldManager = fieldManager;
  }

  public String fieldManager() {
    return fieldManager;
  }

  /**
   * Makes an object be as desired.
   *
   * @param cached what an informer knows of it; where it knows nothing the API server is asked
   * @throws NameConflictException where the object is a stranger's
   */
  public <T extends HasMetadata> Applied<T> apply(T desired, Optional<T> cached)
      throws NameConflictException {
    Place place = Place.of(desired);
    String digest = Fingerprint.of(client.getKubernetesSerialization().asJson(desired));
    Optional<Memory> memory =
        Optional.ofNullable(remembered.get(place)).filter(it -> it.desired().equals(digest));
    if (cached.isPresent() && holds(memory, desired, cached.get())) {
      return new Applied<>(cached.get(), Change.NONE);
    }
    Optional<T> existing = cached;
    // The cache may not know yet what was written a moment ago; a look costs less than an apply.
    if (cached.isEmpty() || memory.isPresent()) {
      existing = Optional.ofNullable(client.resource(desired).get());
      if (existing.isPresent() && holds(memory, desired, existing.get())) {
        return new Applied<>(existing.get(), Change.NONE);
      }
    }
    if (existing.isPresent() && !ours(existing.get(), desired)) {
      throw new NameConflictException(existing.get());
    }
    T result = send(desired, existing);
    remembered.put(
        place, new Memory(Owner.of(desired), digest, result.getMetadata().getResourceVersion()));
    return new Applied<>(result, change(existing, result));
  }

  /**
   * Whether this was applied, and nobody has changed any of it since.
   *
   * @param memory of the same desired object; empty where it was not applied yet
   */
  private boolean holds(Optional<Memory> memory, HasMetadata desired, HasMetadata existing) {
    if (memory.isEmpty()) {
      return false;
    }
    String version = existing.getMetadata().getResourceVersion();
    if (memory.get().resourceVersion().equals(version)) {
      return true;
    }
    // Mostly Kubernetes' controllers and we write its status.
    if (!ours(existing, desired) || !Stated.in(tree(desired), tree(existing))) {
      return false;
    }
    remembered.replace(
        Place.of(desired),
        memory.get(),
        new Memory(memory.get().owner(), memory.get().desired(), version));
    return true;
  }

  private JsonNode tree(HasMetadata object) {
    return client.getKubernetesSerialization().convertValue(object, JsonNode.class);
  }

  private <T extends HasMetadata> T send(T desired, Optional<T> existing) {
    try {
      return serverSideApply(desired);
    } catch (KubernetesClientException e) {
      if (e.getCode() == UNPROCESSABLE
          && desired instanceof Service service
          && existing.isPresent()) {
        replacePorts(service);
        return serverSideApply(desired);
      }
      throw e;
    }
  }

  private <T extends HasMetadata> T serverSideApply(T desired) {
    return client.resource(desired).fieldManager(fieldManager).forceConflicts().serverSideApply();
  }

  /**
   * Somebody changed a port's number. Ports are a map list by number, so that an apply keeps the
   * other's entry and adds ours, which the API server refuses: both have the same name.
   */
  private void replacePorts(Service desired) {
    Map<String, Object> patch = Map.of("spec", Map.of("ports", desired.getSpec().getPorts()));
    client
        .resource(desired)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            client.getKubernetesSerialization().asJson(patch));
  }

  /**
   * Deletes an object, if it is ours; the uid makes sure that it is the one we saw.
   *
   * @return whether it is gone, or was never ours
   */
  public boolean delete(HasMetadata desired) {
    remembered.remove(Place.of(desired));
    HasMetadata existing = client.resource(desired).get();
    if (existing == null || !ours(existing, desired)) {
      return true;
    }
    if (existing.getMetadata().getDeletionTimestamp() == null) {
      UidDelete.delete(client, existing);
    }
    return client.resource(desired).get() == null;
  }

  /** A connector is gone, and all that was made for it. */
  public void forget(String connectorUid) {
    forget(new Owner(connectorUid, Optional.empty()));
  }

  /** The same of one of its bridgeheads. */
  public void forget(String connectorUid, String bridgehead) {
    forget(new Owner(connectorUid, Optional.of(bridgehead)));
  }

  private void forget(Owner gone) {
    remembered.values().removeIf(memory -> memory.owner().within(gone));
  }

  /** Objects remembered. */
  int remembered() {
    return remembered.size();
  }

  /** Whether an object of that name exists and isn't ours. */
  public boolean stranger(HasMetadata desired) {
    HasMetadata existing = client.resource(desired).get();
    return existing != null && !ours(existing, desired);
  }

  private static <T extends HasMetadata> Change change(Optional<T> existing, T result) {
    if (existing.isEmpty()) {
      return Change.CREATED;
    }
    String before = existing.get().getMetadata().getResourceVersion();
    return before.equals(result.getMetadata().getResourceVersion()) ? Change.NONE : Change.CHANGED;
  }

  private static boolean ours(HasMetadata existing, HasMetadata desired) {
    Optional<String> uid = Labels.connectorUid(desired);
    return uid.isPresent() && Labels.connectorUid(existing).equals(uid);
  }
}
