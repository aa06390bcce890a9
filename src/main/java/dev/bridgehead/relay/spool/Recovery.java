package dev.bridgehead.relay.spool;

import dev.bridgehead.relay.mail.QueueId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a start finds. Leftovers of intakes that were never answered with 250 go; a file that does
 * not hold what was written is set aside, said aloud, and keeps nobody from starting.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  private final Disk disk;
  private final Layout layout;

  Recovery(Disk disk, Layout layout) {
    this.disk = disk;
    this.layout = layout;
  }

  /**
   * A message found.
   *
   * @param octets of its file
   */
  record Found(StoredMessage message, long octets) {}

  /** Oldest first. */
  List<Found> run() throws IOException {
    for (Path folder : List.of(layout.incoming(), layout.messages(), layout.quarantine())) {
      disk.createFolder(folder);
    }
    for (Path leftover : disk.list(layout.incoming())) {
      disk.delete(leftover);
    }
    List<Found> found = new ArrayList<>();
    Set<String> states = new HashSet<>();
    for (Path file : disk.list(layout.messages())) {
      String name = file.getFileName().toString();
      if (name.endsWith(Layout.STATE)) {
        states.add(name);
      } else {
        message(file, name, found);
      }
    }
    for (Found each : found) {
      states.remove(each.message().id() + Layout.STATE);
    }
    for (String orphan : states) { // a crash between the removal of a message and of its state
      disk.delete(layout.messages().resolve(orphan));
    }
    return found;
  }

  private void message(Path file, String name, List<Found> found) throws IOException {
    try {
      if (!name.matches("[A-Z0-9]{12,24}\\" + Layout.MESSAGE)) {
        throw new DamagedFileException("its name is not that of a message");
      }
      QueueId id = new QueueId(name.substring(0, name.length() - Layout.MESSAGE.length()));
      MessageFile.Tail tail = MessageFile.read(disk, file);
      MessageState state = state(id, tail);
      found.add(
          new Found(new StoredMessage(id, tail.envelope(), tail.size(), state), disk.size(file)));
    } catch (DamagedFileException e) {
      setAside(file, e, "its message is not delivered");
    }
  }

  private MessageState state(QueueId id, MessageFile.Tail tail) throws IOException {
    Path file = layout.state(id);
    MessageState fresh = MessageState.fresh(tail.envelope());
    if (!disk.exists(file)) {
      return fresh;
    }
    try {
      MessageState state = StateFile.read(disk, file);
      int recipients = tail.envelope().recipients().size();
      if (state.open().stream()
          .anyMatch(group -> group.recipients().stream().anyMatch(it -> it >= recipients))) {
        throw new DamagedFileException("it names a recipient that the message doesn't have");
      }
      return state;
    } catch (DamagedFileException e) {
      setAside(file, e, "its message is delivered to all recipients, perhaps once more");
      return fresh;
    }
  }

  private void setAside(Path file, DamagedFileException why, String consequence)
      throws IOException {
    Path kept = layout.quarantine().resolve(file.getFileName());
    disk.rename(file, kept);
    LOG.error("{} is damaged ({}): set aside as {}; {}", file, why.getMessage(), kept, consequence);
  }
}
