package dev.bridgehead.operator.bridgehead;

import dev.bridgehead.api.Bridgehead;
import dev.bridgehead.operator.kube.Refusals;
import dev.bridgehead.operator.kube.UidDelete;
import dev.bridgehead.operator.model.BridgeheadKey;
import dev.bridgehead.operator.model.Drain.Fate;
import dev.bridgehead.operator.model.Labels;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The claims of a bridgehead: marked, kept or deleted. */
final class Volumes {
  /** What stands on a claim where there is no mail, or where nobody can say. */
  private static final String NONE = "0";

  private static final String UNKNOWN = "unknown";

  private final KubernetesClient client;

  Volumes(KubernetesClient client) {
    this.client = client;
  }

  /**
   * The claims as the API server has them now; a deletion must not trust a cache. A pod finds its
   * claim by its name: one that lost its labels is still where the pod's mail is.
   *
   * @param standing pods whose claims are looked for by name as well
   */
  List<PersistentVolumeClaim> now(BridgeheadKey key, int standing) {
    List<PersistentVolumeClaim> claims = new ArrayList<>();
    client
        .persistentVolumeClaims()
        .inNamespace(key.namespace())
        .withLabels(key.selector())
        .list()
        .getItems()
        .stream()
        .filter(claim -> key.claimOrdinal(claim.getMetadata().getName()).isPresent())
        .forEach(claims::add);
    for (int ordinal = 0; ordinal < standing; ordinal++) {
      if (named(claims, key.claimName(ordinal)).isEmpty()) {
        PersistentVolumeClaim claim =
            client
                .persistentVolumeClaims()
                .inNamespace(key.namespace())
                .withName(key.claimName(ordinal))
                .get();
        if (claim != null) {
          claims.add(claim);
        }
      }
    }
    return claims;
  }

  private static Optional<PersistentVolumeClaim> named(
      List<PersistentVolumeClaim> claims, String name) {
    return claims.stream().filter(claim -> claim.getMetadata().getName().equals(name)).findFirst();
  }

  /** Whether it carries the bridgehead's labels; one that lost them is never deleted. */
  private static boolean labelled(BridgeheadKey key, PersistentVolumeClaim claim) {
    return key.selector().entrySet().stream()
        .allMatch(
            label ->
                Labels.label(claim, label.getKey()).filter(label.getValue()::equals).isPresent());
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
        annotate(claim, null, null);
      }
    }
  }

  /**
   * Claims of pods that a smaller number of replicas left without a pod.
   *
   * @param claims of the bridgehead
   */
  static List<String> beyond(
      Bridgehead bridgehead, Optional<StatefulSet> set, List<PersistentVolumeClaim> claims) {
    BridgeheadKey key = BridgeheadKey.of(bridgehead);
    int standing =
        Math.max(
            bridgehead.getSpec().replicasOrDefault(),
            set.map(it -> it.getSpec().getReplicas()).orElse(0));
    return claims.stream()
        .filter(claim -> !foundEmpty(claim, byScaleDown(bridgehead)))
        .filter(claim -> !claim.isMarkedForDeletion())
        .map(claim -> claim.getMetadata().getName())
        .filter(name -> key.claimOrdinal(name).orElse(0) >= standing)
        .toList();
  }

  /** Whether a claim was found empty by a decision with this signature, and still is there. */
  static boolean foundEmpty(PersistentVolumeClaim claim, String by) {
    return !claim.isMarkedForDeletion()
        && signed(claim, by)
        && Labels.annotation(claim, Labels.QUEUED).filter(NONE::equals).isPresent();
  }

  private static boolean signed(PersistentVolumeClaim claim, String by) {
    return Labels.annotation(claim, Labels.RELEASED_BY).filter(by::equals).isPresent();
  }

  /**
   * Deletes a claim, if it is still as we saw it: it may have been in use again since it was found
   * empty, and a cache need not know.
   *
   * @param pod that used it: where one of that name is there after all, the claim stays
   */
  void delete(PersistentVolumeClaim claim, String pod) {
    String namespace = claim.getMetadata().getNamespace();
    if (client.pods().inNamespace(namespace).withName(pod).get() == null) {
      UidDelete.unchanged(client, claim);
    }
  }

  /**
   * Whether a deletion has decided about every claim. One that somebody deletes stays for as long
   * as its pod does: until then its mail can be delivered, and only until then.
   */
  static boolean decided(List<PersistentVolumeClaim> claims, String bridgeheadUid) {
    return claims.stream().allMatch(claim -> signed(claim, bridgeheadUid));
  }

  /**
   * Writes a decision down, before the pods go: an operator that restarts must not decide anew. A
   * figure stays where the same decision is made again and nobody can say any more; but not that
   * there is none: a claim would be deleted for it.
   *
   * @param claims those that were decided about
   */
  void mark(String by, List<Fate> fates, List<PersistentVolumeClaim> claims) {
    for (Fate fate : fates) {
      named(claims, fate.claim())
          .filter(claim -> !fate.queued().equals(UNKNOWN) || !signed(claim, by) || !counted(claim))
          .ifPresent(claim -> annotate(claim, fate.keep() ? fate.queued() : NONE, by));
    }
  }

  private static boolean counted(PersistentVolumeClaim claim) {
    return Labels.annotation(claim, Labels.QUEUED)
        .filter(queued -> !queued.equals(NONE) && !queued.equals(UNKNOWN))
        .isPresent();
  }

  /**
   * Deletes claims that were found empty. One that appeared after the decision is kept, and so is
   * one that lost its labels: somebody made it theirs.
   *
   * @param standing pods whose claims are looked for by name as well
   * @return the claims that stay, each with the messages on it
   */
  List<String> settle(BridgeheadKey key, String bridgeheadUid, int standing) {
    List<String> kept = new ArrayList<>();
    for (PersistentVolumeClaim claim : now(key, standing)) {
      String name = claim.getMetadata().getName();
      if (claim.isMarkedForDeletion()) {
        continue;
      }
      if (!signed(claim, bridgeheadUid)) {
        annotate(claim, UNKNOWN, bridgeheadUid);
        kept.add(name + " (" + UNKNOWN + ")");
        continue;
      }
      String queued = Labels.annotation(claim, Labels.QUEUED).orElse(UNKNOWN);
      if (queued.equals(NONE)) {
        if (labelled(key, claim)) {
          UidDelete.delete(client, claim);
        }
      } else {
        kept.add(name + " (" + queued + ")");
      }
    }
    return kept;
  }

  private void annotate(
      PersistentVolumeClaim seen, @Nullable String queued, @Nullable String releasedBy) {
    String patch =
        """
        {"metadata": {"uid": "%s", "annotations": {"%s": %s, "%s": %s}}}
        """
            .formatted(
                seen.getMetadata().getUid(),
                Labels.QUEUED,
                json(queued),
                Labels.RELEASED_BY,
                json(releasedBy));
    try {
      client
          .persistentVolumeClaims()
          .inNamespace(seen.getMetadata().getNamespace())
          .withName(seen.getMetadata().getName())
          .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    } catch (KubernetesClientException e) {
      if (!Refusals.replaced(e)) {
        throw e;
      }
    }
  }

  private static String json(@Nullable String value) {
    return value == null ? "null" : "\"" + value + "\"";
  }
}
