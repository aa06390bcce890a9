package dev.bridgehead.testbed;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a tier needs of the machine. Where it isn't there the test is skipped, with the reason in
 * the output; with {@code CI=true} it fails, since a tier that silently doesn't run proves nothing.
 */
public final class Tier {
  private static final Logger log = LoggerFactory.getLogger(Tier.class);

  private Tier() {}

  /** Ends the test as skipped, or as failed with {@code CI=true}. */
  public static AssertionError skip(String reason) {
    if ("true".equals(System.getenv("CI"))) {
      return Assertions.fail("cannot run here, and with CI=true that is a failure: " + reason);
    }
    log.warn("skipped: {}", reason);
    return Assumptions.abort(reason);
  }

  /** Network namespaces, mounts and cgroups need root on Linux. */
  public static void requireRoot(String what) {
    if (!Files.isDirectory(Path.of("/proc/self/ns"))) {
      throw skip(what + " needs Linux");
    }
    if (!"root".equals(System.getProperty("user.name"))) {
      throw skip(what + " needs root");
    }
  }
}
