package dev.bridgehead.manifest;

import java.io.IOException;
import java.util.List;

/** A manifest that can't be used; the message is one or more lines, each fit to be printed. */
public final class ManifestException extends IOException {
  private static final long serialVersionUID = 1L;

  private final boolean unreadable;

  private ManifestException(List<String> lines, boolean unreadable) {
    super(String.join("\n", lines));
    this.unreadable = unreadable;
  }

  /** A file that is missing, or holds no YAML or JSON. */
  public static ManifestException unreadable(List<String> lines) {
    return new ManifestException(lines, true);
  }

  /** A manifest that was read, and says what can't be. */
  public static ManifestException refused(List<String> lines) {
    return new ManifestException(lines, false);
  }

  /** Whether the input could not even be read (exit code 2) rather than being refused (1). */
  public boolean isUnreadable() {
    return unreadable;
  }
}
