package dev.bridgehead.relay.handover;

import dev.bridgehead.relay.spool.Disk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The siblings that may have a message of which this relay doesn't know that it is gone, by their
 * names, in a file of the spool's folder. A name is on disk before anything is offered to its
 * owner. Any thread.
 */
final class OfferedTo {
  static final String FILE = "offered-to";

  private final Disk disk;
  private final Path folder;
  private final Set<String> names;

  /**
   * @param folder of the spool
   * @throws OfferedElsewhereException where one of them can't be asked
   * @throws IOException where the file can't be read: nothing may be delivered then
   */
  OfferedTo(Disk disk, Path folder) throws IOException {
    this.disk = disk;
    this.folder = folder;
    this.names = new TreeSet<>(read());
    for (String name : names) {
      if (Place.of(name).isEmpty()) {
        throw cantAsk(Set.of(name), "is no pod that can be asked");
      }
    }
  }

  /**
   * For a process that is no pod, and has no siblings to ask.
   *
   * @throws OfferedElsewhereException where any of them may have a message
   */
  void requireNobody() throws OfferedElsewhereException {
    if (!names.isEmpty()) {
      throw cantAsk(names, "may have messages that lie here too: start it as its pod (POD_NAME)");
    }
  }

  private OfferedElsewhereException cantAsk(Set<String> whom, String why) {
    return new OfferedElsewhereException(
        "%s: %s %s; or remove that file, and what they have is delivered from here as well (see"
                .formatted(file(), String.join(", ", whom), why)
            + " docs/draining.md)");
  }

  private Path file() {
    return folder.resolve(FILE);
  }

  private List<String> read() throws IOException {
    if (!disk.exists(file())) {
      return List.of();
    }
    try (InputStream in = disk.read(file(), 0)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return text.lines().filter(line -> !line.isBlank()).toList();
    }
  }

  synchronized Set<String> names() {
    return Set.copyOf(names);
  }

  /** Returns once it is on disk that something may be offered there. */
  synchronized void add(String name) throws IOException {
    if (!names.contains(name)) {
      Set<String> more = new TreeSet<>(names);
      more.add(name);
      write(more);
      names.add(name);
    }
  }

  /** Nothing is open with any of them. */
  synchronized void clear() throws IOException {
    if (!names.isEmpty()) {
      write(Set.of());
      names.clear();
    }
  }

  private void write(Set<String> all) throws IOException {
    byte[] octets =
        all.stream()
            .map(name -> name + "\n")
            .collect(Collectors.joining())
            .getBytes(StandardCharsets.UTF_8);
    Path next = folder.resolve(FILE + ".new");
    disk.delete(next);
    try (Disk.NewFile file = disk.create(next)) {
      file.write(octets, 0, octets.length);
      file.sync();
    }
    disk.rename(next, file());
    disk.syncFolder(folder);
  }
}
