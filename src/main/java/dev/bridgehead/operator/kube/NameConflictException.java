package dev.bridgehead.operator.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** An object that we would make exists, and isn't ours. */
public final class NameConflictException extends Exception {
  private static final long serialVersionUID = 1L;

  NameConflictException(HasMetadata stranger) {
    super(
        stranger.getKind()
            + " "
            + stranger.getMetadata().getName()
            + " exists and was not made for this connector; rename one of them, or delete it");
  }
}
