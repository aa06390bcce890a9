package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.operator.kube.UidDelete;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.Drain.Fate;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The claims of a bridgehead: grown, marked, kept or deleted. */
final class Volumes {
  private final KubernetesClient client;

  Volumes(KubernetesClient client) {
    this.client = client;
  }

  /** The claims as the API server has them now; a deletion must not trust a cache. */
  List<PersistentVolumeClaim> now(BridgeheadKey key) {
    return client
        .persistentVolumeClaims()
        .inNamespace(key.namespace())
        .withLabels(key.selector())
        .list()
        .getItems()
        .stream()
        .filter(claim -> key.claimOrdinal(claim.getMetadata().getName()).isPresent())
        .toList();
  }

  /**
   * Asks for more space where the spec does: a StatefulSet's claim templates can't change, claims
   * can grow.
   *
   * @return claims whose storage class refuses to
   */
  List<String> grow(List<PersistentVolumeClaim> claims, Quantity wanted) {
    List<String> refused = new ArrayList<>();
    for (PersistentVolumeClaim claim : claims) {
      Quantity asked = claim.getSpec().getResources().getRequests().get("storage");
      if (asked != null && asked.getNumericalAmount().compareTo(wanted.getNumericalAmount()) < 0) {
        String patch =
            """
            {"spec": {"resources": {"requests": {"storage": "%s"}}}}
            """
                .formatted(wanted);
        try {
          client.resource(claim).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
        } catch (KubernetesClientException e) {
          if (e.getCode() != HttpURLConnection.HTTP_FORBIDDEN && e.getCode() != 422) {
            throw e;
          }
          refused.add(claim.getMetadata().getName());
        }
      }
    }
    return refused;
  }

  /** By this a bridgehead's scale-downs sign what they decide; its deletion signs by its uid. */
  static String byScaleDown(Bridgehead bridgehead) {
    return bridgehead.getMetadata().getUid() + "/scale-down";
  }

  /**
   * Takes the marks of an earlier connector or scale-down off claims that are in use again.
   *
   * @param wanted pods
   */
  void takeUp(BridgeheadKey key, int wanted, List<PersistentVolumeClaim> claims) {
    for (PersistentVolumeClaim claim : claims) {
      boolean used = key.claimOrdinal(claim.getMetadata().getName()).orElse(wanted) < wanted;
      if (used && Labels.annotation(claim, Labels.RELEASED_BY).isPresent()) {
        annotate(claim.getMetadata().getNamespace(), claim.getMetadata().getName(), null, null);
      }
    }
  }

  /** Whether a claim was found empty by a decision with this signature, and still is there. */
  static boolean foundEmpty(PersistentVolumeClaim claim, String by) {
    return !claim.isMarkedForDeletion()
        && Labels.annotation(claim, Labels.RELEASED_BY).filter(by::equals).isPresent()
        && Labels.annotation(claim, Labels.QUEUED).filter("0"::equals).isPresent();
  }

  /** Deletes a claim, if it is still the one we saw. */
  void delete(PersistentVolumeClaim claim) {
    UidDelete.delete(client, claim);
  }

  /** Whether a deletion has decided about every claim. */
  static boolean decided(List<PersistentVolumeClaim> claims, String bridgeheadUid) {
    return claims.stream().allMatch(claim -> decided(claim, bridgeheadUid));
  }

  private static boolean decided(PersistentVolumeClaim claim, String bridgeheadUid) {
    return claim.isMarkedForDeletion()
        || Labels.annotation(claim, Labels.RELEASED_BY).filter(bridgeheadUid::equals).isPresent();
  }

  /** Writes a decision down, before the pods go: an operator that restarts must not decide anew. */
  void mark(BridgeheadKey key, String by, List<Fate> fates) {
    for (Fate fate : fates) {
      annotate(key.namespace(), fate.claim(), fate.keep() ? fate.queued() : "0", by);
    }
  }

  /**
   * Deletes claims that were found empty. One that appeared after the decision is kept.
   *
   * @return the claims that stay, each with the messages on it
   */
  List<String> settle(BridgeheadKey key, String bridgeheadUid) {
    List<String> kept = new ArrayList<>();
    for (PersistentVolumeClaim claim : now(key)) {
      String name = claim.getMetadata().getName();
      if (claim.isMarkedForDeletion()) {
        continue;
      }
      if (!decided(claim, bridgeheadUid)) {
        annotate(key.namespace(), name, "unknown", bridgeheadUid);
        kept.add(name + " (unknown)");
        continue;
      }
      String queued = Labels.annotation(claim, Labels.QUEUED).orElse("unknown");
      if (queued.equals("0")) {
        UidDelete.delete(client, claim);
      } else {
        kept.add(name + " (" + queued + ")");
      }
    }
    return kept;
  }

  private void annotate(
      String namespace, String claim, @Nullable String queued, @Nullable String releasedBy) {
    String patch =
        """
        {"metadata": {"annotations": {"%s": %s, "%s": %s}}}
        """
            .formatted(Labels.QUEUED, json(queued), Labels.RELEASED_BY, json(releasedBy));
    try {
      client
          .persistentVolumeClaims()
          .inNamespace(namespace)
          .withName(claim)
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    } catch (KubernetesClientException e) {
      if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) { // somebody deleted it meanwhile
        throw e;
      }
    }
  }

  private static String json(@Nullable String value) {
    return value == null ? "null" : "\"" + value + "\"";
  }
}
