package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;

/**
 * Lets a controller see changes of spec, annotations, labels, finalizers and the wish to delete;
 * not its own of the status. The framework's filter by generation would hide annotations, by which
 * people pause and force.
 *
 * @param <T> kind
 */
public final class MetadataCounts<T extends HasMetadata> implements OnUpdateFilter<T> {
  @Override
  public boolean accept(T now, T before) {
    ObjectMeta after = now.getMetadata();
    ObjectMeta earlier = before.getMetadata();
    return !Objects.equals(after.getGeneration(), earlier.getGeneration())
        || !Objects.equals(after.getAnnotations(), earlier.getAnnotations())
        || !Objects.equals(after.getLabels(), earlier.getLabels())
        || !Objects.equals(after.getFinalizers(), earlier.getFinalizers())
        || !Objects.equals(after.getDeletionTimestamp(), earlier.getDeletionTimestamp());
  }
}
