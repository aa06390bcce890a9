package dev.bridgehead.relay.spool;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes through a segment and tells what is sound, what is damaged, and what a crash tore. A bad
 * place at the end of the newest segment, behind every position that any batch knew to be on disk,
 * is torn: nobody was told that it is there. Any other is damage.
 */
final class SegmentScan {
  private final SegmentText text;
  private final boolean newest;
  private final boolean recycled;
  private final SidecarForm.Each each;
  private final List<Entry> rotten = new ArrayList<>();
  private final List<Part> damaged = new ArrayList<>();
  private int durable;

  /** Octets of a segment. */
  record Part(int from, int to) {}

  /**
   * What was found.
   *
   * @param end behind the last sound batch; for all but the newest, the limit
   * @param torn what a crash left behind the end, null where nothing
   */
  record Found(int end, List<Part> damaged, @Nullable Part torn) {}

  /**
   * @param newest no segment follows: its end is still to be found
   * @param recycled old octets may follow the end
   */
  SegmentScan(SegmentText text, boolean newest, boolean recycled, SidecarForm.Each each) {
    this.text = text;
    this.newest = newest;
    this.recycled = recycled;
    this.each = each;
  }

  Found run() throws IOException {
    int offset = SegmentHeader.OCTETS;
    while (offset < text.limit()) {
      BatchHeader batch = text.batch(offset);
      if (batch != null) {
        List<Entry> entries = new ArrayList<>();
        List<Part> bad = new ArrayList<>();
        records(offset, batch, entries, bad);
        durable = Math.max(durable, batch.durable());
        if (bad.isEmpty() || !newest || knownDurable(offset)) {
          damaged.addAll(bad);
          deliver(entries);
          offset = batch.end(offset);
          continue;
        }
      } else if (!newest || knownDurable(offset)) {
        offset = salvage(offset);
        continue;
      }
      return new Found(offset, damaged, torn(offset));
    }
    return new Found(Math.min(offset, text.limit()), damaged, null);
  }

  /** Records of known damage in nothing but their contents. */
  List<Entry> rotten() {
    return rotten;
  }

  private void deliver(List<Entry> entries) throws IOException {
    for (Entry entry : entries) {
      each.entry(entry);
    }
  }

  /** Whether a batch behind says that what lies here was on disk. */
  private boolean knownDurable(int offset) throws IOException {
    if (durable <= offset) {
      durable = Math.max(durable, text.durable(offset + 1));
    }
    return durable > offset;
  }

  private void records(int offset, BatchHeader batch, List<Entry> good, List<Part> bad)
      throws IOException {
    int at = offset + BatchHeader.OCTETS;
    int end = at + batch.length();
    while (at < end) {
      Entry entry = text.entry(at, end);
      if (entry == null) {
        bad.add(new Part(at, end));
        return;
      }
      if (text.sound(entry)) {
        good.add(entry);
      } else {
        bad.add(new Part(at, at + entry.length()));
        rotten.add(entry);
      }
      at += entry.length();
    }
  }

  /** A header is damaged: its records may be sound. Returns where the next batch may begin. */
  private int salvage(int offset) throws IOException {
    int at = offset + BatchHeader.OCTETS;
    damaged.add(new Part(offset, Math.min(at, text.limit())));
    int next = text.nextBatch(offset + 1);
    int end = next < 0 ? text.limit() : next;
    while (at < end) {
      Entry entry = text.entry(at, end);
      if (entry == null) {
        break;
      }
      if (text.sound(entry)) {
        each.entry(entry);
      } else {
        damaged.add(new Part(at, at + entry.length()));
        rotten.add(entry);
      }
      at += entry.length();
    }
    if (BatchHeader.aligned(at) < end) {
      damaged.add(new Part(at, end));
    }
    return end;
  }

  private @Nullable Part torn(int offset) throws IOException {
    int last = offset;
    for (int at = text.nextBatch(offset); at >= 0; at = text.nextBatch(at + 1)) {
      BatchHeader batch = text.batch(at);
      last = batch == null ? last : Math.min(text.limit(), batch.end(at));
    }
    if (last == offset && text.begun(offset)) {
      last = Math.min(text.limit(), offset + (64 << 10));
    }
    if (!recycled) {
      last = Math.max(last, text.lastNonZero(offset));
    }
    return last == offset ? null : new Part(offset, last);
  }
}
