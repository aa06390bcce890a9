package dev.bridgehead.relay.config;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The configuration in force. Every room reads it anew for each decision, so that a change needs no
 * restart. May be used by any thread; changes come from one.
 */
public final class CurrentConfig implements Supplier<RelayConfig> {
  /** Is told of a change, on the thread that made it. */
  @FunctionalInterface
  public interface ChangeListener {
    void changed(RelayConfig before, RelayConfig now);
  }

  private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
  private volatile RelayConfig config;

  public CurrentConfig(RelayConfig config) {
    this.config = config;
  }

  @Override
  public RelayConfig get() {
    return config;
  }

  public void set(RelayConfig next) {
    RelayConfig before = config;
    config = next;
    listeners.forEach(listener -> listener.changed(before, next));
  }

  public void onChange(ChangeListener listener) {
    listeners.add(listener);
  }
}
