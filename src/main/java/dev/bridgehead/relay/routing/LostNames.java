package dev.bridgehead.relay.routing;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Smart hosts that could not be found when last looked up, for the status. For as long as nobody
 * looks again: the next attempt may be an hour away. Any thread may enter.
 */
final class LostNames {
  private final Map<String, String> lost = new ConcurrentHashMap<>();

  void lost(String name, String text) {
    lost.put(name, text);
  }

  void found(String name) {
    lost.remove(name);
  }

  /**
   * @param names those that still count
   * @return a line each
   */
  List<String> of(List<String> names) {
    lost.keySet().retainAll(names);
    return lost.values().stream().sorted().toList();
  }
}
