package dev.bridgehead.relay.sts;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Which fetches have failed lately, the most recent of them. Any thread may enter. */
final class Failures {
  /** RFC 8461 §3.3: no other attempt for five minutes or longer, by id. */
  static final Duration MEMORY = Duration.ofMinutes(5);

  static final int MOST = 4096;

  private final Map<String, Failed> failed =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failed> eldest) {
          return size() > MOST;
        }
      };

  private record Failed(String id, String text, Instant until) {}

  synchronized void met(String domain, String id, String text, Instant now) {
    failed.remove(domain);
    failed.put(domain, new Failed(id, text, now.plus(MEMORY)));
  }

  /** What failed lately about this version of a domain's policy. */
  synchronized Optional<String> recent(String domain, String id, Instant now) {
    return Optional.ofNullable(failed.get(domain))
        .filter(it -> it.id().equals(id) && now.isBefore(it.until()))
        .map(Failed::text);
  }

  synchronized void forget(String domain) {
    failed.remove(domain);
  }
}
