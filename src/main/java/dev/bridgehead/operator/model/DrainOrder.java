package dev.bridgehead.operator.model;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * What a configuration says of draining.
 *
 * @param from pods of this ordinal and above drain; 0 while the bridgehead is being deleted
 * @param nonce of this very drain. One that was taken back and is asked for again must not have the
 *     same configuration: what a relay said in the first would count for the second, though it may
 *     have taken mail in between, or be about to
 */
public record DrainOrder(int from, String nonce) {
  /**
   * The order to give now.
   *
   * @param from empty where no pod drains
   * @param last what the configuration said until now: the same drain goes on under its nonce
   * @param nonce makes a new one
   */
  public static Optional<DrainOrder> next(
      OptionalInt from, Optional<DrainOrder> last, Supplier<String> nonce) {
    if (from.isEmpty()) {
      return Optional.empty();
    }
    return last.filter(order -> order.from() == from.getAsInt())
        .or(() -> Optional.of(new DrainOrder(from.getAsInt(), nonce.get())));
  }
}
