package dev.bridgehead.relay.config;

import dev.bridgehead.manifest.ManifestException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes changes of the mounted folder over, on a thread of its own. It reads the file every second:
 * some kilobytes, and no file system event that a bind mount could swallow. What can't be used is
 * said once, and the last good configuration stays in force.
 */
public final class ConfigWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final ConfigFolder folder;
  private final CurrentConfig config;
  private final Counter rejected;
  private final Thread thread;
  private String seen;

  /** Starts watching. */
  public ConfigWatch(ConfigFolder folder, CurrentConfig config, MeterRegistry metrics) {
    this.folder = folder;
    this.config = config;
    this.seen = config.get().identity().hash();
    this.rejected =
        Counter.builder("bridgehead.configs.rejected")
            .description("Configurations that could not be used; the one before stays in force")
            .register(metrics);
    this.thread = Thread.ofVirtual().name("config-watch").unstarted(this::watch);
    thread.start();
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(INTERVAL);
        look();
      }
    } catch (InterruptedException e) {
      LOG.debug("no longer watching the configuration");
    }
  }

  /** Looks once. */
  synchronized void look() {
    String hash = "";
    try {
      ConfigFolder.Version version = folder.version();
      hash = version.hash();
      if (!hash.equals(seen)) {
        config.set(folder.parse(version));
        seen = hash;
      }
    } catch (ManifestException e) {
      reject(hash, e.getMessage());
    } catch (RuntimeException e) { // a defect of ours must not end the watch
      LOG.error("the configuration can't be taken over", e);
      seen = hash;
    }
  }

  private void reject(String hash, @Nullable String why) {
    if (!hash.equals(seen)) {
      rejected.increment();
      LOG.error(
          "the new configuration can't be used, the one before stays in force: {}",
          String.valueOf(why).replace("\n", "; "));
      seen = hash;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
