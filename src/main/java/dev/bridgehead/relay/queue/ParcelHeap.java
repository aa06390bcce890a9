package dev.bridgehead.relay.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parcels of which the least is at hand, and any can be taken out: each knows its place, so that a
 * command that takes a message out does not search a million. A binary heap.
 */
final class ParcelHeap {
  private static final @Nullable Parcel[] EMPTY = {};

  private final Comparator<Parcel> order;
  private @Nullable Parcel[] heap = EMPTY;
  private int size;

  ParcelHeap(Comparator<Parcel> order) {
    this.order = order;
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @Nullable Parcel peek() {
    return size == 0 ? null : heap[0];
  }

  void add(Parcel parcel) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size == 0 ? 2 : size + (size >> 1) + 1);
    }
    size++;
    up(size - 1, parcel);
  }

  @Nullable Parcel poll() {
    Parcel least = peek();
    if (least != null) {
      remove(least);
    }
    return least;
  }

  /** All that is in here now, in no order. */
  List<Parcel> copy() {
    List<Parcel> all = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      all.add(at(i));
    }
    return all;
  }

  /** Takes out a parcel that is in here. */
  void remove(Parcel parcel) {
    int hole = parcel.position();
    if (hole >= size || heap[hole] != parcel) {
      throw new IllegalStateException("not in this heap");
    }
    size--;
    Parcel last = at(size);
    heap[size] = null;
    if (hole < size) {
      if (hole > 0 && order.compare(last, at((hole - 1) / 2)) < 0) {
        up(hole, last);
      } else {
        down(hole, last);
      }
    }
    shrink();
  }

  /** A backlog that was delivered gives its room back. */
  private void shrink() {
    if (size == 0) {
      heap = EMPTY;
    } else if (heap.length > 64 && size < heap.length / 4) {
      heap = Arrays.copyOf(heap, heap.length / 2);
    }
  }

  private Parcel at(int position) {
    return Objects.requireNonNull(heap[position]);
  }

  private void up(int from, Parcel parcel) {
    int position = from;
    while (position > 0) {
      Parcel parent = at((position - 1) / 2);
      if (order.compare(parcel, parent) >= 0) {
        break;
      }
      place(position, parent);
      position = (position - 1) / 2;
    }
    place(position, parcel);
  }

  private void down(int from, Parcel parcel) {
    int position = from;
    while (2 * position + 1 < size) {
      int child = 2 * position + 1;
      if (child + 1 < size && order.compare(at(child + 1), at(child)) < 0) {
        child++;
      }
      if (order.compare(parcel, at(child)) <= 0) {
        break;
      }
      place(position, at(child));
      position = child;
    }
    place(position, parcel);
  }

  private void place(int position, Parcel parcel) {
    heap[position] = parcel;
    parcel.position(position);
  }
}
