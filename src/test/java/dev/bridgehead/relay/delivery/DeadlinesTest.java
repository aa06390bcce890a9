package dev.bridgehead.relay.delivery;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  @Test
  void goesOnAfterOneCannotBeEnded() {
    AtomicInteger thrown = new AtomicInteger();
    AtomicInteger calls = new AtomicInteger();
    Deadlines.Timed broken =
        _ -> {
          thrown.incrementAndGet();
          throw new StackOverflowError("as a close that fails");
        };
    List<Deadlines.Timed> others =
        Stream.generate(() -> (Deadlines.Timed) _ -> calls.incrementAndGet()).limit(8).toList();
    Deadlines.SHARED.add(broken);
    others.forEach(Deadlines.SHARED::add);
    try {
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> thrown.get() >= 3 && calls.get() >= 3 * others.size());
    } finally {
      Deadlines.SHARED.remove(broken);
      others.forEach(Deadlines.SHARED::remove);
    }
  }
}
