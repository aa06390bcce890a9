package dev.bridgehead.relay.routing;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Look-ups side by side: several slow ones take as long as the slowest. */
final class Parallel {
  private Parallel() {}

  static <T, R> List<R> map(List<T> inputs, Function<T, R> lookup) {
    if (inputs.size() == 1) {
      return List.of(lookup.apply(inputs.getFirst()));
    }
    List<CompletableFuture<R>> running =
        inputs.stream()
            .map(
                input ->
                    CompletableFuture.supplyAsync(
                        () -> lookup.apply(input), Thread::startVirtualThread))
            .toList();
    return running.stream().map(CompletableFuture::join).toList();
  }
}
