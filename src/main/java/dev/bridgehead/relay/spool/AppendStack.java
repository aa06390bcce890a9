package dev.bridgehead.relay.spool;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Records that wait to be written: pushed by any thread, taken all at once, oldest first. */
final class AppendStack {
  private final AtomicReference<@Nullable Append> top = new AtomicReference<>();

  void push(Append append) {
    Append below;
    do {
      below = top.get();
      append.next = below;
    } while (!top.compareAndSet(below, append));
  }

  boolean isEmpty() {
    return top.get() == null;
  }

  List<Append> takeAll() {
    Append each = top.getAndSet(null);
    List<Append> taken = new ArrayList<>();
    while (each != null) {
      taken.add(each);
      each = each.next;
    }
    Collections.reverse(taken);
    return taken;
  }
}
