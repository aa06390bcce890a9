package dev.bridgehead.dns;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether name servers pass on what a validator needs. Where they once did, they are held to it:
 * who could make some packets vanish later on would else be rid of DNSSEC. Any thread.
 */
final class Ability {
  private static final Logger LOG = LoggerFactory.getLogger(Ability.class);

  static final Duration UNABLE_FOR = Duration.ofMinutes(1);

  private final Supplier<@Nullable String> look;
  private final InstantSource clock;
  private final AtomicReference<Found> found = new AtomicReference<>();

  /**
   * @param lack null where nothing is lacking
   */
  private record Found(@Nullable String lack, Instant when) {}

  /**
   * @param look gives what is lacking, null where nothing is
   */
  Ability(Supplier<@Nullable String> look, InstantSource clock) {
    this.look = look;
    this.clock = clock;
  }

  /** Why nothing can be validated, null where it can. */
  @Nullable String lack() {
    Found known = found.get();
    Instant now = clock.instant();
    if (known != null && (known.lack() == null || now.isBefore(known.when().plus(UNABLE_FOR)))) {
      return known.lack();
    }
    Found fresh = new Found(look.get(), now);
    if (found.getAndSet(fresh) == null && fresh.lack() != null) {
      LOG.warn("DNSSEC can't be used with these name servers: {}", fresh.lack());
    }
    return fresh.lack();
  }
}
